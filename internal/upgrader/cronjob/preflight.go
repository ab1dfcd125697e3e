package cronjob

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// dryRunAll has the API server do everything but keep the result: validation,
// admission, quotas, and conflicts with other field managers.
var dryRunAll = []string{metav1.DryRunAll}

// Preflight implements [spec.Platform].
func (p *platform) Preflight(ctx context.Context, change spec.Change) ([]spec.Finding, error) {
	a := p.application(change)
	a.planning = true
	failure := a.prepare(ctx)
	if failure == nil {
		failure = a.dryRun(ctx)
	}
	switch {
	case failure == nil:
	case apierrors.IsForbidden(failure.Err) && isRight(failure.Err): // not even read
		return []spec.Finding{a.notChecked()}, nil
	case a.isMissingNamespace(failure):
		return nil, nil // the same apply may make it
	default:
		return nil, a.hide.failure(failure)
	}
	p.run.keep(a)
	findings := append(a.changedByAdmission(), a.replaced()...)
	if len(a.unchecked) > 0 {
		findings = append(findings, a.notChecked())
	}
	return findings, nil
}

// isRight tells a refusal for want of a right from one by a policy or a quota.
func isRight(err error) bool {
	answer, _ := kubernetes.Answer(err)
	return strings.Contains(answer.Message, " cannot ")
}

func (a *application) isMissingNamespace(failure *spec.Failure) bool {
	answer, _ := kubernetes.Answer(failure.Err)
	return a.isCreation() && apierrors.IsNotFound(failure.Err) && answer.Details != nil && answer.Details.Kind == "namespaces"
}

func (a *application) notChecked() spec.Finding {
	what := strings.Join(slices.Compact(slices.Sorted(slices.Values(a.unchecked))), ", ")
	if what == "" {
		what = "the upgrader's objects"
	}
	return spec.Finding{
		Summary: "Plan Not Checked by the API Server",
		Detail: fmt.Sprintf("These credentials may not write %s in namespace %s, so the plan was made without asking the API server whether it would accept the change. "+
			"Conflicts with other field managers, admission webhooks, quotas and invalid values show up in apply only.", what, a.namespace),
	}
}

// probe finds out which objects exist, and whether the others may be created: it
// creates each in a dry run. An object that exists is read.
func (a *application) probe(ctx context.Context) *spec.Failure {
	exists := make([]bool, len(a.wanted))
	failures := make([]*spec.Failure, len(a.wanted))
	together(len(a.wanted), func(i int) {
		k := a.wanted[i]
		result, err := a.tryCreate(ctx, k)
		if err == nil {
			a.setTried(k, result)
			return
		}
		// Who may not create is told so only for objects that are not there.
		exists[i] = errors.Is(err, errExists) || apierrors.IsForbidden(err)
		failures[i] = a.refused(k, err)
	})
	var there []key
	for i, k := range a.wanted {
		if exists[i] {
			there = append(there, k)
		}
	}
	live, failure := a.look(ctx, a.namespace, there)
	if failure != nil {
		return failure
	}
	a.live, a.looked = live, true
	for i, k := range a.wanted {
		if live[k] != nil {
			failures[i] = nil
		}
	}
	return firstOf(a.hide.failures(failures))
}

// tryCreate creates an object in a dry run.
func (a *application) tryCreate(ctx context.Context, k key) (object, error) {
	var made *unstructured.Unstructured
	exists := false
	err := a.try(ctx, func(ctx context.Context) (err error) {
		made, err = a.of(a.namespace, k.kind).Create(ctx, untyped(a.rendered[k]), metav1.CreateOptions{FieldManager: FieldManager, DryRun: dryRunAll})
		if exists = apierrors.IsAlreadyExists(err); exists {
			return nil // an answer, and no failure that passes
		}
		return err
	})
	if exists {
		return nil, errExists
	}
	return typedOr(made, err)
}

var errExists = errors.New("it exists already")

// refused is the failure of a dry run. That a Role isn't there which the same apply
// makes is none.
func (a *application) refused(k key, err error) *spec.Failure {
	if k.kind == kindRoleBinding && a.live[key{kindRole, a.Want.Kubernetes.Role}] == nil && refersToRole(err) {
		return nil
	}
	if a.planning && apierrors.IsForbidden(err) && isRight(err) {
		a.mutex.Lock()
		defer a.mutex.Unlock()
		a.unchecked = append(a.unchecked, kinds[k.kind].resource.GroupResource().String())
		return nil // who may only read still plans
	}
	f := a.fail(action{"write", k, a.namespace}, err)
	f.Reason = strings.TrimSuffix(f.Reason, ".")
	if _, answered := kubernetes.Answer(err); answered {
		f.Advice = strings.TrimSpace("Nothing was written. " + f.Advice)
	}
	return f
}

