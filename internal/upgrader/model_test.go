package upgrader

import (
	"reflect"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// What a platform reports comes back from the state as it was, secrets and
// what only the configuration knows apart.
func TestModel_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawUpgrader(t)
		model := emptyCommonModel()
		model.take(want)
		once := model.upgrader()
		if diff := cmp.Diff(want, once, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-reported +kept)\n%s", diff)
		}
		before := model
		model.take(want)
		if !reflect.DeepEqual(before, model) {
			t.Fatalf("the same report changes the state: %s", cmp.Diff(before, model))
		}
	})
}

// Another report replaces whatever was there.
func TestModel_takesAnotherReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, second := drawUpgrader(t), drawUpgrader(t)
		if (first.Docker == nil) != (second.Docker == nil) {
			t.Skip("an upgrader stays on its platform")
		}
		model := emptyCommonModel()
		model.take(first)
		model.take(second)
		got := model.upgrader()
		if !delegate.SameSchedule(got.Schedule, second.Schedule) {
			t.Fatalf("schedule %q, want %q", got.Schedule, second.Schedule)
		}
		got.Schedule = second.Schedule // the spelling that was there may stay
		if diff := cmp.Diff(second, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-reported +kept)\n%s", diff)
		}
	})
}

// A Role that has lost its rules is not the documented one, whatever was known of
// it before.
func TestModel_noVerbs(t *testing.T) {
	t.Parallel()
	none := spec.RBAC{CronJobVerbs: []string{}, DeploymentVerbs: []string{}}
	for name, before := range map[string]spec.RBAC{
		"documented":    {},
		"read only":     {CronJobVerbs: []string{"get"}, DeploymentVerbs: []string{"get"}},
		"one by itself": {CronJobVerbs: []string{"get"}},
		"none":          none,
	} {
		model := emptyCommonModel()
		for _, rbac := range []spec.RBAC{before.Complete(), none} {
			model.take(spec.Upgrader{Kubernetes: &spec.Kubernetes{RBAC: rbac}})
		}
		if got := model.upgrader().Kubernetes.RBAC; len(got.CronJobVerbs)+len(got.DeploymentVerbs) > 0 {
			t.Errorf("%s before: the verbs are %+v", name, got)
		}
	}
}

