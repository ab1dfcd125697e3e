package gracefulshutdown

import (
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

func TestEndOf(t *testing.T) {
	t.Parallel()
	before, same := int64(600), int64(3600)
	for name, tc := range map[string]struct {
		live     workload
		known    bool
		previous *int64
		want     ending
		left     string // a part of why it is left
		after    int64
	}{
		"a value":                     {owned(we), true, &before, ending{write: true, seconds: &before, release: true}, "", 600},
		"nothing":                     {owned(we), true, nil, ending{write: true}, "", kubernetesDefault},
		"not known":                   {owned(we), false, nil, ending{release: true}, "it isn't known what was there before", 3600},
		"others' now":                 {owned(helm, edit), true, &before, ending{}, "from helm and kubectl-edit, and not from this resource", 3600},
		"nobody's now":                {owned(), true, &before, ending{}, "which isn't from this resource", 3600},
		"shared":                      {owned(we, helm), true, &before, ending{release: true}, "but also from helm. It stays.", 3600},
		"shared, and was the same":    {owned(we, helm), true, &same, ending{release: true}, "", 3600},
		"shared, and had the default": {owned(we, helm), true, nil, ending{release: true}, "but also from helm. It stays.", 3600},
		"shared, not known":           {owned(we, helm), false, nil, ending{release: true}, "", 3600},
		"under our name, not applied": {owned(weByHand), true, &before, ending{}, "which isn't from this resource", 3600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := endOf(tc.live, tc.known, tc.previous)
			if got.after(tc.live) != tc.after {
				t.Errorf("afterwards it is %d, want %d", got.after(tc.live), tc.after)
			}
			if (got.left == "") != (tc.left == "") || !strings.Contains(got.left, tc.left) {
				t.Errorf("it is left because: %q, want: %q", got.left, tc.left)
			}
			got.left = ""
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(ending{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestInTheWay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		live workload
		want []string
	}{
		"nobody":          {owned(), nil},
		"we":              {owned(we), nil},
		"a person":        {owned(edit), nil},
		"Helm":            {owned(helm), []string{"helm"}},
		"Helm and others": {owned(edit, helm, we), []string{"helm", "kubectl-edit"}},
	} {
		if diff := cmp.Diff(tc.want, tc.live.inTheWay()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestRollWarning(t *testing.T) {
	t.Parallel()
	const (
		begin = "The grace period is part of the pod template: changing it from 3600 to 60 (seconds) makes Deployment/payments in namespace ns replace "
		end   = ". Those that end have the old period still: what they run that takes more than 3600 seconds from then on is lost."
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
		"paused":    {live(func(w *workload) { w.paused = true }), 60, begin + "its 2 pods once its rollout is resumed, which is paused" + end},
		"on delete": {live(func(w *workload) { w.onDelete = true }), 60, begin + "its 2 pods as they are deleted, since its update strategy is OnDelete" + end},
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
			progress{at: "its controller hasn't seen the change"},
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
