package gracefulshutdown

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

var (
	we       = kubernetes.Owner{Manager: FieldManager, Applies: true}
	weByHand = kubernetes.Owner{Manager: FieldManager}
	helm     = kubernetes.Owner{Manager: "helm"}
	edit     = kubernetes.Owner{Manager: "kubectl-edit"}
)

func owned(by ...kubernetes.Owner) workload {
	return workload{place: place{"ns", kindDeployment, "payments"}, seconds: 3600, owners: by, replicas: 2}
}

func unowned(seconds int64) workload {
	w := owned()
	w.seconds = seconds
	return w
}

// The state has the value 3600.
func TestEndOf(t *testing.T) {
	t.Parallel()
	before, same := int64(600), int64(3600)
	for name, tc := range map[string]struct {
		live     workload
		previous *int64
		want     ending // left is a part of the reason
		after    int64
	}{
		"ours":                        {owned(we), &before, ending{restore: &before, release: true}, 600},
		"ours, same before":           {owned(we), &same, ending{release: true}, 3600},
		"ours, not known":             {owned(we), nil, ending{release: true, left: "the value before is unknown"}, 3600},
		"others'":                     {owned(helm, edit), &before, ending{left: "helm and kubectl-edit changed it"}, 3600},
		"others', same before":        {owned(helm), &same, ending{}, 3600},
		"no owner, another value":     {unowned(900), &before, ending{left: "this resource doesn't own the field any more"}, 900},
		"no owner, our value":         {owned(), &before, ending{restore: &before, release: true}, 600},
		"no owner, same before":       {owned(), &same, ending{}, 3600},
		"shared":                      {owned(we, helm), &before, ending{release: true, left: "the field has another owner, too: helm"}, 3600},
		"shared, same before":         {owned(we, helm), &same, ending{release: true}, 3600},
		"shared, not known":           {owned(we, helm), nil, ending{release: true}, 3600},
		"under our name, not applied": {owned(weByHand), &before, ending{left: "doesn't own the field any more"}, 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := endOf(tc.live, 3600, tc.previous)
			if got.after(tc.live) != tc.after {
				t.Errorf("afterwards it is %d, want %d", got.after(tc.live), tc.after)
			}
			if (got.left == "") != (tc.want.left == "") || !strings.Contains(got.left, tc.want.left) {
				t.Errorf("it is left because: %q, want: %q", got.left, tc.want.left)
			}
			got.left = tc.want.left
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(ending{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDeclared(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		live workload
		want bool
	}{
		"nobody":          {owned(), false},
		"we":              {owned(we), false},
		"a person":        {owned(edit), false},
		"Helm":            {owned(helm), true},
		"Helm and others": {owned(edit, helm, we), true},
	} {
		if got := tc.live.declared(); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// The live value is 3600, the value to give back was 600.
func TestPreviousAfter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		live    workload
		seconds int64 // in the state
		want    int64
	}{
		"ours":                 {owned(we), 3600, 600},
		"shared with Helm":     {owned(we, helm), 3600, 600},
		"Helm has set another": {owned(helm), 7200, 3600},
		"Helm has set ours":    {owned(helm), 3600, 3600},
		"changed by hand":      {owned(edit), 7200, 600},
		"made anew, unset":     {owned(), 7200, 3600},
		"owners were cleared":  {owned(), 3600, 600},
	} {
		before := int64(600)
		if got := tc.live.previousAfter(tc.seconds, &before); *got != tc.want {
			t.Errorf("%s: %d, want %d", name, *got, tc.want)
		}
	}
}

func TestOwnerWarning(t *testing.T) {
	t.Parallel()
	const (
		set        = " set the grace period of Deployment/payments in namespace ns to 3600 seconds. "
		fails      = "Apply will fail with a conflict. Set force_conflicts = true to take the field over. "
		takes      = "force_conflicts = true takes the field over. "
		serverSide = `After the takeover every "helm upgrade prod" fails with a conflict on spec.template.spec.terminationGracePeriodSeconds, and the release gets the status failed.`
		clientSide = `every "helm upgrade prod" sets Helm's value again.`
		other      = "When argocd-controller or kubectl writes the field again,"
	)
	applies := func(manager string) kubernetes.Owner { return kubernetes.Owner{Manager: manager, Applies: true} }
	for name, tc := range map[string]struct {
		owners []kubernetes.Owner
		force  bool
		begin  string
		says   []string // and none of the other texts
	}{
		"Helm 4":           {[]kubernetes.Owner{applies("helm")}, false, "helm (Apply)" + set + fails, []string{serverSide}},
		"Helm 4, forced":   {[]kubernetes.Owner{applies("helm")}, true, "helm (Apply)" + set + takes, []string{serverSide}},
		"Helm 3, forced":   {[]kubernetes.Owner{helm, edit}, true, "helm (Update) and kubectl-edit (Update)" + set + takes, []string{clientSide}},
		"Flux":             {[]kubernetes.Owner{applies("helm-controller"), we}, false, "helm-controller (Apply)" + set + fails, []string{serverSide}},
		"others":           {[]kubernetes.Owner{applies("kubectl"), applies("argocd-controller")}, true, "argocd-controller (Apply) and kubectl (Apply)" + set + takes, []string{other}},
		"Helm, both kinds": {[]kubernetes.Owner{helm, applies("helm")}, true, "helm (Apply) and helm (Update)" + set + takes, []string{clientSide, serverSide}},
	} {
		live := owned(tc.owners...)
		live.release = "prod"
		got := ownerWarning(live, tc.force)
		if !strings.HasPrefix(got, tc.begin) {
			t.Errorf("%s: %s\nwant %s", name, got, tc.begin)
		}
		for _, text := range []string{serverSide, clientSide, other} {
			if strings.Contains(got, text) != slices.Contains(tc.says, text) {
				t.Errorf("%s: %s\nwant of the texts: %q", name, got, tc.says)
			}
		}
	}
}

func TestRollWarning(t *testing.T) {
	t.Parallel()
	const (
		begin = "The grace period is part of the pod template: changing it from 3600 to 60 seconds makes Deployment/payments in namespace ns replace "
		end   = ". The old pods keep the old period: a task that runs longer than 3600 seconds after that is lost."
	)
	live := func(change func(*workload)) workload {
		w := owned()
		change(&w)
		return w
	}
	for name, tc := range map[string]struct {
		live    workload
		seconds int64
		want    string
	}{
		"two":       {owned(), 60, begin + "its 2 pods" + end},
		"one":       {live(func(w *workload) { w.replicas = 1 }), 60, begin + "its pod" + end},
		"paused":    {live(func(w *workload) { w.paused = true }), 60, begin + "its 2 pods once its rollout, which is paused, is resumed" + end},
		"on delete": {live(func(w *workload) { w.onDelete = true }), 60, begin + "its 2 pods when they are deleted, because its update strategy is OnDelete" + end},
		"none":      {live(func(w *workload) { w.replicas = 0 }), 60, ""},
		"the same":  {owned(), 3600, ""},
	} {
		if got := rollWarning(tc.live, tc.seconds); got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, tc.want)
		}
	}
}

func TestProgressOf(t *testing.T) {
	t.Parallel()
	const condition = ", conditions: [{type: Progressing, status: 'False', reason: ProgressDeadlineExceeded, message: too slow}]"
	for name, tc := range map[string]struct {
		object string
		want   progress
	}{
		"not seen": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}",
			progress{at: "its controller hasn't observed the change yet"},
		},
		"old pods": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 3}}",
			progress{at: "2 of 2 pods are replaced, and 3 are available"},
		},
		"new pods not available": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {}, status: {observedGeneration: 2, replicas: 1, updatedReplicas: 1}}",
			progress{at: "1 of 1 pods are replaced, and 0 are available"},
		},
		"over": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}}",
			progress{done: true, at: "2 of 2 pods are replaced, and 2 are available"},
		},
		"no pods": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 0}, status: {observedGeneration: 2}}",
			progress{done: true, at: "0 of 0 pods are replaced, and 0 are available"},
		},
		"too slow": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2" + condition + "}}",
			progress{stuck: "too slow", at: "1 of 2 pods are replaced, and 2 are available"},
		},
		"paused": {
			"{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 1, paused: true}, status: {observedGeneration: 1}}",
			progress{done: true, at: "0 of 1 pods are replaced, and 0 are available"},
		},
		"StatefulSet, under way": {
			"{kind: StatefulSet, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2}}",
			progress{at: "1 of 2 pods are replaced, and 2 are available"},
		},
		"StatefulSet, the last one not ready": {
			"{kind: StatefulSet, metadata: {generation: 2}, spec: {replicas: 2}, status: {observedGeneration: 2, updatedReplicas: 2, readyReplicas: 1, availableReplicas: 1}}",
			progress{at: "2 of 2 pods are replaced, and 1 are available"},
		},
		"StatefulSet, partition": {
			"{kind: StatefulSet, metadata: {generation: 2}, spec: {replicas: 2, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1}}}, status: {observedGeneration: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2}}",
			progress{done: true, at: "1 of 2 pods are replaced, and 2 are available"},
		},
		"StatefulSet, on delete": {
			"{kind: StatefulSet, metadata: {generation: 2}, spec: {replicas: 1, updateStrategy: {type: OnDelete}}, status: {observedGeneration: 1}}",
			progress{done: true, at: "0 of 1 pods are replaced, and 0 are available"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			encoded, err := yaml.YAMLToJSON([]byte(strings.Replace(tc.object, "{kind", "{apiVersion: apps/v1, kind", 1)))
			if err != nil {
				t.Fatal(err)
			}
			var object unstructured.Unstructured
			if err := object.UnmarshalJSON(encoded); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, progressOf(&object), cmp.AllowUnexported(progress{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
