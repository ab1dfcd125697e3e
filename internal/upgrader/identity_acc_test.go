package upgrader_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	framework "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader"
)

// inBlock is a configuration as the wire has it.
func (p *place) inBlock(cronJob string) acctest.Block {
	block := acctest.Block{"namespace": p.namespace}
	if cronJob != "" {
		block["cron_job_name"] = cronJob
	}
	return acctest.Block{"delegate_name": delegate, "token": token, "kubernetes": block}
}

// operations are those of one upgrader through the wire. Each checks the identity
// that it leads to.
type operations struct {
	*acctest.Wire

	t *testing.T
	// keeps tells whether Terraform keeps the identity (1.12 and later) or forgets
	// it after each call (before, and OpenTofu).
	keeps bool
}

func (o operations) check(what string, object acctest.Object, diags []acctest.Said, want acctest.Block) acctest.Object {
	o.t.Helper()
	quiet(o.t, what, diags)
	if diff := cmp.Diff(want, object.Identity); diff != "" {
		o.t.Errorf("%s: identity (-want +got):\n%s", what, diff)
	}
	if !o.keeps {
		object.Identity = nil
	}
	return object
}

func (o operations) change(what string, object acctest.Object, config, want acctest.Block) acctest.Object {
	o.t.Helper()
	planned, replaces, diags := o.Plan(upgraderType, object, config)
	quiet(o.t, "planning to "+what, diags)
	if replaces {
		o.t.Errorf("planning to %s replaces", what)
	}
	changed, diags := o.Apply(upgraderType, object, planned, config)
	return o.check(what, changed, diags, want)
}

func (o operations) read(what string, object acctest.Object, want acctest.Block) acctest.Object {
	o.t.Helper()
	found, diags := o.Read(upgraderType, object)
	return o.check(what, found, diags, want)
}

// each runs a test with and without an identity that is kept.
func each(t *testing.T, run func(t *testing.T, keeps bool)) {
	t.Helper()
	for _, keeps := range []bool{true, false} {
		t.Run(fmt.Sprintf("kept %t", keeps), func(t *testing.T) {
			t.Parallel()
			run(t, keeps)
		})
	}
}

// The identity is where the upgrader is, from creation on. Another name of the
// CronJob is another identity of the same object. Once it is gone, there is still
// an identity: the framework insists on it.
func TestAccIdentity_onKubernetes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, keeps bool) {
		t.Helper()
		p := newPlace(t)
		o := operations{p.wire(p.Kubeconfig), t, keeps}
		usual, renamed := p.identity(delegate+"-upgrader-job"), p.identity("nightly")
		object := o.change("create", acctest.Object{}, p.inBlock(""), usual)
		object = o.read("reading", object, usual)
		o.Wire = p.wire(p.Kubeconfig) // the next run, with claims of its own
		object = o.change("rename", object, p.inBlock("nightly"), renamed)
		object = o.read("reading what was renamed", object, renamed)
		p.remove("CronJob/nightly")
		o.Wire = p.wire(p.Kubeconfig)
		object = o.read("reading what has lost its CronJob", object, renamed)
		p.remove(objectsOf(delegate)[:5]...)
		o.Wire = p.wire(p.Kubeconfig) // within a run, one list serves all reads
		if gone := o.read("reading what is gone", object, renamed); gone.State != nil {
			t.Errorf("it is still there: %v", gone.State)
		}
		destroyed, diags := p.wire(p.Kubeconfig).Apply(upgraderType, object, acctest.Object{Identity: object.Identity}, nil)
		quiet(t, "destroying", diags)
		if destroyed.State != nil {
			t.Errorf("destroying leaves %v", destroyed)
		}
	})
}

// A container that somebody has renamed keeps its identity until an apply gives
// it a name; the identity has the engine's address where the resource has one.
func TestAccIdentity_onDocker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, keeps bool) {
		t.Helper()
		d := newDock(t)
		config := func(name string) acctest.Block {
			return acctest.Block{
				"delegate_name": d.name, "token": token, "image": d.image,
				"docker": acctest.Block{"host": d.Host, "name": name, "socket_path": d.Socket()},
			}
		}
		at := func(name string) acctest.Block {
			return acctest.Block{"platform": "docker", "name": name, "host": d.Host}
		}
		o := operations{d.wire("tcp://127.0.0.1:1"), t, keeps}
		object := o.change("create", acctest.Object{}, config(d.container()), at(d.container()))
		if _, err := d.API.ContainerRename(t.Context(), d.container(), client.ContainerRenameOptions{NewName: d.name + "-other"}); err != nil {
			t.Fatal(err)
		}
		object = o.read("reading what somebody has renamed", object, at(d.container()))
		o.Wire = d.wire("tcp://127.0.0.1:1")
		object = o.change("rename", object, config(d.name+"-third"), at(d.name+"-third"))
		mustDo(t, d.RemoveContainers(t.Context(), d.name+"-third"))
		if gone := o.read("reading what is gone", object, at(d.name+"-third")); gone.State != nil {
			t.Errorf("it is still there: %v", gone.State)
		}
	})
}

