package kubernetes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// script is an executable shell script.
func script(tb testing.TB, text string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "get-token")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil { //nolint:gosec // It has to be executable.
		tb.Fatal(err)
	}
	return path
}

// What an exec plugin says of its failure is in the error, by whichever way it is
// configured, in bounds and without secrets.
func TestPluginThatFails(t *testing.T) {
	server := newTLSServer(t)
	for name, tc := range map[string]struct {
		text   string
		args   []string
		env    map[string]string
		want   string
		hidden string
	}{
		"session expired":      {"echo 'session expired' >&2; exit 255", nil, nil, "failed with exit code 255: session expired", ""},
		"silent":               {"exit 3", nil, nil, "failed with exit code 3", ""},
		"no credentials":       {"echo 'please log in' >&2; echo '{}'", nil, nil, ": please log in", ""},
		"its output is secret": {"echo s3cret-output; echo oops >&2; exit 1", nil, nil, "exit code 1: oops", "s3cret-output"},
		"in a variable":        {"echo \"bad $CLIENT_SECRET\" >&2; exit 1", nil, map[string]string{"CLIENT_SECRET": "s3cret-value"}, "exit code 1: bad ***", "s3cret-value"},
		"plain variable":       {"echo \"no profile $AWS_PROFILE\" >&2; exit 1", nil, map[string]string{"AWS_PROFILE": "production"}, "no profile production", ""},
		"in an option":         {"echo \"bad $1\" >&2; exit 1", []string{"--password=s3cret-value"}, nil, "bad --password=***", "s3cret-value"},
		"after an option":      {"echo \"bad $2\" >&2; exit 1", []string{"--token", "s3cret-value"}, nil, "exit code 1: bad ***", "s3cret-value"},
		"a web token":          {"echo 'bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln!' >&2; exit 1", nil, nil, "exit code 1: bad ***!", "eyJ"},
		"long":                 {"i=0; while [ $i -lt 400 ]; do echo traceback >&2; i=$((i+1)); done; echo the reason >&2; exit 1", nil, nil, "… ", ""},
		"knows what it is for": {"echo \"$KUBERNETES_EXEC_INFO\" >&2; exit 1", nil, nil, `"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := mustNew(t, Config{
				Host: server.URL, ClusterCACertificate: server.authority(),
				Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: script(t, tc.text), Args: tc.args, Env: tc.env},
			})
			err := list(t.Context(), client)
			if err == nil {
				t.Fatal("it succeeded")
			}
			e := Explain(err, Request{Host: "https://c"})
			for _, text := range []string{err.Error(), e.Reason} {
				if !strings.Contains(text, tc.want) || tc.hidden != "" && strings.Contains(text, tc.hidden) || len(text) > pluginSays+400 {
					t.Errorf("it says %q, want %q", text, tc.want)
				}
			}
			if e.Cause != CauseUnauthorized || !strings.HasPrefix(e.Reason, "there are no credentials for the Kubernetes API server https://c: exec") || !strings.Contains(e.Advice, "Log in again") {
				t.Errorf("it is explained as %+v", e)
			}
		})
	}
	t.Run("of a kubeconfig", func(t *testing.T) {
		path := script(t, "echo 'session expired' >&2; exit 1")
		client := mustNew(t, Config{ConfigPath: writeKubeconfig(t, "config", server,
			"exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: "+path+", interactiveMode: Never, provideClusterInfo: true}")})
		if err := list(t.Context(), client); err == nil || !strings.Contains(err.Error(), "exit code 1: session expired") {
			t.Errorf("got %v", err)
		}
	})
}
