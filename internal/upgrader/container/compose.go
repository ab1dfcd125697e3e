package container

import (
	"fmt"
	"maps"
	"slices"
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
	service := yaml.MapSlice{
		{Key: "image", Value: escape(u.Image)},
		{Key: "container_name", Value: escape(u.Docker.Name)},
	}
	add := func(key string, value any) { service = append(service, yaml.MapItem{Key: key, Value: value}) }
	if u.Docker.PullPolicy != "" {
		add("pull_policy", escape(u.Docker.PullPolicy))
	}
	if u.Docker.RestartPolicy != "" {
		add("restart", escape(u.Docker.RestartPolicy))
	}
	if u.Docker.CPUs > 0 {
		add("cpus", u.Docker.CPUs)
	}
	if u.Docker.MemoryMB > 0 {
		// Compose, as docker run does, allows as much swap again.
		add("mem_limit", u.Docker.MemoryMB*bytesPerMB)
	}
	joins := isNetworkName(u.Docker.Network)
	switch {
	case joins:
		add("networks", []string{serviceName})
	case u.Docker.Network != "":
		add("network_mode", escape(u.Docker.Network))
	}
	add("environment", composeEnvironment(u))
	add("volumes", []yaml.MapSlice{{
		{Key: "type", Value: "bind"},
		{Key: "source", Value: escape(u.Docker.SocketPath)},
		{Key: "target", Value: socketTarget},
		// Without it, Compose makes an empty folder of a wrong path.
		{Key: "bind", Value: yaml.MapSlice{{Key: "create_host_path", Value: false}}},
	}})
	if logging := composeLogging(u.Docker); len(logging) > 0 {
		add("logging", logging)
	}
	if len(u.Docker.Labels) > 0 {
		add("labels", sorted(u.Docker.Labels))
	}
	file := yaml.MapSlice{{Key: "services", Value: yaml.MapSlice{{Key: serviceName, Value: service}}}}
	if joins {
		file = append(file, yaml.MapItem{Key: "networks", Value: yaml.MapSlice{{Key: serviceName, Value: yaml.MapSlice{
			{Key: "name", Value: escape(u.Docker.Network)},
			{Key: "external", Value: true},
		}}}})
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		// Texts, numbers and lists of them always encode.
		panic(err)
	}
	return fmt.Sprintf(composeHeader, strings.Join(secretNames(u), " and ")) + string(text)
}

func composeEnvironment(u spec.Upgrader) yaml.MapSlice {
	var env yaml.MapSlice
	for _, v := range environment(u) {
		value := escape(v.value)
		if v.secret {
			value = "${" + v.name + ":?is not set}"
		}
		env = append(env, yaml.MapItem{Key: v.name, Value: value})
	}
	return env
}

func composeLogging(d *spec.Docker) yaml.MapSlice {
	var logging yaml.MapSlice
	if d.LogDriver != "" {
		logging = append(logging, yaml.MapItem{Key: "driver", Value: escape(d.LogDriver)})
	}
	if len(d.LogOptions) > 0 {
		logging = append(logging, yaml.MapItem{Key: "options", Value: sorted(d.LogOptions)})
	}
	return logging
}

func sorted(values map[string]string) yaml.MapSlice {
	list := make(yaml.MapSlice, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, yaml.MapItem{Key: name, Value: escape(values[name])})
	}
	return list
}

// escape keeps Compose from reading a dollar sign as a variable.
func escape(text string) string { return strings.ReplaceAll(text, "$", "$$") }
