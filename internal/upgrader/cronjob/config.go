package cronjob

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Keys of config.yaml that code asks for.
const (
	configMode     = "mode"
	configWorkload = "workloadName"
	proxyUser      = "proxyUser"
	proxyPassword  = "proxyPassword"
)

// modeDelegate is the mode of an upgrader of delegates; there are others.
const modeDelegate = "Delegate"

// setting is one line of config.yaml. A key with a dot is nested.
type setting struct {
	key string
	// argument is the argument that the setting is, by its path in the schema;
	// fixed is the value of one that none is.
	argument string
	fixed    func(spec.Upgrader) string
}

// settings lists config.yaml in the documented order.
var settings = []setting{
	{key: configMode, fixed: func(spec.Upgrader) string { return modeDelegate }},
	{key: "dryRun", argument: "dry_run"},
	{key: configWorkload, argument: "delegate_name"},
	{key: "namespace", fixed: func(u spec.Upgrader) string { return u.Kubernetes.Namespace }},
	{key: "containerName", argument: "kubernetes.delegate_container"},
	{key: "registryMirror", argument: "kubernetes.registry_mirror"},
	{key: "delegateConfig.accountId", argument: "account_id"},
	{key: "delegateConfig.managerHost", argument: "manager_endpoint"},
	{key: "clientCertificateFilePath", fixed: certificatePathOf(certificateFile)},
	{key: "clientCertificateKeyFilePath", fixed: certificatePathOf(certificateKey)},
	{key: "proxyScheme", argument: "proxy.scheme"},
	{key: "proxyHost", argument: "proxy.host"},
	{key: "proxyPort", argument: "proxy.port"},
	{key: proxyUser, argument: "proxy.user"},
	{key: proxyPassword, argument: "proxy.password"},
	{key: "proxyManager", argument: "proxy.proxy_manager"},
}

func certificatePathOf(file string) func(spec.Upgrader) string {
	return func(u spec.Upgrader) string {
		if u.Kubernetes.MTLSSecret == "" {
			return ""
		}
		return certificatePath + "/" + file
	}
}

// text is the value as config.yaml has it; empty where it is left out.
func (s setting) text(u spec.Upgrader) string {
	if s.fixed != nil {
		return s.fixed(u)
	}
	value := (field{argument: s.argument}).valueOf(&u)
	if value.Kind() == reflect.Pointer && value.IsNil() {
		return ""
	}
	return plainText(reflect.Indirect(value))
}

func plainText(value reflect.Value) string {
	switch value.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(value.Bool())
	case reflect.Int64:
		return strconv.FormatInt(value.Int(), 10)
	default:
		return value.String()
	}
}

// read writes the value into the argument. Secrets are not read.
func (s setting) read(text string, into *spec.Upgrader) {
	if s.argument == "" || s.key == proxyPassword {
		return
	}
	value := (field{argument: s.argument}).valueOf(into)
	switch value.Interface().(type) {
	case bool:
		value.SetBool(text == "true")
	case *int64:
		value.SetZero()
		if number, err := strconv.ParseInt(text, 10, 64); err == nil {
			value.Set(reflect.ValueOf(&number))
		}
	default:
		value.SetString(text)
	}
}

// configFile writes config.yaml.
func configFile(u spec.Upgrader) string {
	var file strings.Builder
	parent := ""
	for _, s := range settings {
		text := s.text(u)
		if text == "" {
			continue
		}
		indent, name := "", s.key
		if outer, inner, nested := strings.Cut(s.key, "."); nested {
			if outer != parent {
				fmt.Fprintf(&file, "%s:\n", outer)
				parent = outer
			}
			indent, name = "  ", inner
		}
		fmt.Fprintf(&file, "%s%s: %s\n", indent, name, s.written(text))
	}
	return file.String()
}

// written is a value as YAML. Booleans and the port are bare, as in the official
// chart: that is the form which upgraders in the field are known to read.
func (s setting) written(text string) string {
	switch s.argument {
	case "dry_run", "proxy.port":
		return text
	case "proxy.proxy_manager":
		if text == "true" || text == "false" {
			return text
		}
	}
	return scalar(text)
}

// scalar writes a text on one line: as it is where an encoder would do so, else
// in double quotes. What Go escapes in quotes, YAML reads in the same way.
func scalar(text string) string {
	if encoded, err := yaml.Marshal(text); err == nil && string(encoded) == text+"\n" {
		return text
	}
	return strconv.Quote(text)
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

// dataOf reads a key of a ConfigMap or Secret; it is empty where there is none.
func dataOf(from object, name string) string {
	switch o := from.(type) {
	case *corev1.ConfigMap:
		return o.Data[name]
	case *corev1.Secret:
		return string(o.Data[name])
	default:
		return ""
	}
}

// setData writes a key of a ConfigMap or Secret.
func setData(into object, name, text string) {
	switch o := into.(type) {
	case *corev1.ConfigMap:
		o.Data = map[string]string{name: text}
	case *corev1.Secret:
		o.Data = map[string][]byte{name: []byte(text)}
	}
}

// liveConfig reads the config.yaml that a ConfigMap or Secret holds. It is not an
// error if there is none.
func liveConfig(from object) (map[string]string, error) { return parseConfig(dataOf(from, configKey)) }

// liveToken is the token that a Secret holds.
func liveToken(from object) secret.Text { return secret.Text(dataOf(from, tokenKey)) }
