package standin

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Proxy is an HTTP proxy on the way to the Manager, by the settings that an upgrader has for it.
type Proxy struct {
	Scheme, Host, Port, User, Password string
	// Manager is "false" if calls of the Manager go past the proxy.
	Manager string
}

// URL is the address of the proxy with user and password, or nil if calls of the Manager don't go through one.
// Errors don't name the password.
func (p Proxy) URL() (*url.URL, error) {
	through, err := strconv.ParseBool(cmp.Or(p.Manager, "true"))
	scheme := cmp.Or(p.Scheme, "http")
	switch {
	case err != nil:
		return nil, fmt.Errorf("proxy manager is %q, neither true nor false", p.Manager)
	case p.Host == "" && (Proxy{Manager: p.Manager}) != p:
		return nil, errors.New("there are settings of a proxy, but its host is missing")
	case p.Host == "":
		return nil, nil //nolint:nilnil // no proxy is an answer, and the one that http.Transport takes for it
	case scheme != "http" && scheme != "https":
		return nil, fmt.Errorf("proxy scheme is %q, neither http nor https", p.Scheme)
	case p.User == "" && p.Password != "":
		return nil, errors.New("proxy has a password, but no user")
	}
	if port, err := strconv.ParseUint(p.Port, 10, 16); err != nil || port == 0 {
		return nil, fmt.Errorf("proxy port is %q, not a port", p.Port)
	}
	if strings.ContainsAny(p.Host, "/?#@%[] \t\r\n") {
		return nil, fmt.Errorf("proxy host is %q, not the name of a host", p.Host)
	}
	address := &url.URL{Scheme: scheme, Host: net.JoinHostPort(p.Host, p.Port)}
	if p.User != "" {
		address.User = url.UserPassword(p.User, p.Password)
	}
	if !through {
		return nil, nil //nolint:nilnil // see above
	}
	return address, nil
}

// ParseManagerHost reads the address of the Manager, which is the beginning of an HTTP URL.
func ParseManagerHost(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return nil, fmt.Errorf("%q is not the address of a Manager, such as https://app.harness.io", text)
	case u.RawQuery != "", u.Fragment != "", u.User != nil:
		return nil, errors.New("the address of the Manager has more than scheme, host and path")
	}
	return u, nil
}
