package upgrader_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// tally counts the requests of one user.
type tally struct {
	*place

	user, kubeconfig string
	counted          int
}

func (p *place) tally() *tally {
	p.t.Helper()
	user := "tally-" + p.namespace
	kubeconfig, err := p.User(user, "system:masters")
	if err != nil {
		p.t.Fatal(err)
	}
	return &tally{place: p, user: user, kubeconfig: kubeconfig}
}

// take is how many requests were sent since the last call, and which.
func (c *tally) take() (count int, requests string) {
	c.t.Helper()
	entries, err := c.Audit(time.Time{})
	if err != nil {
		c.t.Fatal(err)
	}
	var lines strings.Builder
	seen := 0
	for _, entry := range entries {
		if entry.User != c.user {
			continue
		}
		if seen++; seen > c.counted {
			fmt.Fprintf(&lines, "%s %s %d\n", entry.Verb, entry.URI, entry.Code)
		}
	}
	count, c.counted = seen-c.counted, seen
	return count, lines.String()
}

// atMost fails the test if more requests were sent since the last call. None at
// all would mean that they are not counted.
func (c *tally) atMost(what string, limit int) {
	c.t.Helper()
	count, requests := c.take()
	c.t.Logf("%s: %d requests", what, count)
	if count == 0 || count > limit {
		c.t.Errorf("%s takes %d requests, want at most %d:\n%s", what, count, limit, requests)
	}
}

func (c *tally) workspace(config string) *acctest.Workspace {
	c.t.Helper()
	w := acctest.NewWorkspace(c.t, c.manager, binary, config)
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+c.kubeconfig)
	return w
}

// Each request to make and to remove an upgrader is a wait for a person, and a
// share of the API server's rate limit.
func TestAccKubernetes_requestsOfOne(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
	p.create("somebody", p.delegateManifest(delegate, "harness/delegate:24.03.82600", 0))
	c := p.tally()
	w := c.workspace(in(p.namespace).block("it"))
	w.Succeed("plan", "-out=saved.tfplan")
	c.atMost("planning the creation", 12)
	w.Succeed("apply", "saved.tfplan")
	c.atMost("creating", 14)
	w.Succeed("plan", "-detailed-exitcode")
	c.atMost("an empty plan", 10)
	w.Configure(in(p.namespace).with("schedule", `"0 3 * * *"`).block("it"))
	w.Succeed("plan", "-out=saved.tfplan")
	c.take()
	w.Succeed("apply", "saved.tfplan")
	c.atMost("changing an argument", 14)
	w.Succeed("plan", "-destroy", "-out=saved.tfplan")
	c.atMost("planning the removal", 7)
	w.Succeed("apply", "saved.tfplan")
	c.atMost("removing", 12)
	if err := p.holds("Secret/payments-account"); err != nil {
		t.Error(err)
	}
}

// The answer to a delete tells that an object is gone. One that finalizers keep is
// waited for.
func TestAccKubernetes_destroyWaitsForFinalizers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.create("somebody", p.delegateManifest(delegate, "harness/delegate:24.03.82600", 0))
	w := p.tally().workspace(in(p.namespace).with("timeouts.delete", `"2s"`).block("it"))
	w.Succeed("apply", "-auto-approve")
	config := objectsOf(delegate)[4]
	p.edit(config, `{"metadata": {"finalizers": ["example.com/hold"]}}`)
	if held := w.Terraform("destroy", "-auto-approve", "-no-color"); held.ExitCode != 1 || !strings.Contains(held.Output(), "example.com/hold") {
		t.Errorf("destroy says\n%s", held.Output())
	}
	if err := p.holds(config); err != nil {
		t.Error(err)
	}
	p.edit(config, `{"metadata": {"finalizers": null}}`)
	w.Succeed("destroy", "-auto-approve")
	if err := p.holds(); err != nil {
		t.Error(err)
	}
}

// A hundred delegates in a cluster are common: what a refresh and a query ask for
// doesn't grow with the number of upgraders in a namespace.
func TestAccKubernetes_requestsOfMany(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const count = 50
	for i := range count {
		name := fmt.Sprintf("team-%d", i)
		p.create("somebody", p.delegateManifest(name, "harness/delegate:24.03.82600", 0))
		p.create("somebody", secretManifest(name+"-account", "DELEGATE_TOKEN", token))
	}
	c := p.tally()
	w := c.workspace(strings.Replace(in(p.namespace).with("delegate_name", `"team-${count.index}"`).block("it"),
		"{\n", fmt.Sprintf("{\n  count = %d\n", count), 1))
	w.Succeed("apply", "-auto-approve")
	c.take()
	w.Succeed("plan", "-detailed-exitcode")
	c.atMost("an empty plan", 10)

	found := listed(p.wire(c.kubeconfig), acctest.Block{"kubernetes": acctest.Block{"namespace": p.namespace}}, 0, true)
	c.atMost("a query", 20)
	for _, one := range found {
		quiet(t, "listing", one.Said)
	}
	if len(found) != count {
		t.Errorf("the query finds %d upgraders", len(found))
	}
}