// Whatever a refresh can't do, there is an identity.
func TestAccIdentity_whileSettingsAreUnknown(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := m.WireWith(t, acctest.Block{
		"endpoint": m.URL, "account_id": acctest.Account, "platform_api_key": acctest.APIKey,
		"kubernetes": acctest.Block{"host": acctest.Unknown},
	})
	object, diags := w.Read(upgraderType, acctest.Object{State: acctest.Block{
		"id": "kubernetes/a/b", "delegate_name": delegate, "kubernetes": acctest.Block{"namespace": "a", "cron_job_name": "b"},
	}})
	sayingOnce(t, "reading", diags, "Refresh Skipped")
	if diff := cmp.Diff(acctest.Block{"platform": "kubernetes", "namespace": "a", "name": "b"}, object.Identity); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
}

// The identity may change in place, and says so.
func TestIdentity_isMutable(t *testing.T) {
	t.Parallel()
	var metadata framework.MetadataResponse
	upgrader.NewResource().Metadata(t.Context(), framework.MetadataRequest{}, &metadata)
	if !metadata.ResourceBehavior.MutableIdentity {
		t.Error("renaming an upgrader would be an error of the provider's")
	}
}

// Import by identity gives what import by id gives.
func TestAccIdentity_import(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("helm", p.chartManifest())
	d := newDock(t)
	d.documented(d.container())
	for name, test := range map[string]struct {
		wire     *acctest.Wire
		id       string
		identity acctest.Block
	}{
		"on Kubernetes": {p.wire(p.Kubeconfig), "kubernetes/" + p.namespace + "/payments-upgrader-job", p.identity("payments-upgrader-job")},
		"on Docker":     {d.wire(d.Host), "docker/" + d.container(), acctest.Block{"platform": "docker", "name": d.container()}},
	} {
		byID, diags := test.wire.ImportByID(upgraderType, test.id)
		quiet(t, name, diags)
		byIdentity, diags := test.wire.ImportByIdentity(upgraderType, test.identity)
		quiet(t, name, diags)
		for _, got := range []acctest.Object{byID, byIdentity} {
			if diff := cmp.Diff(test.identity, got.Identity); diff != "" {
				t.Errorf("%s: identity (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(byID.State, byIdentity.State); diff != "" || byID.State["id"] != test.id {
			t.Errorf("%s: state (-by id +by identity):\n%s", name, diff)
		}
	}
	elsewhere, diags := d.wire("tcp://127.0.0.1:1").ImportByIdentity(upgraderType, acctest.Block{"platform": "docker", "name": d.container(), "host": d.Host})
	quiet(t, "on another engine", diags)
	if block, _ := elsewhere.State["docker"].(acctest.Block); block["host"] != d.Host {
		t.Errorf("the engine is %v, want %s", block["host"], d.Host)
	}
}

func TestIdentity_importRefuses(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	w := m.Wire(t)
	for name, test := range map[string]struct {
		identity acctest.Block
		says     string
	}{
		"an unknown platform":       {acctest.Block{"platform": "nomad", "name": "x"}, `platform is "nomad"; it is either "kubernetes" or "docker"`},
		"no namespace":              {acctest.Block{"platform": "kubernetes", "name": "x"}, "namespace is missing, and the upgrader is on Kubernetes"},
		"a namespace on Docker":     {acctest.Block{"platform": "docker", "name": "x", "namespace": "y"}, `namespace is "y", and the upgrader is on Docker`},
		"an engine on Kubernetes":   {acctest.Block{"platform": "kubernetes", "name": "x", "namespace": "y", "host": "z"}, `host is "z", and the upgrader is on Kubernetes`},
		"an empty name":             {acctest.Block{"platform": "docker", "name": ""}, `name is ""`},
		"an id in place of a name":  {acctest.Block{"platform": "docker", "name": "docker/x"}, `name is "docker/x"`},
		"an id in the namespace":    {acctest.Block{"platform": "kubernetes", "name": "x", "namespace": "kubernetes/y"}, `namespace is "kubernetes/y"`},
		"the platform in its title": {acctest.Block{"platform": "Docker", "name": "x"}, `platform is "Docker"`},
	} {
		object, diags := w.ImportByIdentity(upgraderType, test.identity)
		sayingOnce(t, name, diags, "Invalid Import Identity", "The identity names no upgrader", test.says)
		if object.State != nil {
			t.Errorf("%s: imports %v", name, object.State)
		}
	}
}

// The Terraform CLI imports by identity, and keeps the identity through a rename.
func TestAccIdentity_throughTheCLI(t *testing.T) {
	acctest.Need(t, acctest.ImportByIdentity)
	t.Parallel()
	p := newPlace(t)
	p.create("helm", p.chartManifest())
	block := fmt.Sprintf(`
import {
  to       = %s
  identity = { platform = "kubernetes", namespace = %q, name = "payments-upgrader-job" }
}
`, address, p.namespace)
	given := in(p.namespace).with("image", `"us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest"`).
		with("kubernetes.custom_ca_secret", `"company-ca"`).with("kubernetes.force_conflicts", "true")
	identity := func(name string) statecheck.StateCheck {
		return statecheck.ExpectIdentity(address, map[string]knownvalue.Check{
			"platform": text("kubernetes"), "namespace": text(p.namespace), "name": text(name), "host": knownvalue.Null(),
		})
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{
			{Config: p.config(block, given.block("it")), ConfigStateChecks: []statecheck.StateCheck{identity("payments-upgrader-job")}},
			{Config: p.config(given.with("kubernetes.cron_job_name", `"nightly"`).block("it")), ConfigStateChecks: []statecheck.StateCheck{identity("nightly")}},
		},
	})
}
