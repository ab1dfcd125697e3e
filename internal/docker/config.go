package docker

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Config is what a Client is made of. Its settings are those of Terraform's
// Docker provider and of the Docker CLI.
type Config struct {
	// Host is the address of the engine: unix://, npipe://, tcp://, http://,
	// https:// or ssh://. Empty means the local one.
	Host string
	// Context is a context of the Docker CLI. It goes before Host.
	Context string
	// SSHOpts are further arguments of ssh.
	SSHOpts []string
	// CertPath is a folder with ca.pem, cert.pem and key.pem.
	CertPath string
	// CAMaterial, CertMaterial and KeyMaterial are the same as PEM.
	CAMaterial   string
	CertMaterial string
	KeyMaterial  secret.Text
	// TLSVerify demands TLS of tcp:// where nothing else does. TLS always
	// verifies the engine, except by a context that says otherwise.
	TLSVerify bool
	// RegistryAuth is the credentials for registries.
	RegistryAuth []RegistryAuth
	// ConfigDir is the Docker CLI's folder; empty means ~/.docker. It may
	// also be the path of a config.json.
	ConfigDir string

	// UserAgent names the program to the engine.
	UserAgent string
}

// RegistryAuth is the credentials for one registry: a name and a password, or
// a file of the Docker CLI that has them. With neither it is the Docker CLI's
// own file.
type RegistryAuth struct {
	Address  string
	Username string
	Password secret.Text
	// ConfigFile is the path of a config.json, ConfigFileContent is one.
	ConfigFile        string
	ConfigFileContent secret.Text
	// AuthDisabled goes to the registry without credentials.
	AuthDisabled bool
}

// Problem is something wrong with settings that shows without connecting.
type Problem struct {
	// Arguments are the settings at fault, by their names in the provider
	// block. The first is where to look first.
	Arguments []string
	// Text is a sentence without a secret.
	Text string
}

// Problems is all that is wrong.
type Problems []Problem

// Error implements error.
func (p Problems) Error() string {
	texts := make([]string, 0, len(p))
	for _, problem := range p {
		texts = append(texts, strings.Join(problem.Arguments, ", ")+": "+problem.Text)
	}
	return strings.Join(texts, " ")
}

// At is the same for another engine. A context is left out, and with it its
// certificates, which are for the context's own engine.
func (c Config) At(host string) Config {
	c.Host, c.Context = host, ""
	return c
}

// Check tells what is wrong with the settings, as far as they show it
// themselves.
func (c Config) Check() Problems {
	var problems Problems
	add := func(text string, arguments ...string) {
		problems = append(problems, Problem{Arguments: arguments, Text: text})
	}
	// With a context, the host counts for nothing.
	if c.Host != "" && !c.hasContext() {
		address, err := parseHost(c.Host)
		switch {
		case err != nil:
			add(sentence(err), "host")
		case address.Scheme == "http" && c.material().any():
			add("http:// is without encryption, and there are certificates; write tcp:// or https://.",
				append([]string{"host"}, c.material().arguments()...)...)
		}
	}
	for _, material := range []struct{ argument, value string }{
		{"ca_material", c.CAMaterial}, {"cert_material", c.CertMaterial}, {"key_material", string(c.KeyMaterial)},
	} {
		if material.value != "" && c.CertPath != "" {
			add("They are two ways to give certificates; set only one of them.", material.argument, "cert_path")
		}
	}
	if _, err := c.material().config(false); err != nil {
		problems = append(problems, asProblem(err))
	}
	for i, entry := range c.RegistryAuth {
		entry.check(func(text string, arguments ...string) {
			for n := range arguments {
				arguments[n] = "registry_auth." + strconv.Itoa(i) + "." + arguments[n]
			}
			add(text, arguments...)
		})
	}
	return problems
}

func (r RegistryAuth) check(add func(text string, arguments ...string)) {
	if registryOf(r.Address) == "" {
		add("It names no registry, such as docker.io or registry.example.com:5000.", "address")
	}
	if r.AuthDisabled {
		return
	}
	switch {
	case r.Username != "" && r.Password == "":
		add("It needs password.", "username")
	case r.Password != "" && r.Username == "":
		add("It needs username.", "password")
	}
	var sources []string
	for _, source := range []struct {
		argument string
		set      bool
	}{{"username", r.Username != ""}, {"config_file", r.ConfigFile != ""}, {"config_file_content", r.ConfigFileContent != ""}} {
		if source.set {
			sources = append(sources, source.argument)
		}
	}
	if len(sources) > 1 {
		add("They are different ways to give credentials; set only one of them.", sources...)
	}
	if r.ConfigFileContent != "" {
		if _, err := parseConfigFile([]byte(r.ConfigFileContent)); err != nil {
			add(sentence(err), "config_file_content")
		}
	}
}

// hasContext tells whether a context of the Docker CLI decides. The one called
// default stands for none, there as here.
func (c Config) hasContext() bool { return c.Context != "" && c.Context != "default" }

// plainWord is what names of users and hosts are made of that go into the
// command line of ssh, which hands parts of it to shells.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.@%+:-]+$`)

// parseHost reads the address of an engine.
func parseHost(host string) (*url.URL, error) {
	scheme, rest, found := strings.Cut(host, "://")
	if !found {
		return nil, fmt.Errorf("it has no scheme; it must be an address such as unix:///var/run/docker.sock, tcp://docker.example.com:2376 or ssh://user@docker.example.com")
	}
	switch scheme {
	case "unix", "npipe":
		if scheme == "npipe" && runtime.GOOS != "windows" {
			return nil, fmt.Errorf("npipe:// is for Windows")
		}
		if rest == "" {
			return nil, fmt.Errorf("there is no path in it")
		}
		return &url.URL{Scheme: scheme, Path: rest}, nil
	case "tcp", "http", "https", "ssh":
	default:
		return nil, fmt.Errorf("its scheme is %q, and must be unix, npipe, tcp, http, https or ssh", scheme)
	}
	address, err := url.Parse(host)
	if err != nil {
		// The error repeats the address, which may hold credentials.
		return nil, fmt.Errorf("it is no address such as %s://docker.example.com", scheme)
	}
	_, hasPassword := address.User.Password()
	switch {
	case hasPassword, address.User != nil && scheme != "ssh":
		return nil, fmt.Errorf("it holds credentials, which have no place in it")
	case address.Hostname() == "":
		return nil, fmt.Errorf("there is no host in it")
	case address.RawQuery != "" || address.Fragment != "":
		return nil, fmt.Errorf("it must end with the path, without %q and %q", "?", "#")
	case scheme == "ssh" && (!plainWord.MatchString(address.Hostname()) || address.User != nil && !plainWord.MatchString(address.User.Username())):
		return nil, fmt.Errorf("there are characters in its user or host that ssh gives a meaning of their own")
	}
	return address, nil
}

// cliFiles is where the Docker CLI keeps its things, and its config.json.
func cliFiles(configDir string) (folder, config string, err error) {
	if configDir == "" {
		configDir = filepath.Join("~", ".docker")
	}
	folder, err = expandHome(configDir)
	if err != nil {
		return "", "", err
	}
	// To the Docker CLI it is a folder, to Terraform's Docker provider a file.
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return filepath.Dir(folder), folder, nil
	}
	return folder, filepath.Join(folder, "config.json"), nil
}

// expandHome replaces a ~ at the beginning.
func expandHome(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") && !strings.HasPrefix(path, `~\`) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s has no meaning here: %w", path, err)
	}
	return filepath.Join(home, path[1:]), nil
}

// sentence is an error as a sentence of its own.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
