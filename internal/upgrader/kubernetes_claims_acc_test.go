package upgrader_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// several are upgraders by count, which move on by one when a name is taken out.
func several(namespace string, delegates ...string) string {
	return fmt.Sprintf(`
locals { delegates = %s }
resource "harnessdelegate_upgrader" "each" {
  count         = length(local.delegates)
  delegate_name = local.delegates[count.index]
  token         = %q
  kubernetes {
    namespace = %q
  }
}`, asList(delegates), token, namespace)
}

func asList(texts []string) string {
	return `["` + strings.Join(texts, `", "`) + `"]`
}

// One resource takes over what another one lets go of in the same run: no
// matter which is first, the objects stay.
func TestAccKubernetes_namesMoveOn(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	there := func(delegates ...string) resource.TestCheckFunc {
		var want []string
		for _, name := range delegates {
			want = append(want, objectsOf(name)...)
		}
		return func(*terraform.State) error { return p.holds(want...) }
	}
	p.upgraders(nil,
		resource.TestStep{Config: p.config(several(p.namespace, "one", "two", "three")), Check: there("one", "two", "three")},
		resource.TestStep{Config: p.config(several(p.namespace, "two", "three")), Check: there("two", "three")},
		resource.TestStep{Config: p.config(several(p.namespace, "zero", "two", "three")), Check: there("zero", "two", "three")},
	)
}

// A second resource for an upgrader that a first one manages is refused, although
// this provider has made it.
func TestAccKubernetes_secondResource(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := in(p.namespace).block("it")
	p.upgraders(nil,
		resource.TestStep{Config: p.config(first)},
		resource.TestStep{
			Config:      p.config(first, in(p.namespace).with("schedule", `"*/5 * * * *"`).block("again")),
			ExpectError: saying("Unable to Create Upgrader", "there is an upgrader already, with other settings", "kubernetes/"+p.namespace+"/payments-upgrader-job"),
		},
		resource.TestStep{
			Config:      p.config(first, in(p.namespace).with("token", quoted(strings.ToLower(token))).block("again")),
			ExpectError: saying("there is an upgrader already, with another token"),
		},
		resource.TestStep{
			Config:           p.config(first),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// A replacement that is created before the old one is destroyed keeps what both
// have, and leaves nothing behind of what only the old one had.
func TestAccKubernetes_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	early := func(with arguments, serial string) string {
		block := with.block("it")
		return fmt.Sprintf("resource \"terraform_data\" \"serial\" { input = %q }\n", serial) +
			strings.TrimSuffix(block, "}\n") + "  lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.serial]\n  }\n}\n"
	}
	old := in(p.namespace).with("kubernetes.secret_name", `"old-secret"`).with("kubernetes.role_name", `"old-role"`)
	p.upgraders(nil,
		resource.TestStep{Config: p.config(early(old, "1"))},
		resource.TestStep{
			Config:           p.config(early(in(p.namespace), "2")),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreateBeforeDestroy),
			Check:            func(*terraform.State) error { return p.holds(objectsOf(delegate)...) },
		},
	)
}

// An optional variable may be null where a map is made of it.
func TestAccKubernetes_nullMembers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.upgraders(nil, resource.TestStep{ // an empty plan afterwards is what the library expects
		Config: p.config(in(p.namespace).with("kubernetes.env", `{ A = null, B = "b" }`).with("kubernetes.labels", `{ l = null }`).
			with("kubernetes.annotations", `{}`).with("kubernetes.node_selector", `{ n = null }`).block("it")),
		Check: func(*terraform.State) error {
			job := p.get("CronJob/payments-upgrader-job").Object
			if got := asJSON(t, field(job, "spec.jobTemplate.spec.template.spec.containers.0.env")); got != `[{"name":"B","value":"b"}]` {
				return fmt.Errorf("the variables are %s", got)
			}
			return nil
		},
	})
}

// What isn't known at plan may be part of an object that is passed on.
func TestAccKubernetes_unknownMember(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.upgraders(nil, resource.TestStep{
		Config: p.config(`resource "terraform_data" "user" { input = 1000 }`,
			in(p.namespace).with("kubernetes.security_context", `{ runAsUser = tonumber(terraform_data.user.output), runAsNonRoot = true }`).block("it")),
		Check: func(*terraform.State) error {
			job := p.get("CronJob/payments-upgrader-job").Object
			if got := asJSON(t, field(job, "spec.jobTemplate.spec.template.spec.containers.0.securityContext")); got != `{"runAsNonRoot":true,"runAsUser":1000}` {
				return fmt.Errorf("the security context is %s", got)
			}
			return nil
		},
	})
}

func TestAccKubernetes_proxyPasswordArguments(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	proxied := in(p.namespace).with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128")
	for _, tc := range []struct {
		with arguments
		says []string
	}{
		{proxied.with("proxy.password_wo", `"p"`), []string{"password_wo_version"}},
		{proxied.with("proxy.password_wo_version", "1"), []string{"password_wo"}},
		{proxied.with("proxy.password", `"p"`).with("proxy.password_wo", `"q"`).with("proxy.password_wo_version", "1"), []string{"proxy.password"}},
		{proxied.with("proxy.proxy_manager", `""`), []string{"proxy_manager"}},
		{in(p.namespace).with("kubernetes.timezone", `""`), []string{"timezone", "it is empty"}},
		{in(p.namespace).with("kubernetes.env", `{ UPGRADER_TOKEN = "x" }`), []string{"the argument token sets it"}},
		{proxied.with("proxy.user", `"u"`).with("token", "").with("kubernetes.existing_secret", `"payments-upgrader-config"`), []string{"Names Collide"}},
	} {
		p.upgraders(nil, resource.TestStep{Config: p.config(tc.with.block("it")), ExpectError: saying(tc.says...)})
	}
}

// Without a new version, a write-only password is not written, not even beside
// another change.
func TestAccKubernetes_proxyPasswordWithoutVersion(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	proxied := in(p.namespace).with("proxy.host", `"proxy.example.com"`).with("proxy.port", "3128").with("proxy.password_wo_version", "1")
	holds := func(password string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			data, _ := field(p.get("Secret/payments-upgrader-config").Object, "data").(map[string]any)
			config, err := base64.StdEncoding.DecodeString(fmt.Sprint(data["config.yaml"]))
			if err == nil && !strings.Contains(string(config)+"\n", "proxyPassword: "+password+"\n") {
				err = fmt.Errorf("config.yaml should have the password %s: %s", password, config)
			}
			return err
		}
	}
	p.upgraders(nil,
		resource.TestStep{Config: p.config(proxied.with("proxy.password_wo", `"first-one"`).block("it")), Check: holds("first-one")},
		resource.TestStep{Config: p.config(proxied.with("proxy.password_wo", `"second-one"`).with("schedule", `"*/5 * * * *"`).block("it")), Check: holds("first-one")},
		resource.TestStep{Config: p.config(proxied.with("proxy.password_wo", `"second-one"`).with("proxy.password_wo_version", "2").block("it")), Check: holds("second-one")},
	)
}

func TestAccManifest_proxyPassword(t *testing.T) {
	t.Parallel()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: `
data "harnessdelegate_upgrader_manifest" "it" {
  account_id       = "acc"
  manager_endpoint = "https://app.harness.io"
  delegate_name    = "payments"
  docker {}
  proxy {
    host     = "h"
    port     = 1
    user     = "u"
    password = "p"
  }
}`,
			Check: resource.TestCheckResourceAttrSet("data.harnessdelegate_upgrader_manifest.it", "command"),
		}},
	})
}
