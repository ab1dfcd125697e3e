package upgrader

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/cronjob"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ValidateConfig implements resource.ResourceWithValidateConfig: the rules
// between attributes. What isn't known yet is taken to be right.
func (r *upgraderResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(validateToken(config)...)
	resp.Diagnostics.Append(config.validate()...)
}

// validateToken makes sure that the token comes from exactly one place.
func validateToken(config resourceModel) diag.Diagnostics {
	var diags diag.Diagnostics
	existing, _ := member[types.String](config.Kubernetes, attrExistingSecret)
	if config.Kubernetes.IsUnknown() {
		existing = types.StringUnknown()
	}
	if !config.TokenWO.IsNull() && config.TokenWOVersion.IsNull() {
		diags.AddAttributeError(path.Root(attrTokenWOVersion), "Missing Version of a Write-Only Argument",
			"token_wo is set and token_wo_version is not. Terraform can't tell when a write-only value has changed: set token_wo_version, for example to 1, and change it whenever the token does.")
	}
	if config.TokenWO.IsNull() && !config.TokenWOVersion.IsNull() {
		diags.AddAttributeError(path.Root(attrTokenWOVersion), "Version Without a Write-Only Argument",
			"token_wo_version is set and token_wo is not. Set token_wo, or remove token_wo_version.")
	}
	set, unknown := []string{}, false
	for _, source := range []struct {
		name  string
		value types.String
	}{{attrToken, config.Token}, {attrTokenWO, config.TokenWO}, {"kubernetes." + attrExistingSecret, existing}} {
		unknown = unknown || source.value.IsUnknown()
		if !source.value.IsNull() && !source.value.IsUnknown() {
			set = append(set, source.name)
		}
	}
	switch {
	case len(set) > 1:
		diags.AddAttributeError(path.Root(attrToken), "More Than One Token", fmt.Sprintf("The token is given by %s and by %s. Keep one of them.", set[0], set[1]))
	case len(set) == 0 && !unknown:
		remedy := "Set token, or token_wo with token_wo_version (Terraform 1.11), or kubernetes.existing_secret to the name of a Secret that has it."
		if !config.Docker.IsNull() {
			remedy = "Set token, or token_wo with token_wo_version (Terraform 1.11)."
		}
		diags.AddAttributeError(path.Root(attrToken), "Missing Token", "An upgrader signs in with a delegate token, and none is given. "+remedy)
	}
	return diags
}

// validate refuses what an upgrader doesn't have on its platform.
func (m *commonModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if m.Docker.IsNull() || m.Docker.IsUnknown() {
		return validateKubernetes(m.Kubernetes)
	}
	if m.DryRun.ValueBool() {
		diags.AddAttributeError(path.Root(attrDryRun), "No Dry Run on Docker",
			"dry_run is true, and the upgrader on Docker has no dry run. Remove it; auto_upgrade = false keeps that upgrader from upgrading, too.")
	}
	if schedule, err := delegate.ParseSchedule(m.Schedule.ValueString()); err == nil && !schedule.FiveFields() {
		diags.AddAttributeError(path.Root(attrSchedule), "Invalid Schedule", fmt.Sprintf(
			"schedule is %q, and the upgrader on Docker is documented to take five fields only. Write it with those, such as %q.", schedule, spec.DefaultSchedule))
	}
	if manager, _ := member[types.String](m.Proxy, "proxy_manager"); !manager.IsNull() {
		diags.AddAttributeError(path.Root(attrProxy).AtName("proxy_manager"), "No Such Setting on Docker",
			"proxy.proxy_manager is set, and the upgrader on Docker has no such setting. Remove it.")
	}
	return diags
}

// validateKubernetes refuses a block that asks for an existing ServiceAccount and
// says how to make one.
func validateKubernetes(block types.Object) diag.Diagnostics {
	var diags diag.Diagnostics
	of := decode[spec.Kubernetes](block)
	if of == nil {
		return diags
	}
	for _, failure := range cronjob.CheckArguments(spec.Upgrader{Kubernetes: of}) {
		diags.Append(explain("Invalid Argument", failure, spec.Applied{})...)
	}
	if of.RBAC.Creates() {
		return diags
	}
	if account, _ := member[types.String](block, "service_account_name"); account.IsNull() {
		diags.AddAttributeError(inKubernetes("service_account_name"), "Missing ServiceAccount",
			"kubernetes.rbac.create is false, so no ServiceAccount is created. Set kubernetes.service_account_name to one that exists and has the rights of an upgrader.")
	}
	for _, name := range []string{"service_account_annotations", "role_name", "role_binding_name"} {
		if value, _ := member[attr.Value](block, name); value != nil && !value.IsNull() && !value.IsUnknown() {
			diags.AddAttributeError(inKubernetes(name), "Argument Without Effect", fmt.Sprintf(
				"kubernetes.%s is set, but kubernetes.rbac.create is false, so the object that it is for isn't created. Remove one of them.", name))
		}
	}
	return diags
}
