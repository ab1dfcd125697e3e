package upgrader

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The summaries of this resource's errors.
const (
	unableToCreate = "Unable to Create Upgrader"
	unableToRead   = "Unable to Read Upgrader"
	unableToUpdate = "Unable to Update Upgrader"
	unableToDelete = "Unable to Delete Upgrader"
	unableToImport = "Unable to Import Upgrader"
	notVerified    = "Upgrader Does Not Work"
)

const (
	defaultTimeout     = 5 * time.Minute
	defaultTimeoutText = "5m"
)

// Create implements resource.Resource.
func (r *upgraderResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Create, &resp.Diagnostics)
	defer cancel()
	plan.settleAll(config, r, &resp.Diagnostics)
	want := withSecrets(plan, config)
	if resp.Diagnostics.HasError() {
		return
	}
	platform, diags := platformOf(r.Data, want)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	defer hold(r.Data, want, nil)()
	resp.Diagnostics.Append(claimPlace(r.Data, want)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan)...)
	applied, err := platform.Apply(ctx, spec.Change{Want: want, Accept: func(seen spec.Observed) *spec.Failure { return refuseOther(plan, want, seen) }})
	claimObjects(r.Data, want, applied.Objects)
	remember(ctx, resp.Private, privateObjects, applied.Objects, &resp.Diagnostics)
	rememberSecrets(ctx, resp.Private, want, &resp.Diagnostics)
	if err != nil {
		resp.Diagnostics.Append(explain(unableToCreate, err, applied)...)
		if len(applied.Objects) > 0 { // so that destroy and the next apply know of them
			plan.Objects = listOf(names(applied.Objects))
			resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		}
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(asWarnings(applied.Findings)...)
	resp.Diagnostics.Append(verify(ctx, platform, plan, want, resp.Private)...)
}

// Update implements resource.Resource. After an error the state stays what it
// was, but for the objects; the next refresh reads what has become of them.
func (r *upgraderResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, config, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, plan.Timeouts.Update, &resp.Diagnostics)
	defer cancel()
	plan.settleAll(config, r, &resp.Diagnostics)
	want := withSecrets(plan, config)
	if resp.Diagnostics.HasError() {
		return
	}
	platform, diags := platformOf(r.Data, want)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	last := lastObjects(ctx, req.Private, want, &resp.Diagnostics)
	defer hold(r.Data, want, last)()
	resp.Diagnostics.Append(claimPlace(r.Data, want)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if err := keepSecrets(ctx, platform, &want, plan, config, state, req.Private, &resp.Diagnostics); err != nil {
		resp.Diagnostics.Append(explain(unableToUpdate, err, spec.Applied{})...)
		return
	}
	applied, err := platform.Apply(ctx, spec.Change{Want: want, Prior: new(state.upgrader()), Last: unclaimed(r.Data, last)})
	claimObjects(r.Data, want, applied.Objects)
	if err != nil {
		resp.Diagnostics.Append(explain(unableToUpdate, err, applied)...)
		if len(applied.Objects) > 0 {
			remember(ctx, resp.Private, privateObjects, applied.Objects, &resp.Diagnostics)
			state.Objects = listOf(names(applied.Objects))
			resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
		}
		return
	}
	remember(ctx, resp.Private, privateObjects, applied.Objects, &resp.Diagnostics)
	rememberSecrets(ctx, resp.Private, want, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, plan)...)
	resp.Diagnostics.Append(left(applied)...)
	resp.Diagnostics.Append(verify(ctx, platform, plan, want, resp.Private)...)
}

// Delete implements resource.Resource.
func (r *upgraderResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	have := state.upgrader()
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Delete, &resp.Diagnostics)
	defer cancel()
	platform, diags := platformOf(r.Data, have)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	last := recall[[]spec.Object](ctx, req.Private, privateObjects, &resp.Diagnostics)
	defer hold(r.Data, have, last)()
	gone, err := platform.Delete(ctx, have, last, claimed(r.Data, have, last))
	if err != nil {
		resp.Diagnostics.Append(explain(unableToDelete, err, gone)...)
		return
	}
	resp.Diagnostics.Append(left(gone)...)
}

