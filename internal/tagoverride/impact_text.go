package tagoverride

import (
	"fmt"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// listedInWarning is how many delegates a warning names.
const listedInWarning = 10

// changing picks the effects that give a delegate another image.
func changing(effects []fleet.Effect) []fleet.Effect {
	var changed []fleet.Effect
	for _, e := range effects {
		if e.Changes() {
			changed = append(changed, e)
		}
	}
	return changed
}

// summaryOf counts: "3 delegates get another image (2 upgrade, 1 downgrade), 14
// keep theirs".
func summaryOf(effects []fleet.Effect) string {
	changed := changing(effects)
	text := fmt.Sprintf("%s another image", counted(len(changed), "delegate gets", "delegates get"))
	var kinds []string
	for _, kind := range []struct {
		of   delegate.Direction
		word string
	}{
		{delegate.Upgrade, "upgrade"},
		{delegate.Downgrade, "downgrade"},
		{delegate.SameVersion, "same version"},
		{delegate.UnknownDirection, "version unknown"},
	} {
		count := 0
		for _, e := range changed {
			if e.Direction == kind.of {
				count++
			}
		}
		if count > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", count, kind.word))
		}
	}
	if len(kinds) > 0 {
		text += " (" + strings.Join(kinds, ", ") + ")"
	}
	if kept := len(effects) - len(changed); kept > 0 {
		text += fmt.Sprintf(", %s", counted(kept, "keeps its own", "keep theirs"))
	}
	return text
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// listOf names the first delegates that change, one a line, and how many others
// there are.
func listOf(effects []fleet.Effect) string {
	changed := changing(effects)
	var lines []string
	for _, e := range changed[:min(len(changed), listedInWarning)] {
		line := fmt.Sprintf("  - %s: %s -> %s (%s)", whereabouts(e.Delegate), e.Before.Image, e.After.Image, directionWord(e.Direction))
		// ON or DETECTING need no word; OFF means that nobody sets the image.
		if e.Member.AutoUpgrade == harness.AutoUpgradeOff {
			line += "; its auto-upgrade is OFF, so nothing may happen"
		}
		lines = append(lines, line)
	}
	if others := len(changed) - len(lines); others > 0 {
		lines = append(lines, fmt.Sprintf("  - and %d more", others))
	}
	return strings.Join(lines, "\n")
}

// whereabouts is a delegate's name after its scope's identifiers.
func whereabouts(d delegate.Delegate) string {
	var parts []string
	for _, part := range []string{d.Scope.Org, d.Scope.Project, d.Name} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

func directionWord(d delegate.Direction) string { return strings.ReplaceAll(string(d), "_", " ") }
