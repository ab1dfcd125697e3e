package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/cronjob"
)

// upgraders are how many there are in one namespace.
const upgraders = 50

// many measures a plan without changes of many upgraders, and a query that reads
// all of them.
func (k *onKubernetes) many(ctx context.Context, results *table) error {
	namespace, err := k.cluster.NewNamespace(ctx, "bench-many")
	if err != nil {
		return err
	}
	for i := range upgraders {
		if err := k.deploy(ctx, namespace, fmt.Sprintf("team-%d", i)); err != nil {
			return err
		}
	}
	const user = "many"
	kubeconfig, err := k.cluster.User(user, "system:masters")
	if err != nil {
		return err
	}
	w, err := k.ours.workspaceWith(ctx, filepath.Join(k.dir, "many"), k.ours.head(fmt.Sprintf("  kubernetes {\n    config_path = %q\n  }\n", kubeconfig))+fmt.Sprintf(`
resource "harnessdelegate_upgrader" "all" {
  count         = %d
  delegate_name = "team-${count.index}"
  token         = %q
  kubernetes {
    namespace = %q
  }
}
`, upgraders, delegateToken, namespace))
	if err != nil {
		return err
	}
	if _, err := w.run(ctx, 0, "apply", "-auto-approve", "-input=false"); err != nil {
		return err
	}
	k.say("%d upgraders in one namespace: an empty plan, a query, %d rounds", upgraders, k.opts.lives)
	count := k.requestsOf(user)
	taken, err := byTurns(k.opts.lives,
		func() (counted, error) { return count.during(func() (cost, error) { return w.refresh(ctx) }) },
		func() (counted, error) {
			return count.during(func() (cost, error) { return query(ctx, kubeconfig, namespace) })
		})
	if err != nil {
		return err
	}
	results.section(fmt.Sprintf("%d upgraders in one namespace", upgraders))
	results.reportMany("an empty plan", taken[0], atMost(10), target{})
	results.reportMany("a query, without Terraform", taken[1], atMost(20), atMost(3))
	return nil
}

// query lists and reads all upgraders of a namespace, as the list resource does
// for terraform query, which needs a newer Terraform than the others here.
func query(ctx context.Context, kubeconfig, namespace string) (cost, error) {
	start := time.Now()
	client, err := kubernetes.New(kubernetes.Config{ConfigPath: kubeconfig})
	if err != nil {
		return cost{}, fmt.Errorf("preparing a query: %w", err)
	}
	platform := cronjob.New(client.Dynamic(), client.Host(), client.Logs, cronjob.WithLists(client.Lists()))
	found := 0
	for listed, err := range platform.List(ctx, namespace) {
		if err != nil {
			return cost{}, err
		}
		upgrader, _, err := platform.Find(ctx, listed.Place)
		if err != nil {
			return cost{}, err
		}
		if _, err := platform.Observe(ctx, upgrader, nil); err != nil {
			return cost{}, err
		}
		found++
	}
	if found != upgraders {
		return cost{}, fmt.Errorf("the query found %d upgraders, not %d", found, upgraders)
	}
	return cost{wall: time.Since(start)}, nil
}

// counted is what a command took and sent.
type counted struct {
	cost

	requests int
}

// during counts the requests of a command.
func (c counter) during(command func() (cost, error)) (counted, error) {
	before, err := c()
	if err != nil {
		return counted{}, err
	}
	took, err := command()
	if err != nil {
		return counted{}, err
	}
	after, err := c()
	return counted{took, after - before}, err
}

func (t *table) reportMany(name string, taken []counted, requests, time target) {
	t.add(measure{name: "requests of " + name, ours: each(taken, func(c counted) float64 { return float64(c.requests) }), target: requests})
	t.add(measure{name: "time of " + name + ", s", digits: 2, ours: each(taken, func(c counted) float64 { return seconds(c.cost) }), target: time})
}
