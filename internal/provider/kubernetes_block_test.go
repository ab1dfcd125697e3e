package provider

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// parse gives the block as the provider reads it.
func parse(tb testing.TB, b block) model {
	tb.Helper()
	config, _ := b.raw(tb)
	var parsed model
	if diags := config.Get(tb.Context(), &parsed); len(diags) > 0 {
		tb.Fatal(diags)
	}
	return parsed
}

// kubernetesConfig is what the arguments and the environment come to.
func kubernetesConfig(tb testing.TB, arguments any, env environment) kubernetes.Config {
	tb.Helper()
	argument := parse(tb, block{"kubernetes": arguments}).Kubernetes
	n := newNested(kubernetesBlock, env.get)
	config, diags := parseKubernetes(tb.Context(), argument, n)
	if len(diags) > 0 || len(n.problems) > 0 {
		tb.Fatal(diags, n.problems)
	}
	return config
}

// Each argument is the block's, else the environment's, else the default; an
// empty text is as good as none.
func TestKubernetesPrecedence(t *testing.T) {
	text := func(value string) any { return value }
	for attribute, tc := range map[string]struct {
		variable string
		// beside is what it takes to make sense.
		beside block
		value  func(string) any
		field  func(kubernetes.Config) string
	}{
		"host":                   {"KUBE_HOST", nil, text, func(c kubernetes.Config) string { return c.Host }},
		"username":               {"KUBE_USER", nil, text, func(c kubernetes.Config) string { return c.Username }},
		"password":               {"KUBE_PASSWORD", nil, text, func(c kubernetes.Config) string { return string(c.Password) }},
		"tls_server_name":        {"KUBE_TLS_SERVER_NAME", nil, text, func(c kubernetes.Config) string { return c.TLSServerName }},
		"client_certificate":     {"KUBE_CLIENT_CERT_DATA", nil, text, func(c kubernetes.Config) string { return c.ClientCertificate }},
		"client_key":             {"KUBE_CLIENT_KEY_DATA", nil, text, func(c kubernetes.Config) string { return string(c.ClientKey) }},
		"cluster_ca_certificate": {"KUBE_CLUSTER_CA_CERT_DATA", nil, text, func(c kubernetes.Config) string { return c.ClusterCACertificate }},
		"config_path":            {"KUBE_CONFIG_PATH", nil, text, func(c kubernetes.Config) string { return c.ConfigPath }},
		"config_paths": {
			"KUBE_CONFIG_PATHS", nil,
			func(value string) any {
				if value == "" {
					return []any{}
				}
				return []any{value}
			},
			func(c kubernetes.Config) string { return strings.Join(c.ConfigPaths, "|") },
		},
		"config_context":           {"KUBE_CTX", block{"config_path": "c"}, text, func(c kubernetes.Config) string { return c.ConfigContext }},
		"config_context_auth_info": {"KUBE_CTX_AUTH_INFO", block{"config_path": "c"}, text, func(c kubernetes.Config) string { return c.ConfigContextAuthInfo }},
		"config_context_cluster":   {"KUBE_CTX_CLUSTER", block{"config_path": "c"}, text, func(c kubernetes.Config) string { return c.ConfigContextCluster }},
		"token":                    {"KUBE_TOKEN", nil, text, func(c kubernetes.Config) string { return string(c.Token) }},
		"proxy_url":                {"KUBE_PROXY_URL", nil, text, func(c kubernetes.Config) string { return c.ProxyURL }},
	} {
		for name, want := range map[string]struct {
			configured any
			variable   string
			want       string
		}{
			"neither":             {nil, "", ""},
			"the environment's":   {nil, "env", "env"},
			"the block's":         {tc.value("block"), "", "block"},
			"both":                {tc.value("block"), "env", "block"},
			"an empty one":        {tc.value(""), "env", "env"},
			"empty everywhere":    {tc.value(""), " ", ""},
			"one that is to come": {unknown, "env", ""},
		} {
			t.Run(attribute+"/"+name, func(t *testing.T) {
				arguments := block{attribute: want.configured}
				for argument, value := range tc.beside {
					arguments[argument] = value
				}
				if got := tc.field(kubernetesConfig(t, arguments, environment{tc.variable: want.variable})); got != want.want {
					t.Errorf("got %q, want %q", got, want.want)
				}
			})
		}
	}
	for name, tc := range map[string]struct {
		configured any
		variable   string
		want       bool
	}{
		"neither": {nil, "", false}, "the environment's": {nil, "true", true}, "the block's": {true, "", true},
		"both": {false, "true", false}, "the environment's 0": {nil, "0", false},
	} {
		t.Run("insecure/"+name, func(t *testing.T) {
			if got := kubernetesConfig(t, block{"insecure": tc.configured}, environment{"KUBE_INSECURE": tc.variable}).Insecure; got != tc.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// Of ways that exclude each other the block's counts alone: a variable for
// another must neither win nor be in the way.
func TestKubernetesAlternatives(t *testing.T) {
	env := environment{
		"KUBE_USER": "env", "KUBE_PASSWORD": "env", "KUBE_TOKEN": "env", "KUBE_CLIENT_CERT_DATA": "env", "KUBE_CLIENT_KEY_DATA": "env",
		"KUBE_CONFIG_PATH": "env", "KUBE_CONFIG_PATHS": "a" + string(os.PathListSeparator) + "b",
	}
	for name, tc := range map[string]struct {
		arguments any
		env       environment
		want      kubernetes.Config
	}{
		"no block": {nil, env, kubernetes.Config{
			Username: "env", Password: "env", Token: "env", ClientCertificate: "env", ClientKey: "env", ConfigPath: "env", ConfigPaths: []string{"a", "b"},
		}},
		"a token and a path": {block{"token": "block", "config_path": "block"}, env, kubernetes.Config{Token: "block", ConfigPath: "block"}},
		"a name and paths": {
			block{"username": "block", "config_paths": []any{"block"}},
			env,
			kubernetes.Config{Username: "block", Password: "env", ConfigPaths: []string{"block"}},
		},
		"a certificate": {
			block{"client_certificate": "block", "config_path": "block"},
			env,
			kubernetes.Config{ClientCertificate: "block", ClientKey: "env", ConfigPath: "block"},
		},
		"a program": {
			block{"config_path": "block", "exec": block{"api_version": "v", "command": "c", "args": []any{"a", "b"}, "env": map[string]any{"N": "V"}}},
			env,
			kubernetes.Config{ConfigPath: "block", Exec: &kubernetes.Exec{APIVersion: "v", Command: "c", Args: []string{"a", "b"}, Env: map[string]string{"N": "V"}}},
		},
		"a token to come": {block{"token": unknown, "config_path": unknown}, env, kubernetes.Config{}},
		// A context is chosen from a kubeconfig; without one, a variable that
		// chooses is for other programs.
		"a context for nothing":     {block{"host": "h"}, environment{"KUBE_CTX": "env"}, kubernetes.Config{Host: "h"}},
		"the block's, for nothing":  {block{"host": "h", "config_context": "block"}, nil, kubernetes.Config{Host: "h", ConfigContext: "block"}},
		"a password keeps its ends": {block{"username": " me ", "password": " s "}, nil, kubernetes.Config{Username: "me", Password: " s "}},
	} {
		t.Run(name, func(t *testing.T) {
			got := kubernetesConfig(t, tc.arguments, tc.env)
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty(), cmp.FilterPath(isFunc, cmp.Ignore()), plainSecrets); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func isFunc(p cmp.Path) bool { return p.Last().Type() != nil && p.Last().Type().Kind() == reflect.Func }

// plainSecrets lets a difference of secrets be told, and not be shown.
var plainSecrets = cmp.Comparer(func(a, b secret.Text) bool { return a == b })

func wantDiagnostic(tb testing.TB, diags diag.Diagnostics, at path.Path, summary string, texts ...string) {
	tb.Helper()
	if diags.ErrorsCount() != 1 || len(diags) != 1 {
		tb.Fatalf("diagnostics: %v, want one error", diags)
	}
	with, ok := diags[0].(diag.DiagnosticWithPath)
	if ok != (len(at.Steps()) > 0) || ok && !with.Path().Equal(at) {
		tb.Errorf("it doesn't stand at %s: %v", at, diags[0])
	}
	if diags[0].Summary() != summary {
		tb.Errorf("it is called %s, want %s", diags[0].Summary(), summary)
	}
	for _, text := range texts {
		if !strings.Contains(diags[0].Detail(), text) {
			tb.Errorf("%q is missing in: %s", text, diags[0].Detail())
		}
	}
	if strings.Contains(diags[0].Detail(), "s3cret") {
		tb.Errorf("it shows a secret: %s", diags[0].Detail())
	}
}

// nowhere is the path of diagnostics without one.
var nowhere = path.Empty()

// What is wrong with the block is said at once.
func TestKubernetesBlocksThatAreWrong(t *testing.T) {
	at := path.Root("kubernetes")
	const summary = "Invalid Kubernetes Configuration"
	for name, tc := range map[string]struct {
		arguments block
		at        path.Path
		want      string
	}{
		"two kinds of paths": {block{"config_path": "a", "config_paths": []any{"b"}}, at.AtName("config_path"), "kubernetes.config_path, kubernetes.config_paths: Only one of them can be set."},
		"no PEM":             {block{"host": "h", "cluster_ca_certificate": "s3cret"}, at.AtName("cluster_ca_certificate"), "kubernetes.cluster_ca_certificate: There is no certificate in it"},
		"no URL":             {block{"host": "ftp://h"}, at.AtName("host"), `kubernetes.host: Its scheme is "ftp"`},
		"an older program": {
			block{"host": "h", "exec": block{"api_version": "v1", "command": "c"}},
			at.AtName("exec").AtName("api_version"),
			`kubernetes.exec.api_version: It is "v1", and must be one of client.authentication.k8s.io/v1,`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := configure(t, block{"kubernetes": tc.arguments}, nil)
			wantDiagnostic(t, diags, tc.at, summary, tc.want)
		})
	}
}

// What is wrong with the environment is said to those who need the cluster.
func TestKubernetesEnvironmentsThatAreWrong(t *testing.T) {
	const summary = "Invalid Kubernetes Configuration"
	for name, tc := range map[string]struct {
		arguments any
		env       environment
		want      string
	}{
		"no URL":        {nil, environment{"KUBE_HOST": "ftp://h"}, "kubernetes.host (from KUBE_HOST): Its scheme is"},
		"no boolean":    {block{"host": "h"}, environment{"KUBE_INSECURE": "maybe"}, `kubernetes.insecure (from KUBE_INSECURE): It is "maybe", and must be true or false.`},
		"no cluster":    {nil, environment{"KUBE_TOKEN": "s3cret"}, "kubernetes.host: Other arguments are set, but nothing says which cluster is meant"},
		"no file":       {nil, environment{"KUBE_CONFIG_PATH": "/nowhere/config"}, "kubernetes.config_path (from KUBE_CONFIG_PATH): There is no such file: /nowhere/config."},
		"block and not": {block{"client_certificate": "x"}, environment{"KUBE_CLIENT_KEY_DATA": "s3cret"}, "kubernetes.client_certificate, kubernetes.client_key (from KUBE_CLIENT_KEY_DATA): They are no"},
	} {
		t.Run(name, func(t *testing.T) {
			data := mustConfigure(t, block{"kubernetes": tc.arguments}, tc.env)
			client, diags := data.Kubernetes()
			if client != nil {
				t.Error("there is a client")
			}
			wantDiagnostic(t, diags, nowhere, summary, tc.want)
		})
	}
}

func TestNoClusterIsSet(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "config"))
	for name, arguments := range map[string]any{"no block": nil, "an empty one": block{}} {
		t.Run(name, func(t *testing.T) {
			_, diags := mustConfigure(t, block{"kubernetes": arguments}, nil).Kubernetes()
			wantDiagnostic(t, diags, nowhere, "Missing Provider Configuration",
				`Set "host", "config_path" or "config_paths" within "kubernetes"`, "KUBE_HOST, KUBE_CONFIG_PATH or KUBE_CONFIG_PATHS", "~/.kube/config are not read")
		})
	}
}

// A cluster that is created by the same apply must not fail the plan.
func TestKubernetesToCome(t *testing.T) {
	all := block{}
	for _, attribute := range []string{
		"host", "username", "password", "insecure", "tls_server_name", "client_certificate", "client_key", "cluster_ca_certificate", "config_path",
		"config_paths", "config_context", "config_context_auth_info", "config_context_cluster", "token", "proxy_url", "exec",
	} {
		all[attribute] = unknown
	}
	for name, tc := range map[string]struct {
		arguments any
		want      []string
	}{
		"nothing":         {block{"host": "h"}, nil},
		"no block":        {nil, nil},
		"all of it":       {unknown, []string{"kubernetes"}},
		"one, with a key": {block{"host": unknown, "client_key": "s3cret", "insecure": true}, []string{"kubernetes.host"}},
		"parts of a list": {block{"config_paths": []any{"a", unknown}}, []string{"kubernetes.config_paths[1]"}},
		"parts of a program": {
			block{"host": "h", "exec": block{"api_version": unknown, "command": "c", "args": []any{"-n", unknown}, "env": map[string]any{"B": unknown, "A": unknown}}},
			[]string{"kubernetes.exec.api_version", "kubernetes.exec.args[1]", `kubernetes.exec.env["A"]`, `kubernetes.exec.env["B"]`},
		},
		"each": {all, []string{
			"kubernetes.client_certificate", "kubernetes.client_key", "kubernetes.cluster_ca_certificate", "kubernetes.config_context",
			"kubernetes.config_context_auth_info", "kubernetes.config_context_cluster", "kubernetes.config_path", "kubernetes.config_paths",
			"kubernetes.exec", "kubernetes.host", "kubernetes.insecure", "kubernetes.password", "kubernetes.proxy_url", "kubernetes.tls_server_name",
			"kubernetes.token", "kubernetes.username",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := block{"kubernetes": tc.arguments}
			if messages := validate(t, b); len(messages) > 0 {
				t.Errorf("the validation minds: %v", messages)
			}
			data := mustConfigure(t, b, environment{"KUBE_HOST": "https://env.example.com"})
			if diff := cmp.Diff(tc.want, data.UnknownKubernetes()); diff != "" {
				t.Errorf("not known yet (-want +got):\n%s", diff)
			}
			client, diags := data.Kubernetes()
			if (client == nil) != (len(tc.want) > 0) || diags.ErrorsCount() != len(tc.want) {
				t.Fatalf("got %v, %v", client, diags)
			}
			for i, argument := range tc.want {
				if want := "The provider argument " + quoted(argument) + " depends on something"; !strings.Contains(diags[i].Detail(), want) {
					t.Errorf("%s is missing in: %s", want, diags[i].Detail())
				}
			}
			if len(data.UnknownDocker()) > 0 || len(data.Unknown()) > 0 {
				t.Errorf("others aren't known either: %v, %v", data.UnknownDocker(), data.Unknown())
			}
		})
	}
}

func TestKubernetesClient(t *testing.T) {
	var (
		mu   sync.Mutex
		seen []http.Header
	)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Header.Clone())
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Warning", `299 - "deprecated"`)
		_, _ = io.WriteString(w, `{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[]}`)
	}))
	t.Cleanup(server.Close)
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	for name, data := range map[string]*providerdata.Data{
		"by the block": mustConfigure(t, block{"kubernetes": block{"host": server.URL, "cluster_ca_certificate": authority, "token": "s3cret\n"}}, nil),
		"by the environment": mustConfigure(t, nil, environment{
			"KUBE_HOST": server.URL, "KUBE_CLUSTER_CA_CERT_DATA": authority, "KUBE_TOKEN": "s3cret",
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if n := len(seen); n != 0 {
				t.Fatalf("%d requests before anybody asks", n)
			}
			client, diags := data.Kubernetes()
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if again, _ := data.Kubernetes(); again != client {
				t.Error("it is made again")
			}
			_, err := client.Dynamic().Resource(schema.GroupVersionResource{Version: "v1", Resource: "secrets"}).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{"Authorization": seen[0].Get("Authorization"), "User-Agent": seen[0].Get("User-Agent")}
			want := map[string]string{"Authorization": "Bearer s3cret", "User-Agent": "terraform-provider-harnessdelegate/1.2.3 terraform/1.9.8"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the server is shown (-want +got):\n%s", diff)
			}
			seen = nil
		})
	}
}
