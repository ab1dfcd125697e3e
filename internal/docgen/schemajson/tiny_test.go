package schemajson_test

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tiny is a provider that does nothing, but whose schema holds every form that
// a schema can take.
type tiny struct{}

var (
	_ provider.ProviderWithActions            = tiny{}
	_ provider.ProviderWithEphemeralResources = tiny{}
	_ provider.ProviderWithFunctions          = tiny{}
	_ provider.ProviderWithListResources      = tiny{}
)

func newTiny() provider.Provider { return tiny{} }

func (tiny) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "tiny"
}

func (tiny) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{
		MarkdownDescription: "A *tiny* provider.",
		Attributes: map[string]providerschema.Attribute{
			"token": providerschema.StringAttribute{Optional: true, Sensitive: true, Description: "Plain text."},
		},
	}
}

func (tiny) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (tiny) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return tinyResource{} }}
}

func (tiny) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (tiny) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return tinyEphemeral{} }}
}

func (tiny) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return tinyList{} }}
}

func (tiny) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return tinyAction{} }}
}

func (tiny) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return tinyFunction{} }}
}

type tinyResource struct{ resource.Resource }

func (tinyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "tiny_thing"
}

func (tinyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	leaf := map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true, MarkdownDescription: "A **name**."},
		"size": schema.Int64Attribute{Optional: true, Computed: true},
	}

	resp.Schema = schema.Schema{
		Version:            3,
		Description:        "A thing.",
		DeprecationMessage: "Use something else.",
		Attributes: map[string]schema.Attribute{
			"id":          schema.StringAttribute{Computed: true},
			"old":         schema.BoolAttribute{Optional: true, DeprecationMessage: "Use new."},
			"secret_wo":   schema.StringAttribute{Optional: true, WriteOnly: true},
			"any":         schema.DynamicAttribute{Optional: true},
			"numbers":     schema.SetAttribute{Optional: true, ElementType: types.NumberType},
			"labels":      schema.MapAttribute{Optional: true, ElementType: types.ListType{ElemType: types.BoolType}},
			"object":      schema.ObjectAttribute{Optional: true, AttributeTypes: map[string]attr.Type{"a": types.StringType}},
			"one_of_them": schema.SingleNestedAttribute{Optional: true, Attributes: leaf},
			"list_of_them": schema.ListNestedAttribute{
				Optional: true, Sensitive: true, NestedObject: schema.NestedAttributeObject{Attributes: leaf},
			},
			"set_of_them": schema.SetNestedAttribute{
				Optional: true, NestedObject: schema.NestedAttributeObject{Attributes: leaf},
			},
			"map_of_them": schema.MapNestedAttribute{
				Optional: true,
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"deeper": schema.SingleNestedAttribute{Required: true, Attributes: leaf},
				}},
			},
		},
		Blocks: map[string]schema.Block{
			"list_block": schema.ListNestedBlock{
				MarkdownDescription: "Some *blocks*.",
				NestedObject: schema.NestedBlockObject{
					Attributes: leaf,
					Blocks: map[string]schema.Block{
						"inner": schema.SingleNestedBlock{Attributes: leaf, DeprecationMessage: "Use leaf."},
					},
				},
			},
			"set_block": schema.SetNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: leaf}},
			"empty":     schema.SingleNestedBlock{},
		},
	}
}

func (tinyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Version: 2,
		Attributes: map[string]identityschema.Attribute{
			"name":   identityschema.StringAttribute{RequiredForImport: true, Description: "The name."},
			"region": identityschema.StringAttribute{OptionalForImport: true},
		},
	}
}

type tinyEphemeral struct{ ephemeral.EphemeralResource }

func (tinyEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "tiny_secret"
}

func (tinyEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{
		Attributes: map[string]ephemeralschema.Attribute{
			"value": ephemeralschema.StringAttribute{Computed: true, Sensitive: true},
		},
	}
}

type tinyList struct{ list.ListResource }

func (tinyList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "tiny_thing"
}

func (tinyList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{
		MarkdownDescription: "Finds things.",
		Attributes:          map[string]listschema.Attribute{"prefix": listschema.StringAttribute{Optional: true}},
	}
}

type tinyAction struct{ action.Action }

func (tinyAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "tiny_poke"
}

func (tinyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionschema.Schema{
		MarkdownDescription: "Pokes.",
		Attributes:          map[string]actionschema.Attribute{"times": actionschema.Int64Attribute{Required: true}},
	}
}

type tinyFunction struct{ function.Function }

func (tinyFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "join"
}

func (tinyFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Joins",
		MarkdownDescription: "Joins *texts*.",
		DeprecationMessage:  "Use the built-in.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "first", MarkdownDescription: "The first text.", AllowNullValue: true},
			function.ListParameter{Name: "more", ElementType: types.StringType},
		},
		VariadicParameter: function.DynamicParameter{Name: "rest"},
		Return:            function.StringReturn{},
	}
}
