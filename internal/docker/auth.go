package docker

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Auth gives the credentials for pulling an image, as the engine wants them
// with the request (X-Registry-Auth). It is empty where there are none, which
// means to pull anonymously.
//
// They are those of the registry's entry in the settings, and for a registry
// without one those that "docker login" has stored.
func (c *Client) Auth(image string) (string, error) {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "", fmt.Errorf("%q is no name of an image: %w", image, err)
	}
	domain := reference.Domain(named)
	found, err := c.registries.lookup(domain)
	if err != nil {
		return "", fmt.Errorf("finding the credentials for %s: %w", domain, err)
	}
	if found == (registry.AuthConfig{}) {
		return "", nil
	}
	found.ServerAddress = serverAddress(domain)
	return authconfig.Encode(found)
}

// registries finds credentials.
type registries struct {
	entries []RegistryAuth
	folder  string
}

func (r registries) lookup(domain string) (registry.AuthConfig, error) {
	for _, entry := range r.entries {
		if registryOf(entry.Address) == domain {
			return r.entry(entry, domain)
		}
	}
	return r.stored(domain)
}

func (r registries) entry(entry RegistryAuth, domain string) (registry.AuthConfig, error) {
	switch {
	case entry.AuthDisabled:
		return registry.AuthConfig{}, nil
	case entry.Username != "":
		return registry.AuthConfig{Username: entry.Username, Password: string(entry.Password)}, nil
	case entry.ConfigFileContent != "":
		file, err := parseConfigFile([]byte(entry.ConfigFileContent))
		if err != nil {
			return registry.AuthConfig{}, fmt.Errorf("config_file_content: %w", err)
		}
		return file.lookup(domain)
	case entry.ConfigFile != "":
		path, err := expandHome(entry.ConfigFile)
		if err != nil {
			return registry.AuthConfig{}, err
		}
		file, err := readConfigFile(path)
		if err != nil {
			return registry.AuthConfig{}, err
		}
		return file.lookup(domain)
	default:
		return r.stored(domain)
	}
}

// stored looks into the Docker CLI's own file, which needn't be there. Nor
// need the helper that it names, since it may have been copied from another
// machine: the Docker CLI pulls anonymously then.
func (r registries) stored(domain string) (registry.AuthConfig, error) {
	_, path, err := cliFiles(r.folder)
	if err != nil {
		return registry.AuthConfig{}, nil //nolint:nilerr // Without a home nothing is stored in it, and an image may be public.
	}
	file, err := readConfigFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return registry.AuthConfig{}, nil
	}
	if err != nil {
		return registry.AuthConfig{}, err
	}
	found, err := file.lookup(domain)
	if errors.Is(err, exec.ErrNotFound) {
		return registry.AuthConfig{}, nil
	}
	return found, err
}

// hub is what images are named by that have no registry in their names.
const hub = "docker.io"

// registryOf is the registry that an address means, as images name it.
func registryOf(address string) string {
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	host, _, _ := strings.Cut(address, "/")
	switch host = strings.ToLower(strings.TrimSpace(host)); host {
	case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com":
		return hub
	default:
		return host
	}
}

// serverAddress is what the Docker CLI calls a registry in its files and to
// its helpers.
func serverAddress(domain string) string {
	if domain == hub {
		return "https://index.docker.io/v1/"
	}
	return domain
}

// configFile is what the Docker CLI's config.json says about credentials.
type configFile struct {
	Auths       map[string]storedAuth `json:"auths"`
	CredsStore  string                `json:"credsStore"`
	CredHelpers map[string]string     `json:"credHelpers"`
}

type storedAuth struct {
	// Auth is name:password in base64.
	Auth          secret.Text `json:"auth"`
	Username      string      `json:"username"`
	Password      secret.Text `json:"password"`
	IdentityToken secret.Text `json:"identitytoken"`
	RegistryToken secret.Text `json:"registrytoken"`
}

func readConfigFile(path string) (configFile, error) {
	content, err := os.ReadFile(path) //nolint:gosec // The user names the file.
	if err != nil {
		return configFile{}, err
	}
	file, err := parseConfigFile(content)
	if err != nil {
		return configFile{}, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// errNoConfigFile says no more, since the reason would repeat what is in it.
var errNoConfigFile = errors.New("it is no config.json of the Docker CLI")

func parseConfigFile(content []byte) (configFile, error) {
	var file configFile
	if err := json.Unmarshal(content, &file); err != nil {
		return configFile{}, errNoConfigFile
	}
	return file, nil
}

// lookup asks the registry's helper, else the one for all, and then looks into
// the file itself.
func (f configFile) lookup(domain string) (registry.AuthConfig, error) {
	helper := f.CredsStore
	if own, found := byRegistry(f.CredHelpers, domain); found {
		helper = own
	}
	if helper != "" {
		found, err := askHelper(helper, serverAddress(domain))
		if err != nil || found != (registry.AuthConfig{}) {
			return found, err
		}
	}
	stored, _ := byRegistry(f.Auths, domain)
	return stored.credentials()
}

// byRegistry finds an entry, under its exact name if there is one, since
// older files hold registries as addresses.
func byRegistry[V any](entries map[string]V, domain string) (V, bool) {
	if entry, found := entries[serverAddress(domain)]; found {
		return entry, true
	}
	if entry, found := entries[domain]; found {
		return entry, true
	}
	for address, entry := range entries {
		if registryOf(address) == domain {
			return entry, true
		}
	}
	var none V
	return none, false
}

func (s storedAuth) credentials() (registry.AuthConfig, error) {
	username, password := s.Username, string(s.Password)
	if s.Auth != "" {
		decoded, err := base64.StdEncoding.DecodeString(string(s.Auth))
		name, rest, found := strings.Cut(string(decoded), ":")
		if err != nil || !found {
			return registry.AuthConfig{}, errors.New("\"auth\" in config.json is not base64 of a name, a colon and a password")
		}
		username, password = name, strings.Trim(rest, "\x00")
	}
	return registry.AuthConfig{
		Username:      username,
		Password:      password,
		IdentityToken: string(s.IdentityToken),
		RegistryToken: string(s.RegistryToken),
	}, nil
}
