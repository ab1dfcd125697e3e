package harness

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// DefaultEndpoint is the public gateway of Harness SaaS.
const DefaultEndpoint = "https://app.harness.io/gateway"

// ParseEndpoint reads the address of a Manager: scheme and host, with or
// without "/gateway" and a slash at the end, because every API path is served
// both below the gateway and without it.
func ParseEndpoint(text string) (*url.URL, error) {
	endpoint, err := url.Parse(strings.TrimSpace(text))
	switch {
	case strings.Contains(text, "@"):
		// Not repeated: what stands before the @ is a credential.
		return nil, errors.New("the endpoint holds a user name; the API key is the only credential")
	case err != nil:
		return nil, fmt.Errorf("%q is not a URL: %w", text, err)
	case endpoint.Scheme != "https" && endpoint.Scheme != "http":
		return nil, fmt.Errorf("%q has no scheme https:// or http://", text)
	case endpoint.Hostname() == "":
		return nil, fmt.Errorf("%q has no host", text)
	case endpoint.RawQuery != "" || endpoint.Fragment != "":
		return nil, fmt.Errorf("%q has a query or a fragment, so it is not the address of a Manager", text)
	}
	path := strings.TrimRight(endpoint.Path, "/")
	if at := strings.Index(path+"/", "/ng/"); at >= 0 {
		// Copied from the browser or from an API example.
		return nil, fmt.Errorf("%q names a page or an API path; leave out everything from %q on", text, path[at:])
	}
	return &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host, Path: path}, nil
}

// SendsKeyInClear tells whether requests to the endpoint would carry the API
// key unencrypted over a network.
func SendsKeyInClear(endpoint *url.URL) bool {
	if endpoint.Scheme == "https" || endpoint.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(endpoint.Hostname())
	return ip == nil || !ip.IsLoopback()
}
