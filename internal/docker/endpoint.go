package docker

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/moby/moby/client"
)

// endpoint is an engine and the way to it.
type endpoint struct {
	// host is the address, with no credentials in it.
	host string
	// tls is nil where there is no encryption, or where ssh does it.
	tls *tls.Config
	// ssh is nil unless the way is a tunnel.
	ssh *tunnelTo
}

// The ports of an engine, for addresses without one.
const (
	plainPort = "2375"
	tlsPort   = "2376"
)

// endpoint finds the engine: the context's, else the host's, else the local
// one.
func (c Config) endpoint() (endpoint, error) {
	argument, host, skipVerify := "host", c.Host, false
	certificates, err := c.certificates()
	if err != nil {
		return endpoint{}, err
	}
	if c.hasContext() {
		context, err := readContext(c.ConfigDir, c.Context)
		if err != nil {
			return endpoint{}, Problems{{Arguments: []string{"context"}, Text: sentence(err)}}
		}
		argument, host = "context", context.host
		// What is set here goes before what the context brings.
		if !certificates.any() {
			certificates, skipVerify = context.certificates, context.skipVerify && !c.TLSVerify
		}
	}
	if host == "" {
		host = client.DefaultDockerHost
	}
	address, err := parseHost(host)
	if err != nil {
		return endpoint{}, Problems{{Arguments: []string{argument}, Text: fmt.Sprintf("The address is of no use: %s.", err)}}
	}
	switch address.Scheme {
	case "unix", "npipe":
		return endpoint{host: host}, nil
	case "ssh":
		return endpoint{host: address.Redacted(), ssh: newTunnelTo(address, c.SSHOpts)}, nil
	default:
		return overTCP(address, certificates, c.TLSVerify, skipVerify)
	}
}

// overTCP decides about encryption: https:// has it, http:// has none, and
// tcp:// has it where something asks for it.
func overTCP(address *url.URL, certificates material, verify, skipVerify bool) (endpoint, error) {
	encrypted := address.Scheme == "https" || certificates.any() || verify || skipVerify
	if encrypted && address.Scheme == "http" {
		return endpoint{}, Problems{{
			Arguments: []string{"host"},
			Text:      "http:// is without encryption, which certificates or DOCKER_TLS_VERIFY ask for; write tcp:// or https://.",
		}}
	}
	if address.Port() == "" {
		address.Host = net.JoinHostPort(address.Hostname(), defaultPort(address.Scheme, encrypted))
	}
	// The client tells http from https by the settings for TLS, and takes no
	// path but after tcp://.
	address.Scheme = "tcp"
	found := endpoint{host: address.String()}
	if encrypted {
		var err error
		if found.tls, err = certificates.config(skipVerify); err != nil {
			return endpoint{}, Problems{asProblem(err)}
		}
	}
	return found, nil
}

func defaultPort(scheme string, encrypted bool) string {
	switch {
	case scheme == "https":
		return "443"
	case scheme == "http":
		return "80"
	case encrypted:
		return tlsPort
	default:
		return plainPort
	}
}

// cliContext is what a context of the Docker CLI says about its engine.
type cliContext struct {
	host         string
	skipVerify   bool
	certificates material
}

// readContext reads a context from where "docker context create" puts it: a
// file below contexts/meta, and certificates below contexts/tls, in folders
// named by the hash of its name.
func readContext(configDir, name string) (cliContext, error) {
	root, _, err := cliFiles(configDir)
	if err != nil {
		return cliContext{}, fmt.Errorf("the folder of the Docker CLI isn't known: %w", err)
	}
	hash := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(hash[:])
	file := filepath.Join(root, "contexts", "meta", id, "meta.json")
	content, err := os.ReadFile(file) //nolint:gosec // The folder is the user's, the name is a hash.
	switch {
	case errors.Is(err, os.ErrNotExist):
		return cliContext{}, fmt.Errorf("there is no context %q in %s; \"docker context ls\" lists those there are", name, filepath.Join(root, "contexts"))
	case err != nil:
		return cliContext{}, fmt.Errorf("reading the context %q: %w", name, err)
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(content, &meta); err != nil {
		return cliContext{}, fmt.Errorf("reading the context %q from %s: %w", name, file, err)
	}
	engine, found := meta.Endpoints["docker"]
	if !found {
		return cliContext{}, fmt.Errorf("the context %q has no Docker endpoint", name)
	}
	certificates, err := readFolder(filepath.Join(root, "contexts", "tls", id, "docker"), "context")
	if err != nil {
		return cliContext{}, err
	}
	return cliContext{host: engine.Host, skipVerify: engine.SkipTLSVerify, certificates: certificates}, nil
}