// lastObjects are those that were applied or imported last. The Secret that an
// import left to others is one of them once the configuration has a token.
func lastObjects(ctx context.Context, private privateReader, want spec.Upgrader, diags *diag.Diagnostics) []spec.Object {
	last := recall[[]spec.Object](ctx, private, privateObjects, diags)
	if want.Kubernetes != nil && want.Kubernetes.ExistingSecret == "" {
		last = append(last, recall[[]spec.Object](ctx, private, privateLeftSecret, diags)...)
	}
	return last
}

// withSecrets is the upgrader that is wanted, with the write-only arguments,
// which only the configuration has.
func withSecrets(plan, config resourceModel) spec.Upgrader {
	want := plan.upgrader()
	if !config.TokenWO.IsNull() {
		want.Token = secret.Text(config.TokenWO.ValueString())
	}
	if password, _ := member[types.String](config.Proxy, attrPasswordWO); !password.IsNull() {
		want.Proxy.Password = secret.Text(password.ValueString())
	}
	return want
}

// keepSecrets keeps the secrets that are there where the plan doesn't say that
// they will change: another write-only value, and the same version.
func keepSecrets(
	ctx context.Context, platform spec.Platform, want *spec.Upgrader, plan, config, state resourceModel, private privateReader, diags *diag.Diagnostics,
) error {
	staleToken, stalePassword := staleSecrets(ctx, config, plan, state, private, diags)
	if !staleToken && !stalePassword {
		return nil
	}
	seen, err := platform.Observe(ctx, *want, nil)
	if err != nil {
		return err
	}
	if staleToken && recall[spec.Mark](ctx, private, privateToken, diags).Matches(seen.Token) {
		want.Token = seen.Token
	}
	if stalePassword && recall[spec.Mark](ctx, private, privateProxyPassword, diags).Matches(seen.ProxyPassword) {
		want.Proxy.Password = seen.ProxyPassword
	}
	return nil
}

// verify makes sure that the upgrader works, if that is wanted. A failure is
// remembered, so that the next plan shows that it is tried again.
func verify(ctx context.Context, platform spec.Platform, plan resourceModel, applied spec.Upgrader, private privateWriter) diag.Diagnostics {
	var diags diag.Diagnostics
	if !plan.Verify.ValueBool() {
		remember(ctx, private, privateUnverified, false, &diags)
		return diags
	}
	err := platform.RunOnce(ctx, applied)
	remember(ctx, private, privateUnverified, err != nil, &diags)
	if err != nil {
		diags.Append(explain(notVerified, err, spec.Applied{})...)
	}
	return diags
}

// explain turns an error of a platform into diagnostics.
func explain(summary string, err error, applied spec.Applied) diag.Diagnostics {
	var diags diag.Diagnostics
	detail := err.Error()
	for _, part := range []struct {
		title string
		lines []string
	}{{"Done", applied.Done}, {"Not done", applied.Left}} {
		if len(part.lines) > 0 {
			detail += fmt.Sprintf("\n\n%s:\n  - %s", part.title, strings.Join(part.lines, "\n  - "))
		}
	}
	var failure *spec.Failure
	if errors.As(err, &failure) && len(failure.Argument) > 0 {
		diags.AddAttributeError(argumentPath(failure.Argument), summary, detail)
	} else {
		diags.AddError(summary, detail)
	}
	return diags
}

// left warns of what was left on purpose.
func left(applied spec.Applied) diag.Diagnostics {
	var diags diag.Diagnostics
	if len(applied.Left) > 0 {
		diags.AddWarning("Objects Left in Place", strings.Join(applied.Left, "\n"))
	}
	return diags
}

// within bounds the context by a configured timeout.
func within(
	ctx context.Context, configured func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	limit, timeoutDiags := configured(ctx, defaultTimeout)
	diags.Append(timeoutDiags...)
	return context.WithTimeout(ctx, limit)
}
