package container

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v2"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// composeHeader is what a reader of the file has to know.
const composeHeader = `# Set %s in the environment, or in a file .env beside this one.
# Compose may run the upgrader. The delegate must not be started by Compose or
# Swarm: the upgrader can't upgrade such delegates.
`

// serviceName is the service's, and the key of the network that it joins.
const serviceName = "upgrader"

// Compose is the upgrader as a file for docker compose. Secrets aren't in it:
// Compose takes them from its environment, and refuses to start without.
func Compose(u spec.Upgrader) string {
	var service yaml.MapSlice
	for _, f := range fields {
		if f.key != "" {
			service = with(service, strings.Split(f.key, "."), composeValue(f.shown(u)))
		}
	}
	file := yaml.MapSlice{}
	if isNetworkName(u.Docker.NetworkMode) {
		// A network that exists is joined, and not made.
		for i := range service {
			if service[i].Key == "network_mode" {
				service[i] = yaml.MapItem{Key: "networks", Value: []string{serviceName}}
			}
		}
		file = yaml.MapSlice{{Key: "networks", Value: yaml.MapSlice{{Key: serviceName, Value: yaml.MapSlice{
			{Key: "name", Value: escape(u.Docker.NetworkMode)},
			{Key: "external", Value: true},
		}}}}}
	}
	service = append(service, yaml.MapItem{Key: "environment", Value: composeEnvironment(u)}, yaml.MapItem{Key: "volumes", Value: []yaml.MapSlice{{
		{Key: "type", Value: "bind"},
		{Key: "source", Value: escape(u.Docker.SocketPath)},
		{Key: "target", Value: socketTarget},
		// Without it, Compose makes an empty folder of a wrong path.
		{Key: "bind", Value: yaml.MapSlice{{Key: "create_host_path", Value: false}}},
	}}})
	file = append(yaml.MapSlice{{Key: "services", Value: yaml.MapSlice{{Key: serviceName, Value: service}}}}, file...)
	text, err := yaml.Marshal(file)
	if err != nil {
		// Texts, numbers and lists of them always encode.
		panic(err)
	}
	return fmt.Sprintf(composeHeader, strings.Join(secretVariables(u), " and ")) + string(text)
}

// with puts a value at a place, unless it is empty.
func with(into yaml.MapSlice, at []string, value any) yaml.MapSlice {
	if value == nil {
		return into
	}
	if len(at) == 1 {
		return append(into, yaml.MapItem{Key: at[0], Value: value})
	}
	for i := range into {
		if inner, nested := into[i].Value.(yaml.MapSlice); nested && into[i].Key == at[0] {
			into[i].Value = with(inner, at[1:], value)
			return into
		}
	}
	return append(into, yaml.MapItem{Key: at[0], Value: with(nil, at[1:], value)})
}

// composeValue is a value for Compose; nil for an empty one.
func composeValue(value any) any {
	switch v := value.(type) {
	case string:
		if v != "" {
			return escape(v)
		}
	case float64:
		if v > 0 {
			return v
		}
	case map[string]string:
		list := make(yaml.MapSlice, 0, len(v))
		for _, name := range sortedNames(v) {
			list = append(list, yaml.MapItem{Key: name, Value: escape(v[name])})
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

func composeEnvironment(u spec.Upgrader) yaml.MapSlice {
	var env yaml.MapSlice
	for _, v := range environment(u) {
		value := escape(v.value)
		if v.isSecret {
			value = "${" + v.name + ":?is not set}"
		}
		env = append(env, yaml.MapItem{Key: v.name, Value: value})
	}
	return env
}

// escape keeps Compose from reading a dollar sign as a variable.
func escape(text string) string { return strings.ReplaceAll(text, "$", "$$") }
