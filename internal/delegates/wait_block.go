package delegates

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// waitModel is what a delegate is waited for to be, as Terraform has it.
type waitModel struct {
	Connected   types.Bool        `tfsdk:"connected"`
	MinReplicas wholenumber.Value `tfsdk:"min_replicas"`
	Version     types.String      `tfsdk:"version"`
	Image       types.String      `tfsdk:"image"`
	AutoUpgrade types.String      `tfsdk:"auto_upgrade"`
}

func waitBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Waits until all conditions are met at the same time, for at most `timeouts.read`. The delegate doesn't have to be registered yet. " +
			"Without this block, the delegate must exist and is read immediately.",
		Validators: []validator.Object{someCondition{}},
		Attributes: map[string]schema.Attribute{
			"connected": schema.BoolAttribute{
				MarkdownDescription: "`true`: the delegate is connected, with at least one replica.",
				Optional:            true,
				Validators:          []validator.Bool{boolvalidator.Equals(true)},
			},
			"min_replicas": schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: "Minimum number of connected replicas, at least 1. Set it together with `version` or `image` if several replicas start: the Manager doesn't know replicas that haven't registered yet.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"version": schema.StringAttribute{
				MarkdownDescription: "Every connected replica runs this version, and at least one is connected: `24.04.82804`. A variant (`.minimal`) is ignored.",
				Optional:            true,
				Validators: []validator.String{
					tellsVersion{"must be a delegate version of the form yy.mm.build, such as 24.04.82804", delegate.ParseVersion},
					stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("image")),
				},
			},
			"image": schema.StringAttribute{
				MarkdownDescription: "Every connected replica runs the version in this image's tag, and at least one is connected. " +
					"The Manager returns only versions, so an image of another repository with the same version also meets the condition.",
				Optional: true,
				Validators: []validator.String{
					tellsVersion{"must be an image whose tag is a delegate version, such as registry.example.com/delegate:24.04.82804", delegate.VersionOf},
				},
			},
			"auto_upgrade": schema.StringAttribute{
				MarkdownDescription: "The delegate has this auto-upgrade status, such as `ON`, and at least one replica. After a start, the upgrader must run once before it is `ON`.",
				Optional:            true,
				Validators:          []validator.String{constant("ON")},
			},
		},
	}
}

// condition is what the attribute asks for.
func (m waitModel) condition() (condition, error) {
	wanted := condition{
		connected:   m.Connected.ValueBool(),
		minReplicas: int(m.MinReplicas.ValueInt64()),
		autoUpgrade: m.AutoUpgrade.ValueString(),
	}
	text := m.Version.ValueString() + m.Image.ValueString() // one of them at most
	if text == "" {
		return wanted, nil
	}
	version, err := delegate.VersionOf(text)
	wanted.version = &version
	return wanted, err
}

// someCondition refuses to wait for nothing. What isn't known yet counts.
type someCondition struct{}

// Description implements validator.Object.
func (someCondition) Description(context.Context) string { return "must hold at least one condition" }

// MarkdownDescription implements validator.Object.
func (v someCondition) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject implements validator.Object.
func (someCondition) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	for _, value := range req.ConfigValue.Attributes() {
		if !value.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Nothing to Wait For", fmt.Sprintf(
		"%s holds no condition. Set at least one of \"connected\", \"min_replicas\", \"version\", \"image\" and \"auto_upgrade\", or leave %s out to read the delegate as it is.",
		req.Path, req.Path))
}

// tellsVersion wants a text that tells a release.
type tellsVersion struct {
	must  string
	parse func(string) (delegate.Version, error)
}

// Description implements validator.String.
func (v tellsVersion) Description(context.Context) string { return v.must }

// MarkdownDescription implements validator.String.
func (v tellsVersion) MarkdownDescription(context.Context) string { return v.must }

// ValidateString implements validator.String.
func (v tellsVersion) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := v.parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "No Version to Wait For", fmt.Sprintf(
			"%s: %s. It %s.", req.Path, err, v.must))
	}
}
