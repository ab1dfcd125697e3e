// Package startup sets what a provider's process needs before it serves. The
// benchmark's empty provider has the same settings.
package startup

import (
	"os"
	"runtime/debug"
	"strings"
)

// garbagePercent lets a provider, which lives for seconds, collect garbage half
// as often as a server would. A plan of 500 overrides takes a fifth less
// processor time for a quarter more memory (make bench); a small one, which
// stays below the collector's minimum, is not affected.
const garbagePercent = 200

// Tune is called before a provider serves.
func Tune() {
	quietUnreadLogs(os.Environ(), os.Setenv)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// quietUnreadLogs turns off the trace log of the plugin libraries where nobody
// has asked for any log. They would write it all the same, and Terraform would
// parse and drop it: about a quarter of the time that a plan of many resources
// takes in the provider.
func quietUnreadLogs(environ []string, setenv func(key, value string) error) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value != "" && name != "TF_LOG_PATH" && (strings.HasPrefix(name, "TF_LOG") || strings.HasPrefix(name, "TF_ACC_LOG")) {
			return
		}
	}
	for _, library := range []string{"TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK"} {
		// Without it the provider works as well, only slower.
		_ = setenv(library, "OFF")
	}
}
