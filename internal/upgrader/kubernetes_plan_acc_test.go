package upgrader_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// A plan looks at the delegate, and says what stands in the way of upgrades. It
// fails for none of it, and shows no token.
func TestAccKubernetes_warnings(t *testing.T) {
	t.Parallel()
	const theirs = "c29tZWJvZHkgZWxzZSdzIHRva2VuIGhlcmUh"
	p := newPlace(t)
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
	p.create("somebody", secretManifest("search-account", "DELEGATE_TOKEN", theirs))
	p.create("somebody", secretManifest("custom-account", "DELEGATE_TOKEN", token))
	p.create("somebody", secretManifest("wrong", "TOKEN", token))
	p.create("somebody", secretManifest("right", "UPGRADER_TOKEN", token))
	p.create("somebody", p.delegateManifest(delegate, oldImage, 0))
	p.create("somebody", p.delegateManifest("search", oldImage, 0))
	p.create("somebody", p.delegateManifest("custom", "registry.example.com/own/delegate:1", 0))
	const noToken, existing = "token", "kubernetes.existing_secret"
	base := in(p.namespace)
	const variable = "\nvariable \"token\" {\n  sensitive = true\n}\n"
	w := p.workspace(base.block("it") + variable)
	w.Env = append(w.Env, "TF_VAR_token="+token)
	for _, test := range []struct {
		name  string
		given arguments
		want  []string
	}{
		{"fine", base, nil},
		{"fine existing", base.with(noToken, "").with(existing, `"right"`), nil},
		{"no Deployment so far", base.with("delegate_name", `"nobody"`), nil}, // the same apply may make it
		{"no container", base.with("kubernetes.delegate_container", `"main"`), []string{`Deployment/payments has no container named "main"`}},
		{"other token", base.with("delegate_name", `"search"`), []string{"The delegate and its upgrader have different tokens"}},
		{
			"other write-only token", base.with("delegate_name", `"search"`).with(noToken, "").with("token_wo", quoted(token)).with("token_wo_version", "1"),
			[]string{"The delegate and its upgrader have different tokens"},
		},
		{
			"other existing token", base.with("delegate_name", `"search"`).with(noToken, "").with(existing, `"right"`),
			[]string{"The delegate and its upgrader have different tokens"},
		},
		{"mirror", base.with("delegate_name", `"custom"`).with("kubernetes.registry_mirror", `"mirror.example.com"`), []string{"The registry mirror doesn't fit the delegate's image"}},
		{"no such Secret", base.with(noToken, "").with(existing, `"absent"`), []string{"There is no Secret/absent in namespace " + p.namespace}},
		{"Secret without the key", base.with(noToken, "").with(existing, `"wrong"`), []string{"Secret/wrong lacks UPGRADER_TOKEN"}},
		{"certificates missing", base.with("kubernetes.mtls_secret", `"absent"`), []string{"There is no Secret/absent in namespace " + p.namespace}},
		{"other account", base.with("account_id", `"other"`), []string{"The delegate's ACCOUNT_ID differs from account_id"}},
		{"rare", base.with("schedule", `"0 */15 * * *"`), []string{"Unusual Schedule"}},
	} {
		w.Configure(strings.ReplaceAll(test.given.block("it"), quoted(token), "var.token") + variable)
		var got []string
		result := w.Terraform("plan", "-json")
		for _, d := range result.Diagnostics() {
			got = append(got, d.Summary)
			if len(d.Detail) < 40 {
				t.Errorf("%s: %q says too little: %q", test.name, d.Summary, d.Detail)
			}
		}
		if result.ExitCode != 0 || !slices.Equal(got, test.want) {
			t.Errorf("%s: the plan warns of %q, want %q:\n%s", test.name, got, test.want, result.Output())
		}
	}
	w.hasNot(token, theirs)
}

// A cluster that is made in the same apply isn't known to the plan, nor need be
// the delegate's name, from which the others follow.
func TestAccKubernetes_unknownAtPlan(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	config := func(revision string) string {
		return p.manager.ConfigWith("kubernetes { config_path = terraform_data.cluster.output }", fmt.Sprintf(
			"resource \"terraform_data\" \"cluster\" {\n  input = %q\n  triggers_replace = %q\n}\nresource \"terraform_data\" \"name\" {\n  input = %q\n  triggers_replace = %q\n}\n",
			p.Kubeconfig, revision, delegate, revision), in(p.namespace).with("delegate_name", "terraform_data.name.output").block("it"))
	}
	unknown := func(path string) plancheck.PlanCheck { return plancheck.ExpectUnknownValue(address, pathOf(path)) }
	p.upgraders(nil, resource.TestStep{
		Config: config("1"),
		ConfigPlanChecks: planned(plancheck.ResourceActionCreate, unknown("id"), unknown("objects"),
			unknown("kubernetes.cron_job_name"), unknown("kubernetes.secret_name")),
		Check: func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
	}, resource.TestStep{
		// The cluster is made anew, and until then can't be asked: what is there is
		// taken as it is.
		Config:           config("2"),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
		Check:            func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
	})
}
