package kubernetes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Config is what a Client is made of. Its settings are those of Terraform's
// Kubernetes provider, and mean the same.
type Config struct {
	// Host is the address of the API server; without a scheme, https:// is
	// meant.
	Host string
	// Username and Password are for basic authentication.
	Username string
	Password secret.Text
	// Insecure turns off the verification of the server's certificate.
	Insecure bool
	// TLSServerName is the name to verify in the server's certificate, where
	// it isn't that of the address.
	TLSServerName string
	// ClientCertificate and ClientKey authenticate to the server, as PEM.
	ClientCertificate string
	ClientKey         secret.Text
	// ClusterCACertificate verifies the server, as PEM.
	ClusterCACertificate string
	// ConfigPath is a kubeconfig file. ConfigPaths are several, of which the
	// first to set something counts.
	ConfigPath  string
	ConfigPaths []string
	// ConfigContext, ConfigContextAuthInfo and ConfigContextCluster choose
	// the context in the kubeconfig, and the user and the cluster in place of
	// the context's.
	ConfigContext         string
	ConfigContextAuthInfo string
	ConfigContextCluster  string
	// Token is a bearer token.
	Token secret.Text
	// ProxyURL is the proxy to connect through.
	ProxyURL string
	// Exec is a program to ask for credentials.
	Exec *Exec

	// UserAgent names the program to the server.
	UserAgent string
	// OnWarning, if set, is told what the server warns of; it must not block.
	OnWarning func(context.Context, string)
}

// Exec is a program that prints an ExecCredential.
type Exec struct {
	APIVersion string
	Command    string
	Args       []string
	Env        map[string]string
}

// The versions of ExecCredential that client-go understands.
var execAPIVersions = []string{"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}

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

// Check tells what is wrong with the settings, as far as they show it
// themselves.
func (c Config) Check() Problems {
	var problems Problems
	add := func(text string, arguments ...string) {
		problems = append(problems, Problem{Arguments: arguments, Text: text})
	}
	if c.ConfigPath != "" && len(c.ConfigPaths) > 0 {
		add("Only one of them can be set.", "config_path", "config_paths")
	}
	if c.Host != "" {
		if _, err := parseHost(c.Host); err != nil {
			add(sentence(err), "host")
		}
	}
	if c.ProxyURL != "" {
		if _, err := parseProxy(c.ProxyURL); err != nil {
			add(sentence(err), "proxy_url")
		}
	}
	c.checkServer(add)
	c.checkUser(add)
	c.checkContext(add)
	return problems
}

// checkServer is about how the server is verified.
func (c Config) checkServer(add func(text string, arguments ...string)) {
	if c.ClusterCACertificate != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(c.ClusterCACertificate)) {
		add("There is no certificate in it; it must be PEM (-----BEGIN CERTIFICATE-----).", "cluster_ca_certificate")
	}
	if c.Insecure && c.ClusterCACertificate != "" {
		add("A certificate authority makes no sense where nothing is verified; set only one of them.", "insecure", "cluster_ca_certificate")
	}
}

// checkUser is about who to be.
func (c Config) checkUser(add func(text string, arguments ...string)) {
	switch {
	case c.ClientCertificate != "" && c.ClientKey == "":
		add("It needs client_key.", "client_certificate")
	case c.ClientKey != "" && c.ClientCertificate == "":
		add("It needs client_certificate.", "client_key")
	case c.ClientCertificate != "":
		if _, err := tls.X509KeyPair([]byte(c.ClientCertificate), []byte(c.ClientKey)); err != nil {
			add("They are no certificate and its key, as PEM: "+sentence(err), "client_certificate", "client_key")
		}
	}
	if c.Password != "" && c.Username == "" {
		add("It needs username.", "password")
	}
	if strings.ContainsFunc(string(c.Token), func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		add("It holds a blank, a line break or a control character.", "token")
	}
	if c.Token != "" && c.Username != "" {
		add("They are two ways to authenticate; set only one of them.", "token", "username")
	}
	if c.Exec == nil {
		return
	}
	for _, other := range []struct {
		argument string
		set      bool
	}{{"token", c.Token != ""}, {"username", c.Username != ""}, {"client_certificate", c.ClientCertificate != ""}} {
		if other.set {
			add("The program would never be asked; set only one of them.", "exec", other.argument)
		}
	}
	if c.Exec.Command == "" {
		add("It names no program.", "exec.command")
	}
	if !slices.Contains(execAPIVersions, c.Exec.APIVersion) {
		add(fmt.Sprintf("It is %q, and must be one of %s.", c.Exec.APIVersion, strings.Join(execAPIVersions, ", ")), "exec.api_version")
	}
}

// checkContext is about settings that choose from a kubeconfig.
func (c Config) checkContext(add func(text string, arguments ...string)) {
	if c.hasKubeconfig() {
		return
	}
	for _, choice := range []struct{ argument, value string }{
		{"config_context", c.ConfigContext},
		{"config_context_auth_info", c.ConfigContextAuthInfo},
		{"config_context_cluster", c.ConfigContextCluster},
	} {
		if choice.value != "" {
			add("It chooses from a kubeconfig, and neither config_path nor config_paths is set.", choice.argument)
		}
	}
}

func (c Config) hasKubeconfig() bool { return c.ConfigPath != "" || len(c.ConfigPaths) > 0 }

// parseHost reads the address of a server. Without a scheme it is https:
// client-go would take http for it, and send the token in clear.
func parseHost(host string) (*url.URL, error) {
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	parsed, err := url.Parse(host)
	switch {
	case err != nil:
		// The error repeats the address, which may hold credentials.
		return nil, fmt.Errorf("it is no address such as https://cluster.example.com:6443")
	case parsed.User != nil:
		return nil, fmt.Errorf("it holds credentials; set username and password, or token")
	case parsed.Scheme != "https" && parsed.Scheme != "http":
		return nil, fmt.Errorf("its scheme is %q, and must be https or http", parsed.Scheme)
	case parsed.Hostname() == "":
		return nil, fmt.Errorf("there is no host in it")
	case parsed.RawQuery != "" || parsed.Fragment != "":
		return nil, fmt.Errorf("it must end with the path, without %q and %q", "?", "#")
	}
	return parsed, nil
}

// parseProxy reads the address of a proxy, which may hold credentials.
func parseProxy(proxy string) (*url.URL, error) {
	parsed, err := url.Parse(proxy)
	switch {
	case err != nil || parsed.Hostname() == "":
		return nil, fmt.Errorf("it is no address such as http://proxy.example.com:3128")
	case !slices.Contains([]string{"http", "https", "socks5"}, parsed.Scheme):
		return nil, fmt.Errorf("its scheme is %q, and must be http, https or socks5", parsed.Scheme)
	}
	return parsed, nil
}

// address is a server's address without credentials.
func address(host string) string {
	parsed, err := url.Parse(host)
	if err != nil {
		return "the API server"
	}
	parsed.User = nil
	return parsed.String()
}

// sentence is an error as a sentence of its own.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
