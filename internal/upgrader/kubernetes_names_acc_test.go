package upgrader_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// Names are changed in place: the new object is made, the old one goes, and those
// whose names stay are the same ones.
func TestAccKubernetes_names(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace)
	var before map[string]string
	remember := func(*terraform.State) error {
		found, err := p.all(own...)
		before = map[string]string{}
		for _, o := range found {
			before[o.GetKind()+"/"+o.GetName()] = string(o.GetUID())
		}
		return err
	}
	renamed := func(names ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			if err := p.holds(names...); err != nil {
				return err
			}
			for id, uid := range maps.Clone(before) {
				if found := p.find(id); found != nil && string(found.GetUID()) != uid {
					return fmt.Errorf("%s has been made anew", id)
				}
			}
			return remember(nil)
		}
	}
	steps := []resource.TestStep{{Config: p.config(given.block("it")), Check: resource.ComposeTestCheckFunc(remember, renamed(objectsOf(delegate)...))}}
	names := objectsOf(delegate)
	for i, attribute := range []string{"service_account", "role", "role_binding", "secret", "config_map", "cron_job"} {
		given = given.with("kubernetes."+attribute+"_name", quoted("my-"+attribute[:4]))
		names = slices.Clone(names)
		names[i] = own[i] + "/my-" + attribute[:4]
		if attribute == "role" || attribute == "secret" { // two at once do as well
			continue
		}
		steps = append(steps, resource.TestStep{
			Config:           p.config(given.block("it")),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("objects", texts(names...))),
			Check:            renamed(names...),
		})
	}
	// Without names of their own, all of them follow another delegate's.
	steps = append(steps, resource.TestStep{
		Config:           p.config(in(p.namespace).with("delegate_name", `"search"`).block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, inPlan("id", text("kubernetes/"+p.namespace+"/search-upgrader-job"))),
		Check: resource.ComposeTestCheckFunc(renamed(objectsOf("search")...), func(*terraform.State) error {
			if got := p.fieldOf("search", "Config", "data.config.yaml.workloadName"); got != "search" {
				return fmt.Errorf("the upgrader is for the delegate %v", got)
			}
			return nil
		}),
	})
	p.upgraders(nil, steps...)
}

// Another namespace is another upgrader.
func TestAccKubernetes_namespace(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	other := &place{Cluster: p.Cluster, t: t, manager: p.manager, namespace: p.Namespace(t)}
	p.upgraders(nil, resource.TestStep{
		Config: p.config(in(p.namespace).block("it")),
	}, resource.TestStep{
		Config:           p.config(in(other.namespace).block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionDestroyBeforeCreate),
		Check: func(*terraform.State) error {
			if err := p.holds(); err != nil {
				return err
			}
			return other.holds(objectsOf(delegate)...)
		},
	})
	if err := other.holds(); err != nil {
		t.Error(err)
	}
}

// Another spelling of the same schedule is no change; what is written stays.
func TestAccKubernetes_sameSchedule(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	steps := []resource.TestStep{{Config: p.config(in(p.namespace).with("schedule", `"0 * * * *"`).block("it"))}}
	for _, spelling := range []string{"@hourly", "0 */1 * * *", "0 0-23 * * *"} {
		steps = append(steps, resource.TestStep{
			Config:           p.config(in(p.namespace).with("schedule", quoted(spelling)).block("it")),
			ConfigPlanChecks: planned(plancheck.ResourceActionNoop),
			Check: func(*terraform.State) error {
				if live := p.fieldOf(delegate, "CronJob", "spec.schedule"); live != "0 * * * *" {
					return fmt.Errorf("the live schedule is %v", live)
				}
				return nil
			},
		})
	}
	p.upgraders(nil, steps...)
}

// What can't be right is refused by the plan, before anything is made.
func TestAccKubernetes_namesTooLong(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.upgraders(nil, resource.TestStep{
		Config:      p.config(in(p.namespace).with("delegate_name", quoted(strings.Repeat("d", 40))).block("it")),
		PlanOnly:    true,
		ExpectError: saying("Invalid Name", "53 characters", "at most 52", "kubernetes.cron_job_name"),
	}, resource.TestStep{
		Config:   p.config(in(p.namespace).with("delegate_name", quoted(strings.Repeat("d", 39))).block("it")),
		PlanOnly: true, ExpectNonEmptyPlan: true,
	})
}
