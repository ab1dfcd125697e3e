package main

import "strings"

// environment is what a user of the examples sets, and what keeps the user's
// own settings of Terraform, clusters and engines out of the demo.
func environment(inherited []string, m *manager, color bool) []string {
	args := "-no-color"
	if color {
		args = ""
	}
	settings := unset(inherited)
	for _, command := range []string{"init", "plan", "show", "apply", "output"} {
		settings = append(settings, "TF_CLI_ARGS_"+command+"=")
	}
	return append(settings,
		"HARNESS_ENDPOINT="+m.URL,
		"HARNESS_ACCOUNT_ID="+account,
		"HARNESS_PLATFORM_API_KEY="+apiKey,
		"TF_CLI_ARGS="+args,
		"TF_INPUT=0",
		"TF_DATA_DIR=",
		"TF_REATTACH_PROVIDERS=",
		"TF_WORKSPACE=",
	)
}

// unset empties the variables of an environment that say which cluster or
// which engine to use. To the provider, an empty one is none.
func unset(inherited []string) []string {
	var settings []string
	for _, setting := range inherited {
		name, _, _ := strings.Cut(setting, "=")
		if name == "KUBECONFIG" || strings.HasPrefix(name, "KUBE_") || strings.HasPrefix(name, "DOCKER_") {
			settings = append(settings, name+"=")
		}
	}
	return settings
}
