package kubernetes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var deployments = schema.GroupResource{Group: "apps", Resource: "deployments"}

// conflict is what the API server answers where others own fields.
func conflict(pairs ...string) error {
	var causes []metav1.StatusCause
	for pair := range slices.Chunk(pairs, 2) {
		causes = append(causes, metav1.StatusCause{
			Type: metav1.CauseTypeFieldManagerConflict, Message: fmt.Sprintf("conflict with %q using apps/v1", pair[0]), Field: pair[1],
		})
	}
	return apierrors.NewApplyConflict(causes, "Apply failed")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	const server = "the Kubernetes API server https://k8s.example.com"
	refused := fmt.Errorf("dialling: %w", syscall.ECONNREFUSED)
	for name, tc := range map[string]struct {
		err    error
		cause  Cause
		reason string
	}{
		"unreachable":     {refused, CauseUnanswered, server + " can't be reached: connection refused"},
		"late, and why":   {&timedOut{context.DeadlineExceeded, refused}, CauseUnanswered, server + " can't be reached: connection refused"},
		"late":            {context.DeadlineExceeded, CauseUnanswered, server + " didn't answer in time"},
		"interrupted":     {context.Canceled, CauseUnanswered, "it was interrupted"},
		"something local": {errors.New("getting credentials: exec: aws"), CauseUnanswered, "asking " + server + " failed: getting credentials: exec: aws"},
		"not allowed": {
			apierrors.NewForbidden(deployments, "x", errors.New(`User "jane" cannot patch resource "deployments" in API group "apps" in the namespace "ns"`)),
			CauseForbidden, `the user "jane" may not patch deployments.apps in namespace ns`,
		},
		"not signed in": {apierrors.NewUnauthorized("Unauthorized"), CauseUnauthorized, server + " doesn't accept the credentials"},
		"no namespace":  {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "ns"), CauseNamespaceMissing, "there is no namespace ns"},
		"others' fields": {
			conflict("helm", ".spec.b", "argocd", ".spec.a", "helm", ".spec.a", "helm", ".spec.a"), CauseConflict,
			`"argocd" manages spec.a; "helm" manages spec.a, spec.b`,
		},
		"a webhook": {
			apierrors.NewForbidden(deployments, "x", errors.New(`admission webhook "policy.example.com" denied the request: not today`)),
			CauseAdmission, `the admission webhook "policy.example.com" refused it: not today`,
		},
		"too large": {apierrors.NewRequestEntityTooLargeError("limit is 3"), CauseTooLarge, server + " finds the object too large"},
		"invalid":   {apierrors.NewInvalid(schema.GroupKind{Kind: "Deployment"}, "x", nil), CauseInvalid, `the API server finds it invalid: Deployment "x" is invalid`},
		"busy": {
			apierrors.NewGenericServerResponse(http.StatusServiceUnavailable, "get", deployments, "x", "etcd", 0, true), CauseOther,
			server + ` answered 503 Service Unavailable: the server is currently unable to handle the request (get deployments.apps x)`,
		},
	} {
		got := Explain(tc.err, Request{Host: "https://k8s.example.com", Resource: deployments, Namespace: "ns"})
		if got.Cause != tc.cause || got.Reason != tc.reason {
			t.Errorf("%s: cause %d, %s\nwant cause %d, %s", name, got.Cause, got.Reason, tc.cause, tc.reason)
		}
	}
}

func TestConflicts(t *testing.T) {
	t.Parallel()
	got := Conflicts(conflict("helm", ".spec.replicas"))
	if diff := cmp.Diff([]Conflict{{"helm", "spec.replicas"}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// Somebody has written at the same time, which is no matter of fields.
	if got := Conflicts(apierrors.NewConflict(deployments, "x", errors.New("changed"))); got != nil {
		t.Errorf("got %v, want none", got)
	}
}
