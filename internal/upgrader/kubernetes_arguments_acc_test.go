package upgrader_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// No argument may be without a case, and none may be forgotten when it comes.
func TestArguments_complete(t *testing.T) {
	missing := attributes(t)
	maps.DeleteFunc(missing, func(_ string, writable bool) bool { return !writable })
	for _, c := range append(commonCases(), kubernetesCases()...) {
		for _, path := range strings.Fields(c.paths) {
			delete(missing, path)
		}
	}
	for _, path := range elsewhere {
		delete(missing, path)
	}
	if len(missing) > 0 {
		t.Errorf("no test changes %q", slices.Sorted(maps.Keys(missing)))
	}
}

// Each argument is changed in place and then left out, with few others that are
// about other fields: the plan shows them and nothing else, the live object has
// them, and without the argument the field is as if it had never been there.
func TestAccKubernetes_commonArguments(t *testing.T) {
	t.Parallel()
	changeEach(t, commonCases())
}

func TestAccKubernetes_kubernetesArguments(t *testing.T) {
	t.Parallel()
	changeEach(t, kubernetesCases())
}

// changeEach shares the cases out among some upgraders, far enough from each
// other not to meet, and changes all of them at once.
func changeEach(t *testing.T, cases []argument) {
	t.Helper()
	p := newPlace(t)
	upgraders := min(len(cases)/2+1, 16)
	steps := []resource.TestStep{}
	for i, state := range []int{1, 2, 0} {
		given, changed, moves := make([]arguments, upgraders), make([][]string, upgraders), make([]bool, upgraders)
		for n, c := range cases {
			n %= upgraders
			if given[n] == nil {
				given[n] = in(p.namespace).with("delegate_name", quoted(caseName(n)))
			}
			for _, more := range []arguments{c.always, []arguments{nil, c.first, c.second}[state]} {
				for path, expression := range more {
					given[n] = given[n].with(path, expression)
				}
			}
			changed[n] = append(changed[n], strings.Fields(c.paths)...)
			moves[n] = moves[n] || i == 1 || c.want[0] != c.want[2] // else the second state is the base
		}
		var blocks []string
		var checks []plancheck.PlanCheck
		for n := range upgraders {
			blocks = append(blocks, given[n].block(caseName(n)))
			at := "harnessdelegate_upgrader." + caseName(n)
			switch {
			case i == 0:
				checks = append(checks, plancheck.ExpectResourceAction(at, plancheck.ResourceActionCreate))
			case moves[n]:
				checks = append(checks, onlyChanges{at, changed[n]})
			}
		}
		steps = append(steps, resource.TestStep{
			Config:           p.config(blocks...),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: checks, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            func(*terraform.State) error { return p.liveIs(cases, upgraders, state) },
		})
	}
	p.upgraders(nil, steps...)
}

func caseName(n int) string { return fmt.Sprintf("case%d", n) }

// liveIs checks the fields that the cases are about.
func (p *place) liveIs(cases []argument, upgraders, state int) error {
	var wrong []string
	for n, c := range cases {
		want := strings.NewReplacer(
			"TOKEN", quoted(base64.StdEncoding.EncodeToString([]byte(token))), "MANAGER", quoted(p.manager.URL),
		).Replace(c.want[state])
		for _, live := range c.live {
			kind, path, _ := strings.Cut(live, " ")
			got := asJSON(p.t, p.fieldOf(caseName(n%upgraders), kind, path))
			if got != want {
				wrong = append(wrong, fmt.Sprintf("%s: %s is %s, want %s", c.paths, live, got, want))
			}
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return nil
}

// fieldOf reads a field of the object of a kind that an upgrader has. The kind
// Config is a ConfigMap, or a Secret where there is something to hide; never
// both.
func (p *place) fieldOf(name, kind, path string) any {
	p.t.Helper()
	if kind != "Config" {
		return field(p.get(objectsOf(name)[slices.Index(own, kind)]).Object, path)
	}
	open, hidden := p.find("ConfigMap/"+name+"-upgrader-config"), p.find("Secret/"+name+"-upgrader-config")
	switch {
	case (open == nil) == (hidden == nil):
		p.t.Errorf("%s has its configuration twice, or not at all", name)
		return nil
	case open != nil:
		return field(open.Object, path)
	default:
		return field(hidden.Object, path)
	}
}

// onlyChanges checks that a plan changes an upgrader in place, that nothing of it
// is unknown, and that nothing but some arguments differs. The objects follow
// from the arguments.
type onlyChanges struct {
	at    string
	paths []string
}

// CheckPlan implements plancheck.PlanCheck.
func (o onlyChanges) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = fmt.Errorf("%s is not in the plan", o.at)
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != o.at {
			continue
		}
		resp.Error = nil
		if !change.Change.Actions.Update() {
			resp.Error = fmt.Errorf("%s (%s): the plan is to %v", o.at, o.paths, change.Change.Actions)
			return
		}
		found := changes("", change.Change.Before, change.Change.After)
		if unknown := changes("", change.Change.AfterUnknown, nothingUnknown(change.Change.AfterUnknown)); len(unknown) > 0 {
			resp.Error = fmt.Errorf("%s (%s): the plan doesn't know %q", o.at, o.paths, unknown)
		}
		for _, path := range found {
			if path != "objects" && !slices.ContainsFunc(o.paths, func(ours string) bool {
				return strings.HasPrefix(path+".", ours+".") || strings.HasPrefix(ours, path+".")
			}) {
				resp.Error = fmt.Errorf("%s (%s): the plan changes %q", o.at, o.paths, found)
			}
		}
	}
}

// changes are the paths at which two values differ.
func changes(path string, before, after any) []string {
	x, isObject := before.(map[string]any)
	y, isToo := after.(map[string]any)
	if !isObject || !isToo {
		if reflect.DeepEqual(before, after) {
			return nil
		}
		return []string{path}
	}
	names := maps.Clone(x)
	maps.Copy(names, y)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found = append(found, changes(strings.TrimPrefix(path+"."+name, "."), x[name], y[name])...)
	}
	return found
}

// nothingUnknown is the same value with nothing unknown in it.
func nothingUnknown(value any) any {
	switch v := value.(type) {
	case map[string]any:
		same := map[string]any{}
		for name, member := range v {
			same[name] = nothingUnknown(member)
		}
		return same
	case []any:
		same := []any{}
		for _, member := range v {
			same = append(same, nothingUnknown(member))
		}
		return same
	default:
		return false
	}
}
