// Package docker connects to a Docker Engine: to a local one, over TLS, or
// through SSH, with the settings, contexts and registry credentials that the
// Docker CLI knows. It doesn't know Terraform.
//
// The pieces of the Docker CLI that it needs are small, and written here: the
// CLI's own packages bring a logger to standard error, a colon of modules, and
// tie the life of connections to its commands.
package docker

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/moby/moby/client"
)

// Client talks to one engine. It is safe for concurrent use.
type Client struct {
	host       string
	moby       *client.Client
	registries registries
}

// New makes a client. It reads the files that the settings name, and connects
// to nothing. Settings that can't be right are Problems.
func New(config Config) (*Client, error) {
	if problems := config.Check(); len(problems) > 0 {
		return nil, problems
	}
	target, err := config.endpoint()
	if err != nil {
		return nil, err
	}
	moby, err := target.connect(config.UserAgent)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection to %s: %w", target.host, err)
	}
	return &Client{
		host:       target.host,
		moby:       moby,
		registries: registries{entries: config.RegistryAuth, folder: config.ConfigDir},
	}, nil
}

// Moby gives access to the engine's API. Its first request settles which
// version of the API to speak, the highest that both sides know.
func (c *Client) Moby() *client.Client { return c.moby }

// Host is the address of the engine, for messages.
func (c *Client) Host() string { return c.host }

// Format implements fmt.Formatter: fmt would show credentials, which lie in
// unexported fields.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "client of %s", c.host) }

// connections is how many stay open for the next request: as many as Terraform
// has operations. By default it would be two, and each further request would
// start with a handshake, or with a process of ssh.
const connections = 10

// connect makes the client of the API. DOCKER_API_VERSION is not read, as a
// fixed version turns off the negotiation with older engines.
func (e endpoint) connect(userAgent string) (*client.Client, error) {
	// HTTP/2 has no place for the bare streams that a connection can become.
	// And net/http would prepare for it with settings for TLS, which the
	// engine's client would take for the wish to have TLS.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	transport := &http.Transport{
		TLSClientConfig:     e.tls,
		Protocols:           &protocols,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     30 * time.Second,
	}
	overHTTP := client.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: client.CheckRedirect})
	options := []client.Opt{client.WithUserAgent(userAgent), overHTTP, client.WithHost(e.host)}
	if e.ssh != nil {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return e.ssh.dial(ctx) }
		// The host first, here: it sets a proxy, which has no place in a tunnel.
		options = []client.Opt{client.WithUserAgent(userAgent), client.WithHost("http://" + e.ssh.host), overHTTP}
	}
	return client.New(options...)
}
