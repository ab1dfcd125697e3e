package delegates

import (
	"fmt"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// condition is what a delegate is waited for to be. A zero field asks nothing.
type condition struct {
	connected   bool
	minReplicas int
	// version is compared by its release alone: what a replica reports has no
	// variant where the image's tag has one.
	version     *delegate.Version
	autoUpgrade string
}

// missing says what a delegate lacks, each in a clause; nothing if all holds.
func (c condition) missing(d harness.ListedDelegate) []string {
	var lacks []string
	running := connectedReplicas(d.Replicas)
	if c.connected && !d.Connected {
		lacks = append(lacks, "it is not connected")
	}
	if len(running) < c.minReplicas {
		lacks = append(lacks, fmt.Sprintf("it has %d connected replicas, not %d", len(running), c.minReplicas))
	}
	if c.version != nil {
		lacks = append(lacks, c.otherVersions(running)...)
	}
	switch {
	case c.autoUpgrade == "":
	case len(d.Replicas) == 0:
		// The Manager takes a group without replicas for one that upgrades itself.
		lacks = append(lacks, "it has no replicas, so that its auto-upgrade status means nothing")
	case d.AutoUpgrade != c.autoUpgrade:
		lacks = append(lacks, fmt.Sprintf("its auto-upgrade status is %s, not %s", orNone(d.AutoUpgrade), c.autoUpgrade))
	}
	return lacks
}

func (c condition) otherVersions(running []harness.Replica) []string {
	if len(running) == 0 {
		return []string{fmt.Sprintf("no replica is connected that could run version %s", c.version)}
	}
	others := 0
	for _, r := range running {
		if v, err := delegate.ParseVersion(r.Version); err != nil || !sameRelease(v, *c.version) {
			others++
		}
	}
	if others == 0 {
		return nil
	}
	return []string{fmt.Sprintf("another version than %s is run by %d of its %d connected replicas", c.version, others, len(running))}
}

func sameRelease(a, b delegate.Version) bool {
	return a.Year == b.Year && a.Month == b.Month && a.Build == b.Build
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