func refersToRole(err error) bool {
	answer, _ := kubernetes.Answer(err)
	return apierrors.IsNotFound(err) && answer.Details != nil && answer.Details.Kind != "namespaces"
}

// dryRun tries every write that the change needs. What was probed isn't tried
// again.
func (a *application) dryRun(ctx context.Context) *spec.Failure {
	untried := slices.DeleteFunc(slices.Clone(a.wanted), func(k key) bool { return a.tried[k] != nil })
	failures := make([]*spec.Failure, len(untried))
	together(len(untried), func(i int) { failures[i] = a.tryOne(ctx, untried[i]) })
	return firstOf(a.hide.failures(failures))
}

func (a *application) tryOne(ctx context.Context, k key) *spec.Failure {
	live := a.live[k]
	switch {
	case live != nil && mustReplace(a.rendered[k], live):
		return nil // it can be created only once this one is gone
	case live == nil:
		result, err := a.tryCreate(ctx, k)
		if err != nil {
			return a.refused(k, err)
		}
		a.setTried(k, result)
		return nil
	}
	corrections := a.corrections(live)
	patch := corrections.patch(live)
	result, err := a.serverSideApply(ctx, k, dryRunAll)
	conflicts := kubernetes.Conflicts(err)
	for _, c := range corrections.conflicts(live) {
		// The API server may have named the very fields.
		if !slices.ContainsFunc(conflicts, func(known kubernetes.Conflict) bool {
			return known.Manager == c.Manager && strings.HasPrefix(known.Field, c.Field)
		}) {
			conflicts = append(conflicts, c)
		}
	}
	conflicts = slices.DeleteFunc(conflicts, func(c kubernetes.Conflict) bool { return !isDeclared(c.Manager) })
	if len(conflicts) > 0 && !a.Want.Kubernetes.ForceConflicts {
		return a.conflict(k, conflicts)
	}
	if patch != nil {
		// It is what decides: server-side apply alone may be refused for what the
		// patch takes out.
		result, err = a.patch(ctx, k, patch, dryRunAll)
	}
	if err != nil {
		return a.refused(k, err)
	}
	a.setTried(k, result)
	return nil
}

func (a *application) setTried(k key, result object) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.tried[k] = result
	a.settled[k] = a.live[k] != nil && reflect.DeepEqual(a.live[k], result)
}

// changedByAdmission tells of arguments that the cluster's admission would change:
// every apply would succeed, and every plan differ.
func (a *application) changedByAdmission() []spec.Finding {
	rendered := a.renderedCronJob()
	result := in[*batchv1.CronJob](a.tried, kindCronJob, a.Want.Kubernetes.CronJob)
	if result == nil {
		return nil
	}
	result = withoutOthersEntries(result, rendered)
	var findings []spec.Finding
	for _, f := range fields {
		if f.argument == "" || f.same(result, rendered) {
			continue
		}
		findings = append(findings, spec.Finding{
			Summary: "Argument Is Changed by Admission",
			Detail: fmt.Sprintf("An admission webhook or policy of the cluster changes %s: %s %s. Apply would succeed, and the next plan would show the change again. "+
				"Set %s to the value that the cluster sets, or have CronJob/%s in namespace %s exempted.",
				f.argument, f.words(), f.verdict(rendered, result), f.argument, a.Want.Kubernetes.CronJob, a.namespace),
			Argument: strings.Split(f.argument, "."),
		})
	}
	return findings
}

// replaced tells of Secrets and ConfigMaps that can't be changed in place: what
// others have put into them is lost.
func (a *application) replaced() []spec.Finding {
	var findings []spec.Finding
	for _, k := range a.wanted {
		live := a.live[k]
		if live == nil || k.kind != kindSecret && k.kind != kindConfigMap || !mustReplace(a.rendered[k], live) {
			continue
		}
		findings = append(findings, spec.Finding{
			Summary: k.String() + " Is Replaced",
			Detail: fmt.Sprintf("%s in namespace %s is immutable, of another type than Opaque, or being deleted, so apply deletes it and creates it again. "+
				"Other keys, labels and annotations that it has are lost.", k, a.namespace),
			Argument: []string{"kubernetes"},
		})
	}
	return findings
}
