package cronjob

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The keys of config.yaml that are arguments, or that differ in how they are
// written.
const (
	configMode     = "mode"
	configAccount  = "delegateConfig.accountId"
	configManager  = "delegateConfig.managerHost"
	configDryRun   = "dryRun"
	configWorkload = "workloadName"
	configTarget   = "containerName"
	configMirror   = "registryMirror"
	proxyScheme    = "proxyScheme"
	proxyHost      = "proxyHost"
	proxyPort      = "proxyPort"
	proxyUser      = "proxyUser"
	proxyPassword  = "proxyPassword"
	proxyManager   = "proxyManager"
)

// modeDelegate is the mode of an upgrader of delegates; there are others.
const modeDelegate = "Delegate"

// setting is one line of config.yaml. A key with a dot is nested.
type setting struct{ key, value string }

// settings lists config.yaml in the documented order. Unset ones are left out.
func settings(u spec.Upgrader) []setting {
	k := u.Kubernetes
	all := []setting{
		{configMode, modeDelegate},
		{configDryRun, strconv.FormatBool(u.DryRun)},
		{configWorkload, u.DelegateName},
		{"namespace", k.Namespace},
		{configTarget, k.DelegateContainer},
		{configMirror, k.RegistryMirror},
		{configAccount, u.AccountID},
		{configManager, u.ManagerEndpoint},
	}
	if k.MTLSSecret != "" {
		all = append(all,
			setting{"clientCertificateFilePath", certificatePath + "/" + certificateFile},
			setting{"clientCertificateKeyFilePath", certificatePath + "/" + certificateKey})
	}
	all = append(all,
		setting{proxyScheme, u.Proxy.Scheme},
		setting{proxyHost, u.Proxy.Host},
		setting{proxyPort, u.Proxy.Port},
		setting{proxyUser, u.Proxy.User},
		setting{proxyPassword, string(u.Proxy.Password)},
		setting{proxyManager, u.Proxy.Manager})

	set := all[:0]
	for _, s := range all {
		if s.value != "" {
			set = append(set, s)
		}
	}
	return set
}

// configFile writes config.yaml.
func configFile(u spec.Upgrader) string {
	var file strings.Builder
	parent := ""
	for _, s := range settings(u) {
		indent, name := "", s.key
		if outer, inner, nested := strings.Cut(s.key, "."); nested {
			if outer != parent {
				fmt.Fprintf(&file, "%s:\n", outer)
				parent = outer
			}
			indent, name = "  ", inner
		}
		fmt.Fprintf(&file, "%s%s: %s\n", indent, name, configValue(s))
	}
	return file.String()
}

// configValue writes a value. Booleans and the port are bare, as in the official
// chart: that is the form which upgraders in the field are known to read.
func configValue(s setting) string {
	switch s.key {
	case configDryRun, proxyManager:
		if s.value == "true" || s.value == "false" {
			return s.value
		}
	case proxyPort:
		if n, err := strconv.Atoi(s.value); err == nil && strconv.Itoa(n) == s.value {
			return s.value
		}
	}
	return scalar(s.value)
}

// parseConfig reads config.yaml as values by key, nested keys with dots. Values
// of other types than text are as they would be written.
func parseConfig(file string) (map[string]string, error) {
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(file), &tree); err != nil {
		return nil, err
	}
	values := map[string]string{}
	flatten(values, "", tree)
	return values, nil
}

func flatten(values map[string]string, prefix string, tree map[string]any) {
	for name, value := range tree {
		switch v := value.(type) {
		case nil: // an empty value sets nothing
		case map[string]any:
			flatten(values, prefix+name+".", v)
		case string:
			values[prefix+name] = v
		case float64:
			values[prefix+name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			values[prefix+name] = fmt.Sprint(v)
		}
	}
}

// sameConfig tells whether the config.yaml of two objects of a kind says the
// same.
func sameConfig(a, b map[string]any) bool {
	x, err := liveConfig(a)
	if err != nil {
		return false
	}
	y, err := liveConfig(b)
	return err == nil && maps.Equal(x, y)
}
