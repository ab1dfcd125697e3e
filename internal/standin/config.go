package standin

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v2"
)

// Config is the file config.yaml of an upgrader in Kubernetes.
type Config struct {
	Mode   string `yaml:"mode"`
	DryRun *bool  `yaml:"dryRun"`
	// WorkloadName is the Deployment, and the name that the Manager knows the delegate by.
	WorkloadName   string         `yaml:"workloadName"`
	Namespace      string         `yaml:"namespace"`
	ContainerName  string         `yaml:"containerName"`
	RegistryMirror string         `yaml:"registryMirror"`
	DelegateConfig DelegateConfig `yaml:"delegateConfig"`

	ClientCertificateFilePath    string `yaml:"clientCertificateFilePath"`
	ClientCertificateKeyFilePath string `yaml:"clientCertificateKeyFilePath"`

	ProxyScheme   string `yaml:"proxyScheme"`
	ProxyHost     string `yaml:"proxyHost"`
	ProxyPort     string `yaml:"proxyPort"`
	ProxyUser     string `yaml:"proxyUser"`
	ProxyPassword string `yaml:"proxyPassword"`
	ProxyManager  string `yaml:"proxyManager"`
}

// DelegateConfig says where the Manager is.
type DelegateConfig struct {
	AccountID   string `yaml:"accountId"`
	ManagerHost string `yaml:"managerHost"`
}

// DecodeConfig reads config.yaml. It refuses keys that are not documented, keys that are there twice, and a file
// that lacks one of those every documented example has.
func DecodeConfig(text []byte) (Config, error) {
	var c Config
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.SetStrict(true)
	if err := decoder.Decode(&c); err != nil {
		if errors.Is(err, io.EOF) {
			return Config{}, errors.New("config.yaml is empty")
		}
		return Config{}, fmt.Errorf("config.yaml: %w", err)
	}
	if err := decoder.Decode(&Config{}); !errors.Is(err, io.EOF) {
		return Config{}, errors.New("config.yaml has more than one document")
	}
	if err := c.validate(); err != nil {
		return Config{}, fmt.Errorf("config.yaml: %w", err)
	}
	return c, nil
}

func (c Config) validate() error {
	needed := []struct{ key, value string }{
		{"mode", c.Mode},
		{"workloadName", c.WorkloadName},
		{"namespace", c.Namespace},
		{"containerName", c.ContainerName},
		{"delegateConfig.accountId", c.DelegateConfig.AccountID},
		{"delegateConfig.managerHost", c.DelegateConfig.ManagerHost},
	}
	for _, n := range needed {
		if n.value == "" {
			return fmt.Errorf("%s is missing", n.key)
		}
	}
	switch {
	case c.DryRun == nil:
		return errors.New("dryRun is missing")
	case c.Mode != "Delegate":
		return fmt.Errorf("mode is %q, the only one known is Delegate", c.Mode)
	case (c.ClientCertificateFilePath == "") != (c.ClientCertificateKeyFilePath == ""):
		return errors.New("clientCertificateFilePath and clientCertificateKeyFilePath go together")
	}
	if _, err := ParseManagerHost(c.DelegateConfig.ManagerHost); err != nil {
		return fmt.Errorf("delegateConfig.managerHost: %w", err)
	}
	_, err := c.Proxy().URL()
	return err
}

// Proxy is the proxy that the configuration names.
func (c Config) Proxy() Proxy {
	return Proxy{
		Scheme: c.ProxyScheme, Host: c.ProxyHost, Port: c.ProxyPort,
		User: c.ProxyUser, Password: c.ProxyPassword, Manager: c.ProxyManager,
	}
}
