package cronjob

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// What is rendered is read back as it was, and doesn't differ from itself.
func TestObserve_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := upgraders().Draw(t, "upgrader")
		seen := sight(t, want, alive(t, want))
		if diff := cmp.Diff(want, seen.Upgrader, secretsShown); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if len(seen.Drift) > 0 {
			t.Fatalf("drift: %q", seen.Drift)
		}
		if want.Kubernetes.ExistingSecret == "" && seen.Token != want.Token {
			t.Fatal("another token was read")
		}
	})
}

// Arguments that differ are seen as arguments only: where every argument of what
// is live is another one, words are about nothing else.
func TestObserve_argumentsExplainAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := upgraders().Draw(t, "want")
		live := upgraders().Draw(t, "live")
		// What isn't an argument of the same shape on both sides is left out.
		live.Kubernetes.Names, live.Kubernetes.Namespace = want.Kubernetes.Names, want.Kubernetes.Namespace
		live.Proxy, live.Kubernetes.RegistryMirror = want.Proxy, want.Kubernetes.RegistryMirror
		live.Kubernetes.ExistingSecret, live.Token = want.Kubernetes.ExistingSecret, want.Token
		live.Kubernetes.MTLSSecret, live.Kubernetes.CustomCASecret = want.Kubernetes.MTLSSecret, want.Kubernetes.CustomCASecret
		live.Kubernetes.RBAC = want.Kubernetes.RBAC
		live.Kubernetes.Labels, live.Kubernetes.Annotations = want.Kubernetes.Labels, want.Kubernetes.Annotations
		live.Kubernetes.ServiceAccountAnnotations = want.Kubernetes.ServiceAccountAnnotations
		live.Kubernetes.PodLabels, live.Kubernetes.PodAnnotations = want.Kubernetes.PodLabels, want.Kubernetes.PodAnnotations
		if len(want.Kubernetes.Tolerations) == 0 || len(live.Kubernetes.Tolerations) == 0 {
			live.Kubernetes.Tolerations = want.Kubernetes.Tolerations
		}
		seen := sight(t, want, alive(t, live))
		if len(seen.Drift) > 0 {
			t.Fatalf("drift: %q", seen.Drift)
		}
		if seen.Upgrader.Schedule != live.Schedule || seen.Upgrader.Image != live.Image || seen.Upgrader.DelegateName != live.DelegateName {
			t.Fatalf("read %+v", seen.Upgrader)
		}
	})
}

// secretsShown compares secrets, which otherwise all look the same.
var secretsShown = cmp.Transformer("shown", func(text secret.Text) string { return string(text) })

var (
	names  = rapid.StringMatching(`[a-z]([a-z0-9-]{0,8}[a-z0-9])?`)
	texts1 = rapid.OneOf(rapid.StringN(1, 12, 60), rapid.SampledFrom([]string{"true", "08", "1e3", "~", "a: b", "- x", "x #y", "é\n", "\ttab", "'", `"`, "yes", "0x1f", "1:30"}))
	maps1  = rapid.OneOf(rapid.Just(map[string]string(nil)), rapid.MapOfN(names, texts1, 1, 3))
)

func optional[T any](g *rapid.Generator[T]) *rapid.Generator[T] {
	var zero T
	return rapid.OneOf(rapid.Just(zero), g)
}

func pointer() *rapid.Generator[*int64] {
	return optional(rapid.Map(rapid.Int64Range(0, 1000), func(n int64) *int64 { return &n }))
}

