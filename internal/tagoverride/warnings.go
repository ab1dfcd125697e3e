package tagoverride

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// lookupLimit bounds what planning spends on warnings when the Manager is slow.
const lookupLimit = 20 * time.Second

// circumstances is what warnings are drawn from. What couldn't be looked up is
// missing.
type circumstances struct {
	want delegate.Override
	days int
	now  time.Time
	// creating is a plan that begins to manage the slot.
	creating  bool
	overwrite bool
	// ours is a slot that a resource in the state manages, such as the one that
	// is being replaced.
	ours bool
	// inSlot is what the slot holds.
	inSlot *delegate.Override
	// present is what a delegate that the override reaches gets now.
	present *delegate.Resolution
	latest  *delegate.Version
	// impact is what the write does to delegates; nil where nobody looked.
	impact *fleet.Impact
}

// warnings are drawn when the override is going to be written. They never make
// a plan fail, and say nothing of what can't be looked up.
func (r *overrideResource) warnings(ctx context.Context, plan resourceModel, state *resourceModel, impact *fleet.Impact) diag.Diagnostics {
	if !plan.known() {
		return nil
	}
	seen := circumstances{
		want:      plan.override(),
		days:      int(plan.ValidForDays.ValueInt64()),
		creating:  state == nil || state.ended(),
		overwrite: plan.OverwriteExisting.ValueBool(),
		ours:      r.run().managed.Has(plan.override().Slot()),
		impact:    impact,
	}
	client, diags := r.Data.Client()
	if diags.HasError() {
		return nil
	}
	if !r.run().unreachable.Load() {
		r.lookUp(ctx, client, &seen)
	}
	seen.now = client.Now()
	return seen.warnings()
}

// lookUp asks the Manager for what is there now, in one request per scope and
// run.
func (r *overrideResource) lookUp(ctx context.Context, client *harness.Client, seen *circumstances) {
	ctx, cancel := context.WithTimeout(ctx, lookupLimit)
	defer cancel()
	own, err := client.Overrides(ctx, seen.want.Scope)
	if err != nil {
		r.lookupFailed(ctx, err)
		return
	}
	if found, ok := delegate.InSlot(own, seen.want.Slot(), client.Now()); ok {
		seen.inSlot = &found
	}
	all, latest, failure := chainOverrides(ctx, client, seen.want.Scope)
	if latest.Version != "" {
		if version, err := delegate.ParseVersion(latest.Version); err == nil {
			seen.latest = &version
		}
	}
	if failure != nil {
		r.lookupFailed(ctx, failure.err)
		return
	}
	reached := delegate.Delegate{Scope: seen.want.Scope, Tags: seen.want.Tags}
	present := delegate.Resolve(reached, all, delegate.PublishedImage(latest.Version), client.Now())
	seen.present = &present
}

// lookupFailed remembers that the Manager could not be reached.
func (r *overrideResource) lookupFailed(ctx context.Context, err error) {
	var transport *harness.TransportError
	if errors.As(err, &transport) || errors.Is(err, context.DeadlineExceeded) {
		r.run().unreachable.Store(true)
	}
	tflog.Debug(ctx, "A lookup for plan-time warnings failed", map[string]any{"error": err.Error()})
}

// warnings are the rules, free of input and output.
func (c circumstances) warnings() diag.Diagnostics {
	var diags diag.Diagnostics
	c.aboutSlot(&diags)
	c.aboutForm(&diags)
	c.aboutTags(&diags)
	c.aboutVersion(&diags)
	return diags
}

func (c circumstances) aboutSlot(diags *diag.Diagnostics) {
	if !c.creating || c.ours || c.inSlot == nil {
		return
	}
	if c.overwrite {
		diags.AddAttributeWarning(path.Root(attrOverwriteExisting), "Existing Override Will Be Replaced", fmt.Sprintf(
			"%s holds an override that Terraform doesn't manage: %s. Apply replaces it by %s.", capital(c.want.Slot().String()), c.inSlot, c.want))
		return
	}
	diags.AddAttributeWarning(path.Root(attrTags), "Slot Is Taken", fmt.Sprintf(
		"%s holds %s. Apply will fail unless that is gone by then. To manage it here, import it by the id %q; to replace it, set overwrite_existing = true.",
		capital(c.want.Slot().String()), c.inSlot, c.want.Slot().ID()))
}

