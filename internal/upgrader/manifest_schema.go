package upgrader

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// forDataSource turns attributes of the resource into those of a data source:
// the same names, texts and rules. What only a resource can have is left out:
// write-only arguments, and values that are filled in. withDefaults fills those
// in where they are needed.
func forDataSource(attributes map[string]schema.Attribute) map[string]datasource.Attribute {
	result := make(map[string]datasource.Attribute, len(attributes))
	for name, attribute := range attributes {
		if attribute.IsWriteOnly() || name == attrTokenWOVersion || name == attrPasswordWOVersion {
			continue
		}
		result[name] = asDataSource(attribute)
	}
	return result
}

func asDataSource(attribute schema.Attribute) datasource.Attribute {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		return datasource.StringAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Sensitive: a.Sensitive, Validators: a.Validators}
	case schema.BoolAttribute:
		return datasource.BoolAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
	case schema.Int64Attribute:
		return datasource.Int64Attribute{CustomType: a.CustomType, MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
	case schema.Float64Attribute:
		return datasource.Float64Attribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
	case schema.DynamicAttribute:
		return datasource.DynamicAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
	case schema.MapAttribute:
		return datasource.MapAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, ElementType: a.ElementType, Validators: a.Validators}
	case schema.ListAttribute:
		return datasource.ListAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, ElementType: a.ElementType, Validators: a.Validators}
	case schema.SetAttribute:
		return datasource.SetAttribute{MarkdownDescription: a.MarkdownDescription, Required: a.Required, Optional: a.Optional, ElementType: a.ElementType, Validators: a.Validators}
	default:
		return nil // the schema's own check fails on it
	}
}

// blocksForDataSource does the same for blocks.
func blocksForDataSource(blocks map[string]schema.Block) map[string]datasource.Block {
	result := make(map[string]datasource.Block, len(blocks))
	for name, block := range blocks {
		switch b := block.(type) {
		case schema.SingleNestedBlock:
			result[name] = datasource.SingleNestedBlock{
				MarkdownDescription: b.MarkdownDescription, Validators: b.Validators,
				Attributes: forDataSource(b.Attributes), Blocks: blocksForDataSource(b.Blocks),
			}
		case schema.ListNestedBlock:
			result[name] = datasource.ListNestedBlock{
				MarkdownDescription: b.MarkdownDescription, Validators: b.Validators,
				NestedObject: datasource.NestedBlockObject{Attributes: forDataSource(b.NestedObject.Attributes)},
			}
		}
	}
	return result
}

// withDefaults completes a block of a data source to what the resource would
// plan: defaults for what is left out, and null for what a data source hasn't.
func withDefaults(ctx context.Context, block schema.SingleNestedBlock, given types.Object) types.Object {
	memberTypes := memberTypes(block.Type())
	switch {
	case given.IsNull():
		return types.ObjectNull(memberTypes)
	case given.IsUnknown():
		return types.ObjectUnknown(memberTypes)
	}
	members := make(map[string]attr.Value, len(memberTypes))
	for name, memberType := range memberTypes {
		members[name] = given.Attributes()[name]
		if members[name] != nil && !members[name].IsNull() {
			continue
		}
		raw := tftypes.NewValue(memberType.TerraformType(ctx), nil) // null fits every type
		if value := defaultOf(ctx, block.Attributes[name]); value != nil {
			raw = terraformValue(value)
		}
		// A default is of the framework's own type, and the attribute may have another.
		members[name], _ = memberType.ValueFromTerraform(ctx, raw)
	}
	return types.ObjectValueMust(memberTypes, members)
}

// defaultOf is the default of an attribute, if it has one.
func defaultOf(ctx context.Context, attribute schema.Attribute) attr.Value {
	switch a := attribute.(type) {
	case schema.StringAttribute:
		if a.Default != nil {
			var resp defaults.StringResponse
			a.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			return resp.PlanValue
		}
	case schema.BoolAttribute:
		if a.Default != nil {
			var resp defaults.BoolResponse
			a.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			return resp.PlanValue
		}
	case schema.Int64Attribute:
		if a.Default != nil {
			var resp defaults.Int64Response
			a.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
			return resp.PlanValue
		}
	case schema.Float64Attribute:
		if a.Default != nil {
			var resp defaults.Float64Response
			a.Default.DefaultFloat64(ctx, defaults.Float64Request{}, &resp)
			return resp.PlanValue
		}
	case schema.DynamicAttribute:
		if a.Default != nil {
			var resp defaults.DynamicResponse
			a.Default.DefaultDynamic(ctx, defaults.DynamicRequest{}, &resp)
			return resp.PlanValue
		}
	}
	return nil
}