func TestPlain_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawObject(t, 3)
		got := plain(terraformValue(dynamicOf(want)))
		if diff := cmp.Diff(any(want), got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func drawUpgrader(t *rapid.T) spec.Upgrader {
	word := rapid.StringMatching(`[a-z][a-z0-9-]{0,8}`)
	u := spec.Upgrader{
		DelegateName: word.Draw(t, "delegate"), AccountID: word.Draw(t, "account"), ManagerEndpoint: "https://" + word.Draw(t, "manager"),
		Schedule:    rapid.SampledFrom([]string{"0 * * * *", "*/15 * * * *", "@hourly"}).Draw(t, "schedule"),
		AutoUpgrade: rapid.Bool().Draw(t, "auto"), DryRun: rapid.Bool().Draw(t, "dry"), Image: word.Draw(t, "image"),
	}
	if rapid.Bool().Draw(t, "proxy") {
		u.Proxy = spec.Proxy{Scheme: "http", Host: word.Draw(t, "host"), Port: new(rapid.Int64Range(1, maxPort).Draw(t, "port")), User: maybe(t, word), Manager: maybe(t, word)}
	}
	if rapid.Bool().Draw(t, "docker") {
		u.Docker = drawDocker(t, word)
	} else {
		u.Kubernetes = drawKubernetes(t, word)
	}
	return u
}

func drawDocker(t *rapid.T, word *rapid.Generator[string]) *spec.Docker {
	return &spec.Docker{
		Name: word.Draw(t, "name"), SocketPath: "/" + word.Draw(t, "socket"), CPUs: rapid.SampledFrom([]float64{0.1, 1, 2.5}).Draw(t, "cpus"),
		Memory: rapid.Int64Range(6, 1000).Draw(t, "memory"), Restart: "always", ContainerStopTimeout: rapid.Int64Range(0, 1000).Draw(t, "stop"),
		NetworkMode: maybe(t, word), Labels: drawMap(t, word), Env: drawMap(t, word), LogDriver: maybe(t, word), LogOpts: drawMap(t, word),
		PullPolicy: spec.DefaultPullPolicy,
	}
}

func drawKubernetes(t *rapid.T, word *rapid.Generator[string]) *spec.Kubernetes {
	k := &spec.Kubernetes{
		Namespace: word.Draw(t, "namespace"), Names: spec.DefaultNames(word.Draw(t, "names")), DelegateContainer: word.Draw(t, "container"),
		ExistingSecret: maybe(t, word), RegistryMirror: maybe(t, word), Timezone: maybe(t, word), ConcurrencyPolicy: "Forbid",
		StartingDeadlineSeconds: maybeNumber(t), SuccessfulJobsHistoryLimit: maybeNumber(t), FailedJobsHistoryLimit: maybeNumber(t),
		ActiveDeadlineSeconds: maybeNumber(t), BackoffLimit: maybeNumber(t), TTLSecondsAfterFinished: maybeNumber(t),
		Labels: drawMap(t, word), Annotations: drawMap(t, word), PodLabels: drawMap(t, word), PodAnnotations: drawMap(t, word), ServiceAccountAnnotations: drawMap(t, word),
		ImagePullPolicy: "Always", Env: drawMap(t, word), NodeSelector: drawMap(t, word), PriorityClassName: maybe(t, word),
		RBAC:       spec.RBAC{CronJobVerbs: drawSome(t, spec.DefaultCronJobVerbs()), DeploymentVerbs: drawSome(t, spec.DefaultDeploymentVerbs())},
		MTLSSecret: maybe(t, word), CustomCASecret: maybe(t, word),
	}
	if rapid.Bool().Draw(t, "pull secrets") {
		k.ImagePullSecrets = []string{word.Draw(t, "pull secret")}
	}
	if rapid.Bool().Draw(t, "tolerations") {
		k.Tolerations = []spec.Toleration{{Key: maybe(t, word), Operator: maybe(t, word), Effect: maybe(t, word), Value: maybe(t, word), TolerationSeconds: maybeNumber(t)}}
	}
	if rapid.Bool().Draw(t, "resources") {
		k.Resources = spec.Resources{Requests: drawMap(t, word), Limits: drawMap(t, word)}
	}
	for _, object := range []*map[string]any{&k.Affinity, &k.SecurityContext, &k.PodSecurityContext} {
		if rapid.Bool().Draw(t, "object") {
			*object = drawObject(t, 2)
		}
	}
	return k
}

func drawObject(t *rapid.T, depth int) map[string]any {
	result := map[string]any{}
	for i := range rapid.IntRange(1, 3).Draw(t, "members") {
		result["m"+strconv.Itoa(i)] = drawValue(t, depth-1)
	}
	return result
}

func drawValue(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	switch {
	case kind == 0 && depth > 0:
		return drawObject(t, depth)
	case kind == 1 && depth > 0:
		return []any{drawValue(t, depth-1), drawValue(t, depth-1)}
	case kind == 2:
		return rapid.Int64().Draw(t, "number")
	case kind == 3:
		return rapid.SampledFrom([]float64{0.5, -1.25}).Draw(t, "fraction")
	case kind == 4:
		return rapid.Bool().Draw(t, "bool")
	default:
		return rapid.String().Draw(t, "text")
	}
}

// drawMap gives maps with members, or none at all: what a platform reports has
// no empty maps.
func drawMap(t *rapid.T, word *rapid.Generator[string]) map[string]string {
	if rapid.Bool().Draw(t, "map") {
		return nil
	}
	return map[string]string{word.Draw(t, "key"): word.Draw(t, "value")}
}

func drawSome(t *rapid.T, all []string) []string {
	result := []string{}
	for _, member := range all {
		if rapid.Bool().Draw(t, member) {
			result = append(result, member)
		}
	}
	return result
}

func maybe(t *rapid.T, word *rapid.Generator[string]) string {
	if rapid.Bool().Draw(t, "set") {
		return word.Draw(t, "word")
	}
	return ""
}

func maybeNumber(t *rapid.T) *int64 {
	if rapid.Bool().Draw(t, "set") {
		return new(rapid.Int64Range(0, 100).Draw(t, "number"))
	}
	return nil
}
