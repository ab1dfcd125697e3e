package container

import (
	"bytes"
	"encoding/csv"
	"fmt"
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
	var options []string
	for _, f := range fields {
		if f.flag != "" {
			options = append(options, flags(f.flag, f.shown(u))...)
		}
	}
	options = append(options, "--mount "+quote(mountOption(u.Docker.SocketPath)))
	for _, v := range environment(u) {
		if v.isSecret {
			options = append(options, "-e "+v.name)
		} else {
			options = append(options, "-e "+quote(v.name+"="+v.value))
		}
	}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "# Set %s first: docker takes secrets from the environment.\n", strings.Join(secretVariables(u), " and "))
	for _, name := range secretVariables(u) {
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

// flags are the options for a value: none for an empty one, and one for each
// entry of a map.
func flags(flag string, value any) []string {
	switch v := value.(type) {
	case string:
		if v != "" {
			return []string{flag + " " + quote(v)}
		}
	case float64:
		if v > 0 {
			return []string{flag + " " + strconv.FormatFloat(v, 'f', -1, 64)}
		}
	case map[string]string:
		list := make([]string, 0, len(v))
		for _, name := range sortedNames(v) {
			list = append(list, flag+" "+quote(name+"="+v[name]))
		}
		return list
	}
	return nil
}

// shownVariable is an environment variable in a text.
type shownVariable struct {
	name, value string
	isSecret    bool
}

// environment is what the upgrader gets.
func environment(u spec.Upgrader) []shownVariable {
	entries := request(u, nil).Config.Env
	list := make([]shownVariable, 0, len(entries))
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		f, _ := fieldOf(name)
		list = append(list, shownVariable{name: name, value: value, isSecret: f.isSecret})
	}
	return list
}

// secretVariables are the variables whose values texts don't show.
func secretVariables(u spec.Upgrader) []string {
	var names []string
	for _, v := range environment(u) {
		if v.isSecret {
			names = append(names, v.name)
		}
	}
	return names
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

// plain are the characters that no shell reads as anything but themselves.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%"

// quote makes one word of a text for a POSIX shell.
func quote(text string) string {
	if text != "" && strings.Trim(text, plain) == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
