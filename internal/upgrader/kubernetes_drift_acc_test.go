package upgrader_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"k8s.io/apimachinery/pkg/types"
)

// Whatever somebody changes in what is ours is seen, told in words or as an
// argument, and repaired.
func TestAccKubernetes_driftOfTheCronJob(t *testing.T) {
	t.Parallel()
	findAndRepair(t, spoiledFields())
}

func TestAccKubernetes_driftOfObjects(t *testing.T) {
	t.Parallel()
	findAndRepair(t, spoiledObjects())
}

// findAndRepair has an upgrader for each case, and spoils all of them at once.
func findAndRepair(t *testing.T, cases []spoiled) {
	t.Helper()
	p := newPlace(t)
	var blocks []string
	var checks []plancheck.PlanCheck
	for n, c := range cases {
		given := in(p.namespace).with("delegate_name", quoted(caseName(n)))
		for path, expression := range c.given {
			given = given.with(path, expression)
		}
		blocks = append(blocks, given.block(caseName(n)))
		checks = append(checks, drifted{
			at: "harnessdelegate_upgrader." + caseName(n), title: c.name, shows: c.shows,
			drift: strings.NewReplacer("NAMESPACE", p.namespace, "NAME", caseName(n)),
			words: c.drift,
		})
	}
	var before map[string]string
	p.upgraders(nil, resource.TestStep{
		Config: p.config(blocks...),
		Check:  func(*terraform.State) error { before = p.contents(); return nil },
	}, resource.TestStep{
		PreConfig: func() {
			for n, c := range cases {
				c.spoil(p, caseName(n))
			}
		},
		Config:           p.config(blocks...),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		Check: func(*terraform.State) error {
			if diff := cmp.Diff(before, p.contents()); diff != "" {
				return fmt.Errorf("what was spoiled is another now (-before +after)\n%s", diff)
			}
			return nil
		},
	})
}

// contents are the upgraders' objects without what the API server adds.
func (p *place) contents() map[string]string {
	found, err := p.all(own...)
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string]string{}
	for _, o := range found {
		content := maps.Clone(o.Object)
		delete(content, "status")
		content["metadata"] = map[string]any{"labels": o.GetLabels(), "annotations": o.GetAnnotations()}
		all[o.GetKind()+"/"+o.GetName()] = asJSON(p.t, content)
	}
	return all
}

// drifted checks that a plan shows what has been changed, and nothing else: in
// words that it empties, or as arguments that it changes in place.
type drifted struct {
	at, title    string
	words, shows []string
	drift        *strings.Replacer
}

// CheckPlan implements plancheck.PlanCheck.
func (d drifted) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	at := slices.IndexFunc(req.Plan.ResourceChanges, func(c *tfjson.ResourceChange) bool { return c.Address == d.at })
	if at < 0 {
		resp.Error = fmt.Errorf("%s is not in the plan", d.at)
		return
	}
	change := req.Plan.ResourceChanges[at].Change
	want := []any{}
	for _, words := range d.words {
		want = append(want, d.drift.Replace(words))
	}
	before, _ := change.Before.(map[string]any)
	after, _ := change.After.(map[string]any)
	if diff := cmp.Diff(want, before["drift"]); diff != "" {
		resp.Error = fmt.Errorf("%s: the drift is not as it should be (-want +got)\n%s", d.title, diff)
	}
	if !change.Actions.Update() || fmt.Sprint(after["drift"]) != "[]" {
		resp.Error = fmt.Errorf("%s: the plan is to %v, and leaves the drift %v; %w", d.title, change.Actions, after["drift"], resp.Error)
	}
	shown := slices.DeleteFunc(changes("", change.Before, change.After), func(path string) bool { return path == "drift" || path == "objects" })
	if !slices.Equal(shown, d.shows) {
		resp.Error = fmt.Errorf("%s: the plan changes %q, want %q; %w", d.title, shown, d.shows, resp.Error)
	}
}

// idOf is an upgrader's object of a kind.
func idOf(name, kind string) string { return objectsOf(name)[slices.Index(own, kind)] }

// inConfig changes the text of config.yaml.
func inConfig(before, after string) func(*place, string) {
	return func(p *place, name string) {
		p.t.Helper()
		id := idOf(name, "ConfigMap")
		data, _ := field(p.get(id).Object, "data").(map[string]any)
		file, _ := data["config.yaml"].(string)
		if !strings.Contains(file, before) {
			p.t.Fatalf("there is no %q in\n%s", before, file)
		}
		data["config.yaml"] = strings.Replace(file, before, after, 1)
		p.edit(id, asJSON(p.t, map[string]any{"data": data}))
	}
}

