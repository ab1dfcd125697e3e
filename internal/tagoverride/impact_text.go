package tagoverride

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

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
		line := fmt.Sprintf("  - %s: %s -> %s (%s)", whereabouts(e.Delegate), e.Before.Image, e.After.Image, directionWord(e.Direction)) + remark(e.Member)
		lines = append(lines, line)
	}
	if others := len(changed) - len(lines); others > 0 {
		lines = append(lines, fmt.Sprintf("  - and %d more", others))
	}
	return strings.Join(lines, "\n")
}

// remark says why nothing may happen to a delegate. Of one without replicas the
// Manager's other words mean nothing; ON or DETECTING need none.
func remark(m fleet.Member) string {
	switch {
	case len(m.Replicas) == 0:
		return "; it has no replicas"
	case m.Legacy:
		return "; it runs the legacy image, which upgrades itself, so the override may have no effect"
	case m.AutoUpgrade == harness.AutoUpgradeOff:
		return "; its auto-upgrade is OFF, so the override may have no effect"
	default:
		return ""
	}
}

// unseenText says what of an impact could not be seen, one a line.
func unseenText(impact fleet.Impact) string {
	var lines []string
	for _, unseen := range impact.Unseen {
		lines = append(lines, "  - "+unseen)
	}
	return strings.Join(lines, "\n")
}

// unseenWarning is one warning of all that could not be seen.
func unseenWarning(impact fleet.Impact) diag.Diagnostics {
	if len(impact.Unseen) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Impact Not Seen in Full", "Delegates of which something could not be seen are in neither list. Not seen:\n\n"+
		unseenText(impact)+"\n\nGrant the API key's principal the permission that is missing, at the scope or above it.")}
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
