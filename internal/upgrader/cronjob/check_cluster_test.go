package cronjob

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func (f *fixture) secret(name string, data map[string]string) {
	f.Helper()
	encoded := map[string]any{}
	for k, v := range data {
		encoded[k] = base64.StdEncoding.EncodeToString([]byte(v))
	}
	f.write("x", map[string]any{"apiVersion": "v1", "kind": kindSecret, "metadata": map[string]any{"name": name}, "data": encoded})
}

func TestCluster_check(t *testing.T) {
	t.Parallel()
	theDelegate := key{kindDeployment, "web"}
	patch := func(p string) func(*fixture) {
		return func(f *fixture) { f.patch("x", theDelegate, types.StrategicMergePatchType, p) }
	}
	container := func(fields string) func(*fixture) {
		return patch(`{"spec":{"template":{"spec":{"containers":[{"name":"delegate",` + fields + `}]}}}}`)
	}
	nothing := func(*fixture) {}
	none := func(*spec.Upgrader) {}
	const another = "another-token-of-the-delegate"
	for name, tt := range map[string]struct {
		live     func(*fixture)
		want     func(*spec.Upgrader)
		summary  string // none: no finding
		detail   string
		argument string
	}{
		"all well":           {nothing, none, "", "", ""},
		"no such delegate":   {nothing, func(u *spec.Upgrader) { u.DelegateName = "x" }, "There is no delegate x in namespace ", "look like delegates: web.", "delegate_name"},
		"no such container":  {nothing, func(u *spec.Upgrader) { u.Kubernetes.DelegateContainer = "x" }, `Deployment/web has no container named "x"`, "are: delegate.", "delegate_container"},
		"another name":       {container(`"env":[{"name":"DELEGATE_NAME","value":"x"}]`), none, "The delegate's DELEGATE_NAME differs", `"x"`, "delegate_name"},
		"another account":    {nothing, func(u *spec.Upgrader) { u.AccountID = "x" }, "The delegate's ACCOUNT_ID differs", `is given "x"`, "account_id"},
		"another manager":    {nothing, func(u *spec.Upgrader) { u.ManagerEndpoint = "https://x" }, "The delegate's MANAGER_HOST_AND_PORT differs", `is given "https://x"`, "manager_endpoint"},
		"manager with slash": {nothing, func(u *spec.Upgrader) { u.ManagerEndpoint += "/" }, "", "", ""},
		"another token":      {nothing, func(u *spec.Upgrader) { u.Token = "x" }, "different tokens", "overrides of an organization or a project", "token"},
		"token in the clear": {container(`"env":[{"name":"DELEGATE_TOKEN","value":"` + another + `"}]`), none, "different tokens", "Deployment/web has another DELEGATE_TOKEN", "token"},
		"token of a key": {func(f *fixture) {
			f.secret("k", map[string]string{"t": another})
			container(`"env":[{"name":"DELEGATE_TOKEN","valueFrom":{"secretKeyRef":{"name":"k","key":"t"}}}]`)(f)
		}, none, "different tokens", "", "token"},
		"token that nobody knows": {container(`"env":[{"name":"DELEGATE_TOKEN","valueFrom":{"secretKeyRef":{"name":"missing","key":"t"}}}]`), none, "", "", ""},
		"unknown token, equal": {
			func(f *fixture) { f.secret("web-upgrader-token", map[string]string{tokenKey: string(small().Token)}) },
			func(u *spec.Upgrader) { u.Token = "" }, "", "", "",
		},
		"unknown token, another": {
			func(f *fixture) { f.secret("web-upgrader-token", map[string]string{tokenKey: another}) },
			func(u *spec.Upgrader) { u.Token = "" }, "different tokens", "", "token",
		},
		"existing secret's token": {func(f *fixture) { f.secret("delegate-token", map[string]string{tokenKey: another}) }, withExistingSecret, "different tokens", "", "existing_secret"},
		"no existing secret":      {nothing, withExistingSecret, "There is no Secret/delegate-token", "the upgrader's token", "existing_secret"},
		"existing secret's key":   {func(f *fixture) { f.secret("delegate-token", map[string]string{"TOKEN": "x"}) }, withExistingSecret, "Secret/delegate-token lacks UPGRADER_TOKEN", "", "existing_secret"},
		"no certificate":          {nothing, func(u *spec.Upgrader) { u.Kubernetes.MTLSSecret = "m" }, "There is no Secret/m", "", "mtls_secret"},
		"certificate's keys": {
			func(f *fixture) { f.secret("m", map[string]string{"tls.crt": "x"}) },
			func(u *spec.Upgrader) { u.Kubernetes.MTLSSecret = "m" }, "Secret/m lacks client.crt and client.key", "", "mtls_secret",
		},
		"no authority":  {func(f *fixture) { f.secret("c", nil) }, func(u *spec.Upgrader) { u.Kubernetes.CustomCASecret = "c" }, "Secret/c is empty", "", "custom_ca_secret"},
		"mirror":        {nothing, func(u *spec.Upgrader) { u.Kubernetes.RegistryMirror = "us.gcr.io/mirror" }, "", "", ""},
		"mirror in use": {container(`"image":"us.gcr.io/mirror/harness/delegate:1"`), func(u *spec.Upgrader) { u.Kubernetes.RegistryMirror = "us.gcr.io/mirror" }, "", "", ""},
		"mirror and custom image": {
			container(`"image":"registry.example.com:5000/team/delegate:1"`), func(u *spec.Upgrader) { u.Kubernetes.RegistryMirror = "us.gcr.io/mirror" },
			"doesn't fit the delegate's image", "registry.example.com:5000/team/delegate:1", "registry_mirror",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.secret("web", map[string]string{tokenVariable: string(small().Token)})
			f.writeFile("x", "delegate.yaml")
			tt.live(f)
			findings, err := f.platform.Check(t.Context(), f.in(small(tt.want)))
			if err != nil {
				t.Fatal(err)
			}
			if tt.summary == "" {
				if len(findings) > 0 {
					t.Errorf("findings %+v", findings)
				}
				return
			}
			if len(findings) != 1 || !strings.Contains(findings[0].Summary, tt.summary) || !strings.Contains(findings[0].Detail, tt.detail) ||
				findings[0].Argument[len(findings[0].Argument)-1] != tt.argument {
				t.Fatalf("findings %+v", findings)
			}
			if text := findings[0].Summary + findings[0].Detail; strings.Contains(text, another) || strings.Contains(text, string(small().Token)) {
				t.Error("a token is shown")
			}
		})
	}
}

