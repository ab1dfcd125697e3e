package main

import (
	"context"
	"fmt"
)

// phases of an upgrader's life.
const (
	applying = iota
	refreshing
	destroying
	phases
)

// phaseNames are theirs, as the table has them.
var phaseNames = [phases]string{"apply", "an empty plan", "destroy"}

// lived is what one life took, phase by phase.
type lived [phases]counted

// counter tells how many requests a platform has got so far.
type counter func() (int, error)

// noRequests is for who sends none.
func noRequests() (int, error) { return 0, nil }

// live runs the commands of a life one after the other, and counts the requests
// of each.
func live(count counter, commands [phases]func() (cost, error)) (lived, error) {
	var l lived
	for phase, command := range commands {
		var err error
		if l[phase], err = count.during(command); err != nil {
			return l, err
		}
	}
	return l, nil
}

// live is the life of what is configured in a workspace. Each command plans what
// it does itself, as a person's would.
func (w workspace) live(ctx context.Context, count counter) (lived, error) {
	return live(count, [phases]func() (cost, error){
		func() (cost, error) { return w.run(ctx, 0, "apply", "-auto-approve", "-input=false") },
		func() (cost, error) { return w.refresh(ctx) },
		func() (cost, error) { return w.run(ctx, 0, "destroy", "-auto-approve", "-input=false") },
	})
}

// oneResource is the smallest configuration of the empty provider: what remains
// of the costs of one resource where nothing is done for it.
func (c contender) oneResource() string {
	return c.head("") + fmt.Sprintf("resource %q \"one\" {}\n", c.name)
}

// report adds the lines of our lives and those of the empty provider's resource.
func (t *table) report(ours, empty []lived) {
	for phase, name := range phaseNames {
		took := func(l lived) float64 { return seconds(l[phase].cost) }
		t.add(measure{name: "time of " + name + ", s", digits: 2, ours: each(ours, took), empty: each(empty, took)})
	}
	for phase, name := range phaseNames {
		t.add(measure{name: "requests of " + name, ours: each(ours, func(l lived) float64 { return float64(l[phase].requests) })})
	}
}