func (c circumstances) aboutForm(diags *diag.Diagnostics) {
	image, err := delegate.ParseImage(c.want.Image)
	if err != nil {
		return // the validator has refused it, or it came by import
	}
	at := path.Root(attrDelegateTag)
	if image.Registry != "" && image.Registry != "localhost" && !strings.ContainsAny(image.Registry, ".:") {
		diags.AddAttributeWarning(at, "Unlikely Registry", fmt.Sprintf(
			"delegate_tag is %q. Because of its capitals, a container runtime takes %q for the host name of a registry. Repositories are in lower case.", c.want.Image, image.Registry))
	}
	switch image.Form {
	case delegate.ImageBareTag:
		diags.AddAttributeWarning(at, "Image Without Repository", fmt.Sprintf(
			"delegate_tag is %q, a tag without a repository. The Manager hands the text on as it is, and the upgrader sets it on the container, "+
				"so that the container runtime looks for a repository of that name. Write the full reference, such as %q.",
			c.want.Image, delegate.PublishedImage(c.want.Image)))
	case delegate.ImageLatest, delegate.ImageUntagged:
		diags.AddAttributeWarning(at, "Image Not Pinned", fmt.Sprintf(
			"delegate_tag is %q, which is whatever \"latest\" means when a node pulls it. The upgrader compares texts: once it has set this one, it never upgrades the delegate again, "+
				"and replicas may run different versions. Name a version.", c.want.Image))
	case delegate.ImageDigest:
		if _, ok := image.Version(); !ok {
			diags.AddAttributeWarning(at, "Version Not Visible", fmt.Sprintf(
				"delegate_tag is %q. The upgrader sets it as it is, but a digest tells no version, so that neither support dates nor downgrades can be checked. "+
					"Add the tag before the digest: repository:tag@digest.", c.want.Image))
		}
	case delegate.ImageTagged:
	}
}

func (c circumstances) aboutTags(diags *diag.Diagnostics) {
	for _, tag := range c.want.Tags {
		var why string
		switch {
		case strings.Contains(tag, ","):
			why = "it holds a comma, which separates tags in a delegate's DELEGATE_TAGS; each tag is an element of its own"
		case strings.TrimSpace(tag) != tag:
			why = "it begins or ends with a blank"
		case strings.ContainsFunc(tag, unicode.IsControl):
			why = "it holds a control character"
		default:
			continue
		}
		diags.AddAttributeWarning(path.Root(attrTags), "Unlikely Delegate Tag", fmt.Sprintf(
			"The tag %q can match no delegate: %s.", tag, why))
	}
}

func (c circumstances) aboutVersion(diags *diag.Diagnostics) {
	version, ok := delegate.ImageVersion(c.want.Image)
	if !ok {
		return
	}
	at := path.Root(attrDelegateTag)
	eos, eol := version.EndOfSupport(), version.EndOfLife()
	switch until := c.now.AddDate(0, 0, c.days); {
	case !c.now.Before(eol):
		diags.AddAttributeWarning(at, "Delegate Version Past End of Life", fmt.Sprintf(
			"Version %s has had no product fixes since %s, and no security fixes since %s.", version, day(eos), day(eol)))
	case !c.now.Before(eos):
		diags.AddAttributeWarning(at, "Delegate Version Past End of Support", fmt.Sprintf(
			"Version %s has had no product fixes since %s, and gets no security fixes from %s on.", version, day(eos), day(eol)))
	case !c.want.ValidTillNextRelease && until.After(eol):
		diags.AddAttributeWarning(at, "Override Outlives Its Image", fmt.Sprintf(
			"The override is valid for %d days, until about %s, but version %s gets no security fixes from %s on.", c.days, day(until), version, day(eol)))
	}
	if c.latest != nil && version.Compare(*c.latest) > 0 {
		diags.AddAttributeWarning(at, "Newer Than the Latest Supported Version", fmt.Sprintf(
			"Version %s is newer than %s, the latest that Harness has released to the account. Delegates newer than the Manager are not supported.", version, c.latest))
	}
	if from, who := c.downgraded(version); from != "" {
		diags.AddAttributeWarning(at, "Delegates Will Be Downgraded", fmt.Sprintf(
			"Upgraders of %s are told %q now, and will be told %q. The upgrader doesn't compare versions: it sets the lower one.", who, from, c.want.Image))
	}
}

// downgraded gives a newer image that delegates are told now, and which delegates
// those are. Where delegates could not be seen, what one at the scope would be told
// decides.
func (c circumstances) downgraded(version delegate.Version) (from, who string) {
	if c.impact == nil || len(c.impact.Unseen) > 0 {
		if c.present == nil {
			return "", ""
		}
		if now, ok := delegate.ImageVersion(c.present.Image); ok && version.Compare(now) < 0 {
			return c.present.Image, "delegates at this scope"
		}
		return "", ""
	}
	count := 0
	for _, e := range changing(c.impact.Effects) {
		if e.Direction == delegate.Downgrade && e.After.Image == c.want.Image {
			from, who = e.Before.Image, whereabouts(e.Delegate)
			count++
		}
	}
	if count > 1 {
		who = fmt.Sprintf("%s and of %s", who, counted(count-1, "other delegate", "other delegates"))
	}
	return from, who
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