func upgraders() *rapid.Generator[spec.Upgrader] {
	return rapid.Custom(func(t *rapid.T) spec.Upgrader {
		text := func(label string) string { return texts1.Draw(t, label) }
		name := func(label string) string { return names.Draw(t, label) }
		u := spec.Upgrader{
			DelegateName: text("delegate"), AccountID: text("account"), ManagerEndpoint: text("manager"), Token: secret.Text(text("token")),
			Schedule: text("schedule"), AutoUpgrade: rapid.Bool().Draw(t, "auto"), DryRun: rapid.Bool().Draw(t, "dry"), Image: text("image"),
		}
		if rapid.Bool().Draw(t, "proxied") {
			u.Proxy = spec.Proxy{
				Scheme: text("scheme"), Host: text("host"), Port: new(rapid.Int64Range(1, 65535).Draw(t, "port")),
				User: optional(texts1).Draw(t, "user"), Manager: rapid.SampledFrom([]string{"", "true", "false", "maybe"}).Draw(t, "proxy manager"),
			}
			if u.Proxy.User != "" {
				u.Proxy.Password, u.Proxy.HasPassword = secret.Text(text("password")), true
			}
		}
		amounts := rapid.MapOfN(rapid.SampledFrom([]string{"cpu", "memory"}), rapid.SampledFrom([]string{"0.1", "100m", "1Gi", "2"}), 1, 2)
		affinities := optional(rapid.Map(texts1, func(s string) map[string]any {
			return map[string]any{"podAntiAffinity": map[string]any{"preferredDuringSchedulingIgnoredDuringExecution": []any{
				map[string]any{"weight": int64(7), "podAffinityTerm": map[string]any{"topologyKey": s, "labelSelector": map[string]any{"matchLabels": map[string]any{"x": s}}}},
			}}}
		}))
		contexts := optional(rapid.Map(texts1, func(s string) map[string]any {
			return map[string]any{"runAsUser": int64(len(s)), "runAsNonRoot": false, "seLinuxOptions": map[string]any{"user": s}}
		}))
		verbList := rapid.SampledFrom([][]string{{}, {"get"}, {"get", "patch"}, spec.DefaultDeploymentVerbs()})
		u.Kubernetes = &spec.Kubernetes{
			Namespace: name("namespace"), Names: spec.DefaultNames(name("names")), DelegateContainer: text("container"),
			ExistingSecret: optional(names).Draw(t, "existing"), RegistryMirror: optional(texts1).Draw(t, "mirror"),
			Timezone: optional(texts1).Draw(t, "zone"), ConcurrencyPolicy: optional(texts1).Draw(t, "concurrency"),
			StartingDeadlineSeconds: pointer().Draw(t, "deadline"), SuccessfulJobsHistoryLimit: pointer().Draw(t, "history"),
			FailedJobsHistoryLimit: pointer().Draw(t, "failed"), ActiveDeadlineSeconds: pointer().Draw(t, "active"),
			BackoffLimit: pointer().Draw(t, "backoff"), TTLSecondsAfterFinished: pointer().Draw(t, "ttl"),
			Labels: maps1.Draw(t, "labels"), Annotations: maps1.Draw(t, "annotations"), PodLabels: maps1.Draw(t, "pod labels"),
			PodAnnotations: maps1.Draw(t, "pod annotations"), ServiceAccountAnnotations: maps1.Draw(t, "account annotations"),
			ImagePullPolicy: optional(texts1).Draw(t, "pull"), ImagePullSecrets: optional(rapid.SliceOfNDistinct(names, 1, 3, rapid.ID)).Draw(t, "pull secrets"),
			Env: maps1.Draw(t, "env"), NodeSelector: maps1.Draw(t, "nodes"), PriorityClassName: optional(names).Draw(t, "priority"),
			Tolerations: optional(rapid.SliceOfN(rapid.Map(texts1, func(s string) spec.Toleration {
				return spec.Toleration{Key: s, Operator: "Exists", TolerationSeconds: new(int64(len(s)))}
			}), 1, 2)).Draw(t, "tolerations"),
			Resources: spec.Resources{Requests: optional(amounts).Draw(t, "requests"), Limits: optional(amounts).Draw(t, "limits")},
			Affinity:  affinities.Draw(t, "affinity"), SecurityContext: contexts.Draw(t, "security"), PodSecurityContext: contexts.Draw(t, "pod security"),
			RBAC:       spec.RBAC{CronJobVerbs: verbList.Draw(t, "cron job verbs"), DeploymentVerbs: verbList.Draw(t, "deployment verbs")},
			MTLSSecret: optional(names).Draw(t, "mtls"), CustomCASecret: optional(names).Draw(t, "ca"), ForceConflicts: rapid.Bool().Draw(t, "force"),
		}
		return u
	})
}
