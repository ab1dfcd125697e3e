package cronjob

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestObjects_golden(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]spec.Upgrader{
		"default.yaml":           small(),
		"full.yaml":              large(),
		"existing-secret.yaml":   small(withExistingSecret),
		"proxy-credentials.yaml": small(withProxyCredentials),
		"unknown-token.yaml":     small(func(u *spec.Upgrader) { u.Token = "" }),
		"no-verbs.yaml": small(func(u *spec.Upgrader) {
			u.Kubernetes.RBAC.CronJobVerbs, u.Kubernetes.RBAC.DeploymentVerbs = nil, nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, yamlOf(t, u))
		})
	}
}

func TestObjects_labels(t *testing.T) {
	t.Parallel()
	u := small(func(u *spec.Upgrader) {
		u.Kubernetes.Labels = map[string]string{"harness.io/name": "web", "a": "all"}
		u.Kubernetes.PodLabels = map[string]string{"a": "pod"}
	})
	objects := alive(t, u)
	final := objects[key{kindCronJob, u.Kubernetes.CronJob}].Object
	if got := textAt(final, "metadata", "labels", nameLabel); got != "web" {
		t.Errorf("the user's own %s is %q", nameLabel, got)
	}
	if got := textAt(final, "spec", "jobTemplate", "spec", "template", "metadata", "labels", "a"); got != "pod" {
		t.Errorf("the pod's label is %q", got)
	}
	if at(objects[key{kindServiceAccount, u.Kubernetes.ServiceAccount}].Object, "metadata", "labels", "a") == nil {
		t.Error("the ServiceAccount lacks the label of all objects")
	}
}

func yamlOf(tb fataler, u spec.Upgrader) string {
	text, failure := YAML(u)
	if failure != nil {
		tb.Fatal(failure)
	}
	return text
}

var documentMark = regexp.MustCompile(`(?m)^---\n`)

// An independent YAML parser reads back what YAML wrote.
func TestYAML_readsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		u := upgraders().Draw(t, "upgrader")
		objects, live := Objects(u), alive(t, u)
		documents := documentMark.Split(yamlOf(t, u), -1)
		if len(documents) != len(objects) {
			t.Fatalf("%d documents of %d objects", len(documents), len(objects))
		}
		for i, document := range documents {
			var got any
			if err := yaml.Unmarshal([]byte(document), &got); err != nil {
				t.Fatalf("%v\n%s", err, document)
			}
			if diff := cmp.Diff(jsonOf(t, live[rememberedKey(objects[i])].Object), jsonOf(t, got)); diff != "" {
				t.Fatalf("(-object +yaml):\n%s\n%s", diff, document)
			}
		}
	})
}

type fataler interface{ Fatal(args ...any) }

func jsonOf(t fataler, value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plainJSON any
	if err := json.Unmarshal(text, &plainJSON); err != nil {
		t.Fatal(err)
	}
	return plainJSON
}

// config.yaml is read by programs that we don't know: an independent parser
// finds each value where the documentation has it, as a text.
func TestConfigFile_values(t *testing.T) {
	t.Parallel()
	u := large(withProxyCredentials, func(u *spec.Upgrader) {
		u.DelegateName = "yes"
		u.AccountID = "0123456789"
		u.Proxy.User = "a: b # c\n\"d\""
		u.Proxy.Manager = "false"
	})
	var got map[string]any
	if err := yaml.Unmarshal([]byte(configFile(u)), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"mode": "Delegate", "dryRun": true, "workloadName": "yes", "namespace": "harness-delegate-ng",
		"containerName": "delegate", "registryMirror": "us.gcr.io/mirror",
		"delegateConfig":            map[string]any{"accountId": "0123456789", "managerHost": "https://app.harness.io"},
		"clientCertificateFilePath": "/etc/mtls/client.crt", "clientCertificateKeyFilePath": "/etc/mtls/client.key",
		"proxyScheme": "http", "proxyHost": "proxy.example.com", "proxyPort": float64(3128),
		"proxyUser": "a: b # c\n\"d\"", "proxyPassword": `p: "x" #1`, "proxyManager": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, configFile(u))
	}
}

func TestConfigFile_order(t *testing.T) {
	t.Parallel()
	var keys []string
	for line := range strings.Lines(configFile(large(withProxyCredentials))) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		keys = append(keys, name)
	}
	want := []string{
		"mode", "dryRun", "workloadName", "namespace", "containerName", "registryMirror", "delegateConfig", "accountId", "managerHost",
		"clientCertificateFilePath", "clientCertificateKeyFilePath", "proxyScheme", "proxyHost", "proxyPort", "proxyUser", "proxyPassword",
	}
	if !slices.Equal(keys, want) {
		t.Errorf("order %v", keys)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(configFile(large(withProxyCredentials)))
	f.Add("mode: [1, {a: b}]\ndelegateConfig: ~\n? [x]\n: y\n")
	f.Add("a: &a [*a]\n<<: *a")
	f.Add("proxyPort: 0x1F\ndryRun: yes\nworkloadName: 1e400\n")
	f.Fuzz(func(t *testing.T, file string) {
		values, err := parseConfig(file)
		if err != nil {
			return
		}
		// Whatever was read, an upgrader of it is written and read back alike.
		u := small()
		readSettings(&u, values)
		again, err := parseConfig(configFile(u))
		if err != nil {
			t.Fatalf("%v\n%s", err, configFile(u))
		}
		v := small()
		readSettings(&v, again)
		if diff := cmp.Diff(u, v); diff != "" {
			t.Errorf("(-first +second):\n%s\n%s", diff, configFile(u))
		}
	})
}

func readSettings(u *spec.Upgrader, values map[string]string) {
	for _, s := range settings {
		s.read(values[s.key], u)
	}
}
