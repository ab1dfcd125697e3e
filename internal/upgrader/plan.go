package upgrader

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// checkTimeout bounds what a plan asks the platform for, beyond the refresh.
const checkTimeout = 10 * time.Second

// ModifyPlan implements resource.ResourceWithModifyPlan. It settles what a plan
// shows: arguments that follow from others, the id and the objects, and the
// drift emptied, which makes a plan that repairs of one that would do nothing.
// Then it asks the platform whether it would accept the change.
func (r *upgraderResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.Data == nil || req.Plan.Raw.IsNull() { // validating, or destroying
		return
	}
	var config, plan resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var state *resourceModel
	if !req.State.Raw.IsNull() {
		state = &resourceModel{}
		resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	plan.settleAll(config, r, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(setSettled(ctx, resp, config, plan)...)
	if state != nil {
		resp.RequiresReplace.Append(otherPlatform(plan, *state)...)
	}
	// A replacement is planned a second time, as a creation, and checked then.
	if len(resp.RequiresReplace) > 0 || resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(warnings(ctx, config, plan, state, req.Private)...)
	c := planCheck{resource: r, config: config, plan: plan, state: state}
	c.changes = !resp.Plan.Raw.Equal(req.State.Raw)
	c.last = lastObjects(ctx, req.Private, plan.upgrader(), &resp.Diagnostics)
	resp.Diagnostics.Append(c.run(ctx)...)
}

// settleAll settles every attribute of the resource.
func (m *resourceModel) settleAll(config resourceModel, r *upgraderResource, diags *diag.Diagnostics) {
	m.settle(config.commonModel, r.Data, diags)
	checkNames(m.upgrader(), diags)
	m.ID, m.Objects, m.Drift = m.settledID(), m.settledObjects(), listOf(nil)
}

// setSettled writes what was settled into the plan: single attributes, because
// setting the whole plan could turn a value that the user left out into one that
// the framework refuses.
func setSettled(ctx context.Context, resp *resource.ModifyPlanResponse, config, plan resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range map[string]any{
		scopeattr.AccountID: plan.AccountID,
		attrManagerEndpoint: plan.ManagerEndpoint,
		attrImage:           plan.Image,
		attrID:              plan.ID,
		attrObjects:         plan.Objects,
		attrDrift:           plan.Drift,
	} {
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root(name), value)...)
	}
	for name, value := range plan.derivedNames(config.commonModel) {
		if platform := platformOfName(name); isBlockSet(plan, platform) {
			diags.Append(resp.Plan.SetAttribute(ctx, path.Root(platform).AtName(name), value)...)
		}
	}
	return diags
}

func platformOfName(argument string) string {
	if argument == attrName {
		return attrDocker
	}
	return attrKubernetes
}

func isBlockSet(m resourceModel, platform string) bool {
	block := m.Kubernetes
	if platform == attrDocker {
		block = m.Docker
	}
	return !block.IsNull() && !block.IsUnknown()
}

// otherPlatform gives the blocks that force a replacement: an upgrader can't
// move from one platform to the other.
func otherPlatform(plan, state resourceModel) path.Paths {
	var paths path.Paths
	if !plan.Kubernetes.IsUnknown() && plan.Kubernetes.IsNull() != state.Kubernetes.IsNull() {
		paths.Append(path.Root(attrKubernetes))
	}
	if !plan.Docker.IsUnknown() && plan.Docker.IsNull() != state.Docker.IsNull() {
		paths.Append(path.Root(attrDocker))
	}
	return paths
}

// planCheck asks the platform about a plan.
type planCheck struct {
	resource     *upgraderResource
	config, plan resourceModel
	state        *resourceModel
	changes      bool
	last         []spec.Object
}

// run asks as far as enough is known. What is wrong with the provider's
// configuration is an error; a platform that doesn't answer is a warning.
func (c planCheck) run(ctx context.Context) diag.Diagnostics {
	var diags diag.Diagnostics
	if c.plan.DelegateName.IsUnknown() || c.plan.Kubernetes.IsUnknown() || c.plan.Docker.IsUnknown() || c.plan.ID.IsUnknown() {
		return diags
	}
	if _, unknown := member[types.String](c.plan.Docker, attrHost); unknown {
		return diags // it would be the provider's engine that is asked
	}
	want := withSecrets(c.plan, c.config)
	if len(unknownFor(c.resource.Data, want)) > 0 {
		return diags
	}
	platform, diags := platformOf(c.resource.Data, want)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	refused, unanswered := c.preflight(ctx, platform, want)
	diags.Append(refused...)
	if unanswered == nil {
		findings, err := platform.Check(ctx, c.asItIs(want))
		if c.state == nil { // the same apply may create the delegate; it is checked again after that
			findings = slices.DeleteFunc(findings, func(f spec.Finding) bool { return f.Pending })
		}
		diags.Append(asWarnings(findings)...)
		unanswered = err
	}
	if unanswered != nil {
		diags.AddWarning("Upgrader Not Checked", unanswered.Error()+
			" The plan did not check the delegate, nor whether the change would be accepted. Apply needs this access.")
	}
	return diags
}

// preflight asks whether the change would be accepted.
func (c planCheck) preflight(ctx context.Context, platform spec.Platform, want spec.Upgrader) (_ diag.Diagnostics, unanswered error) {
	if !c.changes || !c.plan.isKnown() {
		return nil, nil
	}
	change := spec.Change{Want: want, Last: c.last}
	if c.state != nil {
		change.Prior = new(c.state.upgrader())
	}
	findings, err := platform.Preflight(ctx, change)
	diags := asWarnings(findings)
	var failure *spec.Failure
	switch {
	case err == nil:
	case errors.As(err, &failure) && failure.Unanswered:
		return diags, err
	case c.state == nil:
		diags.Append(explain(unableToCreate, err, spec.Applied{})...)
	default:
		diags.Append(explain(unableToUpdate, err, spec.Applied{})...)
	}
	return diags, nil
}

// isKnown tells whether the plan knows every argument.
func (m *commonModel) isKnown() bool {
	for _, field := range m.attributes() {
		if value, ok := field.Interface().(attr.Value); ok && !terraformValue(value).IsFullyKnown() {
			return false
		}
	}
	return true
}

// asItIs is the wanted upgrader under the name that it has now: a container that
// is to be renamed is not another one.
func (c planCheck) asItIs(want spec.Upgrader) spec.Upgrader {
	if c.state != nil && want.Docker != nil {
		if name, _ := member[types.String](c.state.Docker, attrName); !name.IsNull() {
			block := *want.Docker
			block.Name = name.ValueString()
			want.Docker = &block
		}
	}
	return want
}

// asWarnings turns findings of a platform into warnings.
func asWarnings(findings []spec.Finding) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, finding := range findings {
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
