package gracefulshutdown_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// Another owner keeps the field until the user says otherwise, whether it
// applies or updates.
func TestAccGracefulShutdown_conflict(t *testing.T) {
	t.Parallel()
	for name, install := range map[string]func(*place){
		"applies": func(p *place) { p.apply("helm", workload("Deployment", 600, 0)) },
		"updates": func(p *place) { p.create("helm", workload("Deployment", 600, 0)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			install(p)
			p.run(
				p.grace("Deployment", 600),
				resource.TestStep{
					Config: p.config(p.block(3600)),
					ExpectError: saying("Could not write Deployment/payments in namespace "+p.namespace+`: "helm" manages`,
						"Set force_conflicts = true to take the field over. Helm manages this release"),
				},
				resource.TestStep{
					Config:            p.config(p.block(3600, "force_conflicts = true")),
					ConfigPlanChecks:  planned(plancheck.ResourceActionCreate),
					ConfigStateChecks: previous(600),
					Check:             p.grace("Deployment", 3600, "we (Apply)"),
				},
			)
		})
	}
}

// A value that was set by hand is taken over without force. If it was there at
// creation it is given back; later it is drift.
func TestAccGracefulShutdown_byHand(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.apply("helm", workload("Deployment", unset, 0))
	p.set("kubectl-edit", 120)
	step := resource.TestStep{
		Config:            p.config(p.block(3600)),
		ConfigStateChecks: previous(120),
		Check:             p.grace("Deployment", 3600, "we (Apply)"),
	}
	again := step
	again.PreConfig = func() { p.set("kubectl-edit", 60) }
	p.run(p.grace("Deployment", 120), step, again)
}

// A workload that was made anew has another value to give back.
func TestAccGracefulShutdown_madeAnew(t *testing.T) {
	t.Parallel()
	for name, seconds := range map[string]int64{"set": 900, "unset": unset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			after := max(seconds, 30)
			p.create("kubectl-client-side-apply", workload("Deployment", 600, 0))
			again := func() {
				p.remove()
				p.create("kubectl-client-side-apply", workload("Deployment", seconds, 0))
			}
			p.run(
				p.grace("Deployment", after),
				resource.TestStep{Config: p.config(p.block(3600, "force_conflicts = true"))},
				resource.TestStep{
					PreConfig:         again,
					Config:            p.config(p.block(3600, "force_conflicts = true")),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: previous(after),
				},
			)
		})
	}
}

// A Helm upgrade sets its own value again. That is an ordinary difference, and
// repaired by the next apply; what else the upgrade has changed stays.
func TestAccGracefulShutdown_drift(t *testing.T) {
	t.Parallel()
	const force = "force_conflicts = true"
	upgraded := workload("Deployment", 600, 0)
	upgraded.SetLabels(map[string]string{"chart": "2"})
	for name, reset := range map[string]func(*place){
		"Helm 4": func(p *place) { p.apply("helm", upgraded.DeepCopy()) },
		"Helm 3": func(p *place) { p.set("helm", 600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.apply("helm", workload("Deployment", 600, 0))
			p.run(
				p.grace("Deployment", 600),
				resource.TestStep{Config: p.config(p.block(3600, force)), Check: p.grace("Deployment", 3600, "we (Apply)")},
				resource.TestStep{
					PreConfig:          func() { reset(p) },
					RefreshState:       true,
					ExpectNonEmptyPlan: true,
				},
				resource.TestStep{
					Config:            p.config(p.block(3600, force)),
					ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
					ConfigStateChecks: previous(600),
					Check:             p.grace("Deployment", 3600, "we (Apply)"),
				},
				resource.TestStep{
					PreConfig:   func() { reset(p) },
					Config:      p.config(p.block(3600)),
					ExpectError: saying(`"helm" manages`, "Set force_conflicts = true"),
				},
				resource.TestStep{Config: p.config(p.block(3600, force))},
			)
		})
	}
}

// Destroying leaves what somebody else has set meanwhile, also if it is the same.
func TestAccGracefulShutdown_destroyLeavesOthers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*place)
		after  int64
		owners []string
	}{
		"another value": {func(p *place) { p.set("helm", 900) }, 900, []string{"helm (Update)"}},
		"the same value, applied": {
			func(p *place) { p.apply("helm", workload("Deployment", 3600, 0)) }, 3600, []string{"helm (Apply)"},
		},
		"nothing": {func(*place) {}, 600, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.apply("helm", workload("Deployment", 600, 0))
			p.run(
				p.grace("Deployment", tc.after, tc.owners...),
				resource.TestStep{Config: p.config(p.block(3600, "force_conflicts = true"))},
				resource.TestStep{PreConfig: func() { tc.change(p) }, RefreshState: true, ExpectNonEmptyPlan: tc.after == 900},
				resource.TestStep{Config: p.config(p.block(3600, "force_conflicts = true")), Destroy: true},
			)
		})
	}
}

// One workload has one such resource.
func TestAccGracefulShutdown_twice(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("kubectl-create", workload("Deployment", 600, 0))
	second := fmt.Sprintf("resource \"harnessdelegate_graceful_shutdown\" \"second\" {\n  namespace = %q\n  name = %q\n  termination_grace_period_seconds = 60\n}\n", p.namespace, delegate)
	p.run(
		p.grace("Deployment", 600),
		resource.TestStep{Config: p.config(p.block(3600))},
		resource.TestStep{
			Config:      p.config(p.block(3600), second),
			ExpectError: saying("A harnessdelegate_graceful_shutdown already manages the grace period of Deployment/payments in namespace "+p.namespace, "import {"),
		},
		resource.TestStep{
			Config:            p.config(p.block(3600)),
			ConfigStateChecks: append(previous(600), inState("termination_grace_period_seconds", knownvalue.Int64Exact(3600))),
		},
	)
}
