package cronjob

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Whatever is changed by hand is found, and repaired by the next apply.
func TestCluster_driftRepaired(t *testing.T) {
	t.Parallel()
	container := func(fields string) string {
		return `{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"upgrader",` + fields + `}]}}}}}}`
	}
	podFields := func(fields string) string {
		return `{"spec":{"jobTemplate":{"spec":{"template":{"spec":{` + fields + `}}}}}}`
	}
	for name, tt := range map[string]struct {
		object key
		kind   types.PatchType
		patch  string
		words  string // in drift; without, an argument tells it
	}{
		"suspended":      {theCronJob, types.MergePatchType, `{"spec":{"suspend":false}}`, ""},
		"schedule":       {theCronJob, types.MergePatchType, `{"spec":{"schedule":"@daily"}}`, ""},
		"image":          {theCronJob, types.StrategicMergePatchType, container(`"image":"x"`), ""},
		"variable":       {theCronJob, types.StrategicMergePatchType, container(`"env":[{"name":"LOG_LEVEL","value":"x"}]`), ""},
		"limit":          {theCronJob, types.StrategicMergePatchType, container(`"resources":{"limits":{"memory":"1Gi"}}`), ""},
		"security":       {theCronJob, types.StrategicMergePatchType, container(`"securityContext":{"runAsNonRoot":null}`), ""},
		"tolerations":    {theCronJob, types.MergePatchType, podFields(`"tolerations":null`), ""},
		"affinity":       {theCronJob, types.MergePatchType, podFields(`"affinity":null`), ""},
		"deadline":       {theCronJob, types.MergePatchType, `{"spec":{"startingDeadlineSeconds":null}}`, ""},
		"zone":           {theCronJob, types.MergePatchType, `{"spec":{"timeZone":"UTC"}}`, ""},
		"label":          {theCronJob, types.MergePatchType, `{"metadata":{"labels":{"team":null}}}`, ""},
		"chosen verbs":   {theRole, types.JSONPatchType, `[{"op":"replace","path":"/rules/1/verbs","value":["get"]}]`, ""},
		"annotation":     {theAccount, types.MergePatchType, `{"metadata":{"annotations":{"eks.amazonaws.com/role-arn":"x"}}}`, ""},
		"harness's name": {theCronJob, types.MergePatchType, `{"metadata":{"labels":{"harness.io/name":null}}}`, `labels["harness.io/name"] is missing`},
		"rule gone":      {theRole, types.JSONPatchType, `[{"op":"remove","path":"/rules/1"},{"op":"test","path":"/kind","value":"Role"}]`, ""},
		"rule added":     {theRole, types.JSONPatchType, `[{"op":"add","path":"/rules/-","value":{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}}]`, `rules has an extra entry {"verbs":["get"],"apiGroups":[""],"resources":["pods"]}`},
		"subject":        {theBinding, types.JSONPatchType, `[{"op":"replace","path":"/subjects/0/name","value":"x"}]`, `subjects[0].name is "x"`},
		"volume":         {theCronJob, types.StrategicMergePatchType, podFields(`"volumes":[{"name":"config-volume","configMap":{"name":"x"}}]`), `volumes["config-volume"].configMap.name is "x"`},
		"other volume":   {theCronJob, types.StrategicMergePatchType, podFields(`"volumes":[{"name":"config-volume","configMap":null,"secret":{"secretName":"x"}}]`), `volumes["config-volume"].configMap is missing`},
		"sub path":       {theCronJob, types.StrategicMergePatchType, container(`"volumeMounts":[{"mountPath":"/etc/config","subPath":"x"}]`), `volumeMounts["/etc/config"].subPath is "x", should not be there`},
		"mode":           {theCronJob, types.StrategicMergePatchType, podFields(`"volumes":[{"name":"custom-certs","secret":{"defaultMode":400}}]`), `volumes["custom-certs"].secret.defaultMode is 400, should be 288`},
		"token source":   {theCronJob, types.StrategicMergePatchType, container(`"envFrom":[{"secretRef":{"name":"x"}}]`), `envFrom[0].secretRef.name is "x"`},
		"restart policy": {theCronJob, types.MergePatchType, podFields(`"restartPolicy":"OnFailure"`), `restartPolicy is "OnFailure"`},
		"config":         {theConfig, types.MergePatchType, `{"data":{"config.yaml":"mode: x\n"}}`, `data["config.yaml"].mode is "x", should be "Delegate"`},
		"no config":      {theConfig, types.MergePatchType, `{"data":{"config.yaml":null}}`, `data["config.yaml"] is missing`},
		"no token":       {theSecret, types.MergePatchType, `{"data":{"UPGRADER_TOKEN":null}}`, `data["UPGRADER_TOKEN"] is missing`},
		"no credentials": {theAccount, types.MergePatchType, `{"automountServiceAccountToken":false}`, `automountServiceAccountToken is false, should be true`},
		"frozen":         {theConfig, types.MergePatchType, `{"immutable":true,"data":{"config.yaml":"mode: z\n"}}`, `data["config.yaml"].mode is "z"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			want := f.in(large())
			applied := f.apply(want, nil)
			f.patch("kubectl-edit", tt.object, tt.kind, tt.patch)

			seen := f.observe(want)
			if tt.words != "" && !said(seen.Drift, tt.words) {
				t.Errorf("drift %q", seen.Drift)
			}
			if tt.words == "" && (cmp.Equal(want, seen.Upgrader, secretsShown) || len(seen.Drift) > 0) {
				t.Errorf("arguments are the same: %v; drift %q", cmp.Equal(want, seen.Upgrader, secretsShown), seen.Drift)
			}
			f.apply(want, applied.Objects)
			f.clean(want)
		})
	}
}

func TestCluster_missingRemade(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	applied := f.apply(want, nil)
	for _, k := range keysOf(want) {
		if err := f.objects(k.kind).Delete(t.Context(), k.name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		if seen := f.observe(want); !slices.Equal(seen.Drift, []string{k.String() + " is missing"}) {
			t.Errorf("drift %q", seen.Drift)
		}
		if applied = f.apply(want, applied.Objects); !slices.Contains(applied.Done, k.String()+" created") {
			t.Errorf("done %q", applied.Done)
		}
		f.clean(want)
	}
}

// What can't be changed in place is made anew.
func TestCluster_replaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	applied := f.apply(want, nil)
	for k, fields := range map[key]map[string]any{
		theBinding: {"roleRef": map[string]any{"apiGroup": rbacGroup, "kind": kindRole, "name": "other"}},
		theSecret:  {"type": "example.com/other", "data": map[string]any{"UPGRADER_TOKEN": "eA=="}},
	} {
		if err := f.objects(k.kind).Delete(t.Context(), k.name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		fields["apiVersion"], fields["kind"] = kinds[k.kind].resource.GroupVersion().String(), k.kind
		fields["metadata"] = map[string]any{"name": k.name}
		f.write("kubectl-create", fields)
		i := slices.IndexFunc(applied.Objects, func(o spec.Object) bool { return rememberedKey(o) == k })
		applied.Objects[i] = f.identity(k)
		if seen := f.observe(want); len(seen.Drift) == 0 {
			t.Errorf("nothing seen of another %s", k)
		}
		applied = f.apply(want, applied.Objects)
		f.clean(want)
	}
}

// A value that another manager declares isn't taken over without an order.
func TestCluster_conflict(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	applied := f.apply(want, nil)
	f.patch("argocd-controller", theCronJob, types.MergePatchType, `{"spec":{"schedule":"*/5 * * * *","suspend":true}}`)
	again, err := f.platform.Apply(t.Context(), spec.Change{Want: want, Last: applied.Objects})
	failure := f.failure(err, `"argocd-controller" manages spec.schedule, spec.suspend`, "force_conflicts", "write CronJob/web-upgrader-job", "Nothing was written")
	if !slices.Equal(failure.Argument, []string{"kubernetes", "force_conflicts"}) {
		t.Errorf("argument %v", failure.Argument)
	}
	if len(again.Objects) != len(applied.Objects) || !said(again.Left, "CronJob/web-upgrader-job not written") || len(again.Done) > 0 {
		t.Errorf("applied %+v", again)
	}
	f.patch("argocd-controller", theCronJob, types.StrategicMergePatchType,
		`{"spec":{"schedule":"0 */1 * * *","suspend":false,"jobTemplate":{"spec":{"template":{"spec":{"volumes":[{"name":"config-volume","configMap":null,"secret":{"secretName":"x"}}]}}}}}}`)
	_, err = f.platform.Apply(t.Context(), spec.Change{Want: want, Last: applied.Objects})
	f.failed(err, `"argocd-controller" manages `, `volumes[name="config-volume"]`)
	want.Kubernetes.ForceConflicts = true
	f.apply(want, applied.Objects)
	f.clean(want)
	if strings.Contains(inWords(f.read(theCronJob).Object), `"secretName":"x"`) {
		t.Error("the other's volume is still there")
	}
}
