package upgrader

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Read implements resource.Resource. Arguments become what the live objects
// have; all else that differs is told in words.
func (r *upgraderResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	have := state.upgrader()
	if resp.Diagnostics.HasError() {
		return
	}
	// Before all else: whatever becomes of the upgrader, it has an identity. None
	// is kept by Terraform before 1.12, nor in states from before there was one,
	// and the framework insists on it.
	resp.Diagnostics.Append(identify(ctx, resp.Identity, state)...)
	if unknown := unknownFor(r.Data, have); len(unknown) > 0 {
		resp.Diagnostics.AddWarning("Refresh Skipped", fmt.Sprintf(
			"The provider's %s depends on something that is not applied yet, so the state of upgraders is taken as it is.", strings.Join(unknown, " and ")))
		return
	}
	ctx, cancel := within(ctx, state.Timeouts.Read, &resp.Diagnostics)
	defer cancel()
	platform, diags := platformOf(r.Data, have)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	known := recall[[]spec.Object](ctx, req.Private, privateObjects, &resp.Diagnostics)
	seen, err := platform.Observe(ctx, have, known)
	if err != nil {
		resp.Diagnostics.Append(explain(unableToRead, err, spec.Applied{})...)
		return
	}
	if len(seen.Objects) == 0 {
		resp.State.RemoveResource(ctx)
		return
	}
	if known == nil { // just imported, and so the user's to manage
		remember(ctx, resp.Private, privateObjects, seen.Objects, &resp.Diagnostics)
		resp.Diagnostics.Append(rememberLeftSecret(ctx, platform, have, resp.Private)...)
	}
	drift := slices.Concat(seen.Drift, r.secretDrift(ctx, seen, req.Private, &resp.Diagnostics))
	if recall[bool](ctx, req.Private, privateUnverified, &resp.Diagnostics) {
		drift = append(drift, "the run that was to verify the last apply has failed")
	}
	state.refresh(seen, drift)
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// refresh fills in what is live.
func (m *resourceModel) refresh(seen spec.Observed, drift []string) {
	m.take(seen.Upgrader)
	m.Objects, m.Drift = listOf(names(seen.Objects)), listOf(drift)
}

// secretDrift tells whether live secrets are those that were written, without
// showing any of them.
func (r *upgraderResource) secretDrift(ctx context.Context, seen spec.Observed, private privateReader, diags *diag.Diagnostics) []string {
	var drift []string
	for _, live := range []struct {
		key, field, what string
		text             secret.Text
	}{
		{privateToken, seen.TokenField, "token", seen.Token},
		{privateProxyPassword, seen.ProxyPasswordField, "password", seen.ProxyPassword},
	} {
		mark := recall[spec.Mark](ctx, private, live.key, diags)
		if live.field != "" && live.text != "" && !mark.IsZero() && !mark.Matches(live.text) {
			drift = append(drift, fmt.Sprintf("%s is not the %s that was written last", live.field, live.what))
		}
	}
	return drift
}

func names(objects []spec.Object) []string {
	result := make([]string, 0, len(objects))
	for _, object := range objects {
		result = append(result, object.String())
	}
	return result
}
