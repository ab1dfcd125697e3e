package container

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Command is the shell command that starts the upgrader, one option per line.
// Secrets aren't in it: the command takes them from its environment, so that
// they appear neither in a list of processes nor in a shell's history.
//
// The label that marks containers of this provider isn't in it either, because
// nothing of this provider looks after a container that a shell made.
func Command(u spec.Upgrader) string {
	options := []string{"--name " + quote(u.Docker.Name)}
	if u.Docker.CPUs > 0 {
		options = append(options, "--cpus "+strconv.FormatFloat(u.Docker.CPUs, 'f', -1, 64))
	}
	if u.Docker.MemoryMB > 0 {
		options = append(options, fmt.Sprintf("--memory %dm", u.Docker.MemoryMB))
	}
	if u.Docker.RestartPolicy != "" {
		options = append(options, "--restart "+quote(u.Docker.RestartPolicy))
	}
	if u.Docker.Network != "" {
		options = append(options, "--network "+quote(u.Docker.Network))
	}
	if u.Docker.PullPolicy != "" {
		options = append(options, "--pull "+quote(u.Docker.PullPolicy))
	}
	options = append(options, "--mount "+quote(mountOption(u.Docker.SocketPath)))
	if u.Docker.LogDriver != "" {
		options = append(options, "--log-driver "+quote(u.Docker.LogDriver))
	}
	options = append(options, pairs("--log-opt", u.Docker.LogOptions)...)
	options = append(options, pairs("--label", u.Docker.Labels)...)
	for _, v := range environment(u) {
		if v.secret {
			options = append(options, "-e "+v.name)
			continue
		}
		options = append(options, "-e "+quote(v.name+"="+v.value))
	}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "# Set %s first: docker takes secrets from the environment.\n", strings.Join(secretNames(u), " and "))
	for _, name := range secretNames(u) {
		// Were it not set, docker would start the upgrader without it and say nothing.
		_, _ = fmt.Fprintf(&text, ": \"${%s:?is not set}\" && export %s && \\\n", name, name)
	}
	text.WriteString("docker run -d \\\n")
	for _, option := range options {
		text.WriteString("  " + option + " \\\n")
	}
	text.WriteString("  " + quote(u.Image) + "\n")
	return text.String()
}

// mountOption is the socket for --mount, which refuses a wrong path where -v
// makes an empty folder of it. Its fields are written as CSV.
func mountOption(source string) string {
	var line bytes.Buffer
	w := csv.NewWriter(&line)
	_ = w.Write([]string{"type=bind", "source=" + source, "target=" + socketTarget}) // a buffer takes everything
	w.Flush()
	return strings.TrimSuffix(line.String(), "\n")
}

func pairs(option string, values map[string]string) []string {
	list := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, option+" "+quote(name+"="+values[name]))
	}
	return list
}

// plain are the characters that no shell reads as anything but themselves.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%"

// quote makes one word of a text for a POSIX shell.
func quote(text string) string {
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