func TestCluster_checkStatefulSet(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write("x", map[string]any{"apiVersion": "apps/v1", "kind": kindStatefulSet, "metadata": map[string]any{"name": "web"}, "spec": map[string]any{
		"serviceName": "web", "selector": map[string]any{"matchLabels": map[string]any{"a": "b"}},
		"template": map[string]any{"metadata": map[string]any{"labels": map[string]any{"a": "b"}}, "spec": map[string]any{"containers": []any{map[string]any{"name": "delegate", "image": "x"}}}},
	}})
	findings, err := f.platform.Check(t.Context(), f.in(small()))
	if err != nil || len(findings) != 1 || findings[0].Summary != "The delegate web is a StatefulSet" {
		t.Errorf("findings %+v, %v", findings, err)
	}
}

// What may not be read is left out.
func TestCluster_checkForbidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small(withExistingSecret))
	findings, err := f.as("blind-"+f.namespace).Check(t.Context(), want)
	if err != nil || len(findings) > 0 {
		t.Errorf("findings %+v, %v", findings, err)
	}
	f.secret("web", map[string]string{tokenVariable: "x"})
	f.writeFile("x", "delegate.yaml")
	platform := f.as("half-"+f.namespace, rule("apps", []any{"get"}, "deployments"))
	eventually(t, func() bool {
		findings, err = platform.Check(t.Context(), f.in(small(func(u *spec.Upgrader) { u.AccountID = "x" })))
		return err == nil && len(findings) > 0
	})
	if !slices.Equal(findings[0].Argument, []string{"account_id"}) || len(findings) != 1 {
		t.Errorf("findings %+v", findings)
	}
}
