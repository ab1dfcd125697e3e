package container

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Environment variables of the upgrader, from its documentation.
const (
	envAccount     = "ACCOUNT_ID"
	envManager     = "MANAGER_HOST_AND_PORT"
	envWorkload    = "UPGRADER_WORKLOAD_NAME"
	envToken       = "UPGRADER_TOKEN"
	envSchedule    = "SCHEDULE"
	envStopTimeout = "CONTAINER_STOP_TIMEOUT"
	envDisable     = "DISABLE_AUTO_UPGRADE"

	envProxyScheme   = "PROXY_SCHEME"
	envProxyHost     = "PROXY_HOST"
	envProxyPort     = "PROXY_PORT"
	envProxyUser     = "PROXY_USER"
	envProxyPassword = "PROXY_PASSWORD"
)

// variable is one environment variable.
type variable struct {
	name, value string
	// secret keeps the value out of texts.
	secret bool
}

// environment is what the upgrader gets, in the order of the documentation. The
// stop time-out and the switch are always written, so that what runs doesn't
// depend on the defaults of the image at hand.
func environment(u spec.Upgrader) []variable {
	list := []variable{
		{name: envAccount, value: u.AccountID},
		{name: envManager, value: u.ManagerEndpoint},
		{name: envWorkload, value: u.DelegateName},
		{name: envToken, value: string(u.Token), secret: true},
		{name: envSchedule, value: u.Schedule},
		{name: envStopTimeout, value: strconv.FormatInt(u.Docker.StopTimeout, 10)},
		{name: envDisable, value: strconv.FormatBool(!u.AutoUpgrade)},
	}
	for _, v := range []variable{
		{name: envProxyScheme, value: u.Proxy.Scheme},
		{name: envProxyHost, value: u.Proxy.Host},
		{name: envProxyPort, value: u.Proxy.Port},
		{name: envProxyUser, value: u.Proxy.User},
		{name: envProxyPassword, value: string(u.Proxy.Password), secret: true},
	} {
		if v.value != "" || v.secret && u.Proxy.HasPassword {
			list = append(list, v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(u.Docker.Env)) {
		if !ReservedVariable(name) {
			list = append(list, variable{name: name, value: u.Docker.Env[name]})
		}
	}
	return list
}

// secretNames are the variables whose values texts don't show.
func secretNames(u spec.Upgrader) []string {
	var names []string
	for _, v := range environment(u) {
		if v.secret {
			names = append(names, v.name)
		}
	}
	return names
}

// ReservedVariable tells whether an argument of its own sets the environment
// variable, so that the additional environment may not.
func ReservedVariable(name string) bool {
	switch name {
	case envAccount, envManager, envWorkload, envToken, envSchedule, envStopTimeout, envDisable,
		envProxyScheme, envProxyHost, envProxyPort, envProxyUser, envProxyPassword:
		return true
	default:
		return false
	}
}

// envList is the environment as the engine takes it.
func envList(u spec.Upgrader) []string {
	variables := environment(u)
	list := make([]string, 0, len(variables))
	for _, v := range variables {
		list = append(list, v.name+"="+v.value)
	}
	return list
}

// envMap reads what the engine gives. Where a name is there twice, the last one
// counts, as it does for most programs.
func envMap(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}
