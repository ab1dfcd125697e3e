package acctest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// Held describes what the Manager holds, one line per override, in a form that
// reads well in a test: "default/payments {linux,prod} image:tag".
func (m *Manager) Held() []string {
	held := []string{}
	for _, o := range m.Overrides(Account) {
		held = append(held, describe(o))
	}
	slices.Sort(held)
	return held
}

func describe(o simulator.Override) string {
	scope := "account"
	if o.OrgID != "" {
		scope = strings.TrimSuffix(o.OrgID+"/"+o.ProjectID, "/")
	}
	parts := []string{scope}
	if len(o.Tags) > 0 {
		parts = append(parts, "{"+strings.Join(o.Tags, ",")+"}")
	}
	parts = append(parts, o.Version)
	if o.ValidTillNextRelease {
		parts = append(parts, "till-next-release")
	}
	return strings.Join(parts, " ")
}

// Holds checks that the Manager holds exactly the overrides described.
func (m *Manager) Holds(want ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		slices.Sort(want)
		if held := m.Held(); !slices.Equal(held, want) {
			return fmt.Errorf("the Manager holds %q, want %q", held, want)
		}
		return nil
	}
}

// Sent checks how many requests of one kind (such as SetPath) were sent since
// the counters were last reset.
func (m *Manager) Sent(request string, want int) resource.TestCheckFunc {
	return func(*terraform.State) error {
		if got := m.Counters()[request]; got != want {
			return fmt.Errorf("%d requests %s were sent, want %d", got, request, want)
		}
		return nil
	}
}
