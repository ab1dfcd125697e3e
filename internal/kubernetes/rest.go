package kubernetes

import (
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// rest makes client-go's settings: those of the kubeconfig, and over them what
// is set here; where neither names a cluster, those of the pod.
func (c Config) rest(inCluster func() (*rest.Config, error)) (*rest.Config, error) {
	if problems := c.Check(); len(problems) > 0 {
		return nil, problems
	}
	settings := &rest.Config{}
	switch {
	case c.hasKubeconfig():
		var err error
		if settings, err = c.kubeconfig(); err != nil {
			return nil, err
		}
	case c.Host != "":
		settings.Host = c.host()
	case c.anythingSet():
		// Half a configuration is a mistake: in a pod it would end up in a
		// cluster that nobody named, elsewhere at localhost.
		return nil, Problems{{
			Arguments: []string{"host"},
			Text:      "Other arguments are set, but nothing says which cluster is meant; set host, config_path or config_paths.",
		}}
	default:
		return podConfig(inCluster)
	}
	if err := c.override(settings); err != nil {
		return nil, err
	}
	if err := c.checkProgram(settings.ExecProvider); err != nil {
		return nil, err
	}
	return settings, nil
}

// checkProgram finds the program that is to give credentials. Otherwise the first
// request would find that it is missing.
func (c Config) checkProgram(program *api.ExecConfig) error {
	if program == nil {
		return nil
	}
	argument := "exec.command"
	if c.Exec == nil {
		argument = c.kubeconfigArgument()
	}
	if _, err := exec.LookPath(program.Command); err != nil {
		text := fmt.Sprintf("The program %q that gives the credentials isn't there, or can't be run: %v.", program.Command, errors.Unwrap(err))
		return Problems{{Arguments: []string{argument}, Text: strings.TrimSpace(text + " " + program.InstallHint)}}
	}
	return nil
}

func podConfig(inCluster func() (*rest.Config, error)) (*rest.Config, error) {
	settings, err := inCluster()
	switch {
	case errors.Is(err, rest.ErrNotInCluster):
		return nil, ErrNoCluster
	case err != nil:
		return nil, fmt.Errorf("reading the credentials of the pod that this runs in: %w", err)
	}
	return settings, nil
}

func (c Config) anythingSet() bool {
	return c.hasUser() || c.Insecure || c.TLSServerName != "" || c.ClusterCACertificate != "" || c.ProxyURL != ""
}

func (c Config) hasUser() bool {
	return c.Username != "" || c.ClientCertificate != "" || c.Token != "" || c.Exec != nil
}

// host is the address of the server, which Check has accepted.
func (c Config) host() string {
	if c.Host == "" {
		return ""
	}
	parsed, err := parseHost(c.Host)
	if err != nil {
		return c.Host
	}
	return parsed.String()
}

// override puts what is set here over what the kubeconfig says.
func (c Config) override(settings *rest.Config) error {
	if c.TLSServerName != "" {
		settings.ServerName = c.TLSServerName
	}
	// How the server is verified is one thing: client-go refuses authorities
	// where nothing is verified, and a kubeconfig's must not stay beside ours.
	if c.Insecure || c.ClusterCACertificate != "" {
		settings.Insecure = c.Insecure
		settings.CAFile = ""
		settings.CAData = []byte(c.ClusterCACertificate)
	}
	if c.ProxyURL != "" {
		proxy, err := parseProxy(c.ProxyURL)
		if err != nil {
			return Problems{{Arguments: []string{"proxy_url"}, Text: sentence(err)}}
		}
		settings.Proxy = http.ProxyURL(proxy)
	}
	// So is who to be. A certificate of the kubeconfig's user beside a token
	// of ours would make the server take the former.
	if c.hasUser() {
		clearUser(settings)
		settings.Username = c.Username
		settings.Password = string(c.Password)
		settings.BearerToken = string(c.Token)
		settings.CertData = []byte(c.ClientCertificate)
		settings.KeyData = []byte(c.ClientKey)
		settings.ExecProvider = c.Exec.provider()
	}
	if settings.ExecProvider != nil {
		// Programs can't ask the user: nobody sees the provider's terminal.
		settings.ExecProvider.StdinUnavailable = true
		settings.ExecProvider.StdinUnavailableMessage = "Terraform runs this without a terminal"
	}
	return nil
}

func clearUser(settings *rest.Config) {
	settings.Username, settings.Password = "", ""
	settings.BearerToken, settings.BearerTokenFile = "", ""
	settings.CertFile, settings.CertData = "", nil
	settings.KeyFile, settings.KeyData = "", nil
	settings.AuthProvider, settings.AuthConfigPersister = nil, nil
	settings.ExecProvider = nil
	settings.Impersonate = rest.ImpersonationConfig{}
}

// provider is the program as client-go calls it.
func (e *Exec) provider() *api.ExecConfig {
	if e == nil {
		return nil
	}
	provider := &api.ExecConfig{
		APIVersion:      e.APIVersion,
		Command:         e.Command,
		Args:            e.Args,
		InteractiveMode: api.IfAvailableExecInteractiveMode,
	}
	for name, value := range e.Env {
		provider.Env = append(provider.Env, api.ExecEnvVar{Name: name, Value: value})
	}
	// client-go tells programs apart by this, and asks each once.
	slices.SortFunc(provider.Env, func(a, b api.ExecEnvVar) int { return strings.Compare(a.Name, b.Name) })
	return provider
}
