package upgrader

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// checkTimeout bounds the look at the delegate during a plan, which works
// without it.
const checkTimeout = 5 * time.Second

// documentedMistake is the vendor's own example for every 15 minutes.
const documentedMistake = "0 */15 * * *"

// warnings are what a user should know before apply.
func (r *upgraderResource) warnings(ctx context.Context, config, plan resourceModel, state *resourceModel, private privateReader) diag.Diagnostics {
	var diags diag.Diagnostics
	changed := state == nil || !plan.Schedule.Equal(state.Schedule)
	if changed && !plan.Schedule.IsUnknown() {
		diags.Append(scheduleWarnings(plan.Schedule.ValueString())...)
	}
	if state != nil {
		staleToken, stalePassword := staleSecrets(ctx, config, plan, *state, private, &diags)
		if staleToken {
			diags.Append(staleWarning(path.Root(attrTokenWO), attrTokenWOVersion)...)
		}
		if stalePassword {
			diags.Append(staleWarning(path.Root(attrProxy).AtName("password_wo"), "proxy.password_wo_version")...)
		}
	}
	diags.Append(r.findings(ctx, config, plan, state)...)
	return diags
}

// scheduleWarnings say what Harness will make of the schedule.
func scheduleWarnings(text string) diag.Diagnostics {
	var diags diag.Diagnostics
	schedule, err := delegate.ParseSchedule(text)
	if err != nil {
		return diags // validation has said so
	}
	gap := schedule.LongestInterval()
	what := ""
	switch {
	case gap > delegate.MaxRunInterval:
		what = fmt.Sprintf("With the schedule %q up to %s pass between two runs. Upgrades work, but Harness shows a delegate as not upgraded automatically once it hasn't been asked for 90 minutes: "+
			"the status will be ON for 90 minutes after each run, and OFF until the next.", text, inWords(gap))
		if delegate.SameSchedule(text, documentedMistake) {
			what += " This is the documentation's example for every 15 minutes, which it isn't: it means 0:00 and 15:00. Every 15 minutes is \"*/15 * * * *\"."
		}
	case gap < delegate.MinRunInterval:
		what = fmt.Sprintf("With the schedule %q a run starts every %s. Harness advises at least a minute between runs, and a run that is still going on keeps the next from starting.", text, inWords(gap))
	default:
		return diags
	}
	diags.AddAttributeWarning(path.Root(attrSchedule), "Unusual Schedule", what+" Harness advises 60 minutes, and 1 to 90 as the range.")
	return diags
}

// inWords is a duration as a person would say it.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return plural(int(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d >= 2*time.Hour:
		return plural(int(d/time.Hour), "hour") + " and " + plural(int(d%time.Hour/time.Minute), "minute")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	default:
		return plural(int(d/time.Second), "second")
	}
}

func plural(count int, unit string) string {
	if count == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", count, unit)
}

// staleSecrets tells which write-only arguments have another value than the one
// that was written, although their versions are unchanged.
func staleSecrets(ctx context.Context, config, plan, state resourceModel, private privateReader, diags *diag.Diagnostics) (token, proxyPassword bool) {
	token = stale(ctx, private, privateToken, config.TokenWO, plan.TokenWOVersion.Equal(state.TokenWOVersion), diags)
	given, planned, before := decode[proxyModel](ctx, config.Proxy, diags), decode[proxyModel](ctx, plan.Proxy, diags), decode[proxyModel](ctx, state.Proxy, diags)
	if given != nil && planned != nil && before != nil {
		proxyPassword = stale(ctx, private, privateProxyPassword, given.PasswordWO, planned.PasswordWOVersion.Equal(before.PasswordWOVersion), diags)
	}
	return token, proxyPassword
}

// stale tells whether a write-only argument has another value than the one that
// was written, although its version is unchanged.
func stale(ctx context.Context, private privateReader, key string, given types.String, unchanged bool, diags *diag.Diagnostics) bool {
	if !unchanged || given.IsUnknown() || given.IsNull() {
		return false
	}
	mark := recall[spec.Mark](ctx, private, key, diags)
	return !mark.IsZero() && !mark.Matches(secret.Text(given.ValueString()))
}

func staleWarning(at path.Path, version string) diag.Diagnostics {
	var diags diag.Diagnostics
	diags.AddAttributeWarning(at, "Write-Only Argument Changed Without Its Version", fmt.Sprintf(
		"%s has another value than the one that was written last, and %s is the same, so that it will not be written, unless what is there has to be repaired. Change %s to have it written.", at, version, version))
	return diags
}

// findings looks at the delegate, where its platform can be reached and enough
// is known. Settings with which apply can't work are errors; a plan doesn't depend on
// the rest.
func (r *upgraderResource) findings(ctx context.Context, config, plan resourceModel, state *resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	if plan.DelegateName.IsUnknown() || plan.Kubernetes.IsUnknown() || plan.Docker.IsUnknown() || plan.ID.IsUnknown() {
		return diags
	}
	if block := decode[dockerModel](ctx, plan.Docker, &diags); block != nil && block.Host.IsUnknown() {
		return diags // it would be the provider's engine that is asked
	}
	want := plan.upgrader(ctx, &diags)
	if want.Token == "" {
		want.Token = secret.Text(config.TokenWO.ValueString())
	}
	if state != nil && want.Docker != nil { // a container that is to be renamed is not another one
		if block := decode[dockerModel](ctx, state.Docker, &diags); block != nil {
			want.Docker.Name = block.Name.ValueString()
		}
	}
	if diags.HasError() || len(unknownFor(r.Data, want)) > 0 {
		return diags
	}
	platform, platformDiags := platformOf(r.Data, want)
	diags.Append(platformDiags...)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	found, err := platform.Check(ctx, want)
	if err != nil {
		diags.AddWarning("Upgrader Not Checked", err.Error()+" The plan did not check the delegate and what is there already. Apply needs this access.")
		return diags
	}
	for _, finding := range found {
		if len(finding.Argument) > 0 {
			diags.AddAttributeWarning(argumentPath(finding.Argument), finding.Summary, finding.Detail)
		} else {
			diags.AddWarning(finding.Summary, finding.Detail)
		}
	}
	return diags
}

// argumentPath is the path of an argument that a platform names.
func argumentPath(names []string) path.Path {
	at := path.Root(names[0])
	for _, name := range names[1:] {
		at = at.AtName(name)
	}
	return at
}
