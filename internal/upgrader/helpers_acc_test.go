package upgrader_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// address is that of the upgrader in most configurations here, and
// delegate the name of the delegate that it is for.
const (
	address  = "harnessdelegate_upgrader.it"
	delegate = "payments"
)

// token is a canary: but for the Secret, and the state where it is an argument,
// nothing may hold it. It has the form that the Manager gives its tokens.
var token = base64.StdEncoding.EncodeToString([]byte("ca9a7ca9a7ca9a7ca9a7ca9a7ca9a7ca"))

// arguments are those of an upgrader: HCL expressions by their paths.
type arguments map[string]string

// in are the fewest arguments, for a namespace.
func in(namespace string) arguments {
	return arguments{"delegate_name": quoted(delegate), "token": quoted(token), "kubernetes.namespace": quoted(namespace)}
}

// with gives one more argument, or takes one away if the expression is empty.
func (a arguments) with(path, expression string) arguments {
	more := maps.Clone(a)
	if more[path] = expression; expression == "" {
		delete(more, path)
	}
	return more
}

// block is a resource block with the arguments.
func (a arguments) block(name string) string {
	return fmt.Sprintf("resource \"harnessdelegate_upgrader\" %q {\n%s}\n", name, a.body("  ", ""))
}

// body writes the arguments below a path, one on a line.
func (a arguments) body(indent, prefix string) string {
	var text strings.Builder
	written := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(a)) {
		rest, below := strings.CutPrefix(path, prefix)
		name, _, nested := strings.Cut(rest, ".")
		switch {
		case !below || written[name]:
		case nested:
			fmt.Fprintf(&text, "%s%s {\n%s%s}\n", indent, name, a.body(indent+"  ", prefix+name+"."), indent)
		case name == "toleration": // the bodies of blocks
			for body := range strings.SplitSeq(a[path], "|") {
				fmt.Fprintf(&text, "%s%s {\n%s\n%s}\n", indent, name, body, indent)
			}
		default:
			fmt.Fprintf(&text, "%s%s = %s\n", indent, name, a[path])
		}
		written[name] = written[name] || below
	}
	return text.String()
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// upgraders runs steps through the real Terraform CLI. In the end nothing that
// an upgrader consists of may be left in the namespace but what the test says.
func (p *place) upgraders(left []string, steps ...resource.TestStep) {
	p.t.Helper()
	resource.UnitTest(p.t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		CheckDestroy:             func(*terraform.State) error { return p.holds(left...) },
		Steps:                    steps,
	})
}

// planned checks what the plan does with the upgrader, and that applying it
// leaves nothing to do.
func planned(action plancheck.ResourceActionType, checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             append([]plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}, checks...),
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func inState(path string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, pathOf(path), value)
}

func inPlan(path string, value knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, pathOf(path), value)
}

func pathOf(path string) tfjsonpath.Path {
	names := strings.Split(path, ".")
	at := tfjsonpath.New(names[0])
	for _, name := range names[1:] {
		at = at.AtMapKey(name)
	}
	return at
}

func text(value string) knownvalue.Check { return knownvalue.StringExact(value) }

func texts(values ...string) knownvalue.Check {
	exact := []knownvalue.Check{}
	for _, value := range values {
		exact = append(exact, text(value))
	}
	return knownvalue.ListExact(exact)
}

// saying matches output that holds each of the phrases, in their order. Terraform
// may have wrapped them over lines with its frame between them.
func saying(phrases ...string) *regexp.Regexp {
	var patterns []string
	for _, phrase := range phrases {
		var words []string
		for _, word := range strings.Fields(phrase) {
			words = append(words, regexp.QuoteMeta(word))
		}
		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}
	return regexp.MustCompile(strings.Join(patterns, `[\s\S]*`))
}

// eventually waits for what happens by itself.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

// inSecret is a text as a Secret holds it.
func inSecret(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