// With nothing left there is no upgrader, and the plan makes a new one.
func TestAccKubernetes_everythingMissing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	config := p.config(in(p.namespace).block("it"))
	p.upgraders(nil, resource.TestStep{Config: config}, resource.TestStep{
		PreConfig:        func() { p.remove(objectsOf(delegate)...) },
		Config:           config,
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		Check:            func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
	})
}

// What others add is theirs: it is no drift, and an update leaves it.
func TestAccKubernetes_fieldsOfOthers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace).with("kubernetes.env", `{ A = "1" }`).with("kubernetes.labels", `{ team = "a" }`)
	theirs := map[string]string{}
	for _, id := range objectsOf(delegate) {
		theirs[id+" metadata.labels.cost-center"] = "42"
		theirs[id+" metadata.annotations.argocd"] = "yes"
	}
	theirs["CronJob/payments-upgrader-job spec.jobTemplate.spec.template.metadata.annotations.injected"] = "true"
	theirs["ConfigMap/payments-upgrader-config data.notes"] = "theirs"
	survive := func(*terraform.State) error {
		for at, want := range theirs {
			id, path, _ := strings.Cut(at, " ")
			if got := field(p.get(id).Object, path); got != want {
				return fmt.Errorf("%s is %v", at, got)
			}
		}
		for path, entry := range map[string]string{"containers.0.env": `{"name":"THEIRS","value":"theirs"}`, "volumes": `{"emptyDir":{},"name":"more"}`} {
			if all := asJSON(t, p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec."+path)); !strings.Contains(all, entry) {
				return fmt.Errorf("their entry has gone: %s are %s", path, all)
			}
		}
		return nil
	}
	p.upgraders(nil, resource.TestStep{Config: p.config(given.block("it"))}, resource.TestStep{
		PreConfig: func() {
			for _, id := range objectsOf(delegate) {
				p.patch("argocd-controller", id, types.MergePatchType, `{metadata: {labels: {cost-center: "42"}, annotations: {argocd: "yes"}}}`)
			}
			p.patch("injector", "CronJob/payments-upgrader-job", types.StrategicMergePatchType, `
spec: {jobTemplate: {spec: {template: {
  metadata: {annotations: {injected: "true"}},
  spec: {
    containers: [{name: upgrader, env: [{name: THEIRS, value: theirs}]}],
    volumes: [{name: more, emptyDir: {}}]}}}}}`)
			p.patch("injector", "ConfigMap/payments-upgrader-config", types.MergePatchType, `{data: {notes: theirs}}`)
		},
		Config:           p.config(given.block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionNoop, inPlan("drift", texts())),
		Check:            survive,
	}, resource.TestStep{
		Config: p.config(given.with("kubernetes.env", `{ B = "1" }`).with("kubernetes.labels", `{ team = "b" }`).
			with("kubernetes.annotations", `{ contact = "b" }`).with("dry_run", "true").block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check:            survive,
	})
}

// An object that somebody else has made in the place of ours isn't ours any more:
// it is neither written nor removed, and with it out of the way all goes on.
func TestAccKubernetes_replacedByOthers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	config := p.config(in(p.namespace).block("it"))
	p.upgraders([]string{"ConfigMap/payments-upgrader-config"}, resource.TestStep{Config: config}, resource.TestStep{
		PreConfig: func() {
			p.remove("ConfigMap/payments-upgrader-config")
			p.create("somebody", "{apiVersion: v1, kind: ConfigMap, metadata: {name: payments-upgrader-config}, data: {theirs: x}}")
		},
		Config:      config,
		ExpectError: saying("Unable to Update Upgrader", "it exists already.", `"somebody" created it`),
	}, resource.TestStep{
		PreConfig: func() { p.remove("ConfigMap/payments-upgrader-config") },
		Config:    config,
	}, resource.TestStep{
		PreConfig: func() {
			p.remove("ConfigMap/payments-upgrader-config")
			p.create("somebody", "{apiVersion: v1, kind: ConfigMap, metadata: {name: payments-upgrader-config}, data: {theirs: x}}")
		},
		Config:      config,
		ExpectError: saying("it exists already."),
	})
	if got := field(p.get("ConfigMap/payments-upgrader-config").Object, "data.theirs"); got != "x" {
		t.Errorf("their ConfigMap has become %v", got)
	}
}
