// Package schemajson writes a provider's schema in the form that
// "terraform providers schema -json" prints, without Terraform.
//
// The documentation is generated from this JSON. Asking Terraform for it would
// make the pages depend on the Terraform version at hand: a version older than
// resource identity, list resources or actions leaves those out silently, and
// their pages would be deleted.
package schemajson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// formatVersion is the version of the JSON form, as Terraform states it.
const formatVersion = "1.0"

// Document is the whole output.
type Document struct {
	FormatVersion string               `json:"format_version"`
	Schemas       map[string]*Provider `json:"provider_schemas"`
}

// Provider holds every schema of one provider. Empty kinds are left out, as
// Terraform does.
type Provider struct {
	Provider           *Schema              `json:"provider,omitempty"`
	Resources          map[string]*Schema   `json:"resource_schemas,omitempty"`
	DataSources        map[string]*Schema   `json:"data_source_schemas,omitempty"`
	EphemeralResources map[string]*Schema   `json:"ephemeral_resource_schemas,omitempty"`
	ListResources      map[string]*Schema   `json:"list_resource_schemas,omitempty"`
	Actions            map[string]*Action   `json:"action_schemas,omitempty"`
	Functions          map[string]*Function `json:"functions,omitempty"`
	ResourceIdentities map[string]*Identity `json:"resource_identity_schemas,omitempty"`
}

// Schema is a versioned block.
type Schema struct {
	Version int64  `json:"version"`
	Block   *Block `json:"block,omitempty"`
}

// Action is an action's schema, which has no version.
type Action struct {
	Block *Block `json:"block,omitempty"`
}

// Block is a group of attributes and nested blocks.
type Block struct {
	Attributes      map[string]*Attribute   `json:"attributes,omitempty"`
	BlockTypes      map[string]*NestedBlock `json:"block_types,omitempty"`
	Description     string                  `json:"description,omitempty"`
	DescriptionKind string                  `json:"description_kind,omitempty"`
	Deprecated      bool                    `json:"deprecated,omitempty"`
}

// NestedBlock is a block inside a block.
type NestedBlock struct {
	NestingMode string `json:"nesting_mode,omitempty"`
	Block       *Block `json:"block,omitempty"`
	MinItems    int64  `json:"min_items,omitempty"`
	MaxItems    int64  `json:"max_items,omitempty"`
}

// Attribute has either a type or a nested type.
type Attribute struct {
	Type            tftypes.Type `json:"type,omitempty"`
	NestedType      *NestedType  `json:"nested_type,omitempty"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind,omitempty"`
	Deprecated      bool         `json:"deprecated,omitempty"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
	Computed        bool         `json:"computed,omitempty"`
	Sensitive       bool         `json:"sensitive,omitempty"`
	WriteOnly       bool         `json:"write_only,omitempty"`
}

// NestedType describes the objects inside a nested attribute.
type NestedType struct {
	Attributes  map[string]*Attribute `json:"attributes,omitempty"`
	NestingMode string                `json:"nesting_mode,omitempty"`
}

// Function is a provider function's signature.
type Function struct {
	Description        string       `json:"description,omitempty"`
	Summary            string       `json:"summary,omitempty"`
	DeprecationMessage string       `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type `json:"return_type"`
	Parameters         []*Parameter `json:"parameters,omitempty"`
	VariadicParameter  *Parameter   `json:"variadic_parameter,omitempty"`
}

// Parameter is one argument of a function.
type Parameter struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

// Identity is a resource's identity schema.
type Identity struct {
	Version    int64                         `json:"version"`
	Attributes map[string]*IdentityAttribute `json:"attributes,omitempty"`
}

// IdentityAttribute is one part of an identity.
type IdentityAttribute struct {
	Type              tftypes.Type `json:"type,omitempty"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

// Read asks a running provider server for all its schemas and returns them as
// the provider found under address.
func Read(ctx context.Context, address string, server tfprotov6.ProviderServer) (*Document, error) {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("reading the provider schema: %w", err)
	}

	if err := firstError(schemas.Diagnostics); err != nil {
		return nil, fmt.Errorf("reading the provider schema: %w", err)
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, fmt.Errorf("reading the resource identity schemas: %w", err)
	}

	if err := firstError(identities.Diagnostics); err != nil {
		return nil, fmt.Errorf("reading the resource identity schemas: %w", err)
	}

	return &Document{
		FormatVersion: formatVersion,
		Schemas: map[string]*Provider{
			address: {
				Provider:           schema(schemas.Provider),
				Resources:          convert(schemas.ResourceSchemas, schema),
				DataSources:        convert(schemas.DataSourceSchemas, schema),
				EphemeralResources: convert(schemas.EphemeralResourceSchemas, schema),
				ListResources:      convert(schemas.ListResourceSchemas, schema),
				Actions:            convert(schemas.ActionSchemas, action),
				Functions:          convert(schemas.Functions, function),
				ResourceIdentities: convert(identities.IdentitySchemas, identity),
			},
		},
	}, nil
}

// JSON returns the document indented and with a final line feed.
func (d *Document) JSON() ([]byte, error) {
	out, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding the provider schema: %w", err)
	}

	return append(out, '\n'), nil
}

func firstError(diags []*tfprotov6.Diagnostic) error {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return errors.New(d.Summary + ": " + d.Detail)
		}
	}

	return nil
}

// convert applies one conversion to every value of a map. An empty map becomes
// nil, so that its key is left out of the JSON.
func convert[From, To any](in map[string]From, one func(From) To) map[string]To {
	if len(in) == 0 {
		return nil
	}

	out := make(map[string]To, len(in))
	for name, v := range in {
		out[name] = one(v)
	}

	return out
}

func schema(s *tfprotov6.Schema) *Schema {
	if s == nil {
		return nil
	}

	return &Schema{Version: s.Version, Block: block(s.Block)}
}

func action(s *tfprotov6.ActionSchema) *Action {
	if s == nil || s.Schema == nil {
		return nil
	}

	return &Action{Block: block(s.Schema.Block)}
}

func block(b *tfprotov6.SchemaBlock) *Block {
	if b == nil {
		return nil
	}

	out := &Block{
		Attributes:      attributes(b.Attributes),
		Description:     b.Description,
		DescriptionKind: descriptionKind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}

	for _, nested := range b.BlockTypes {
		if out.BlockTypes == nil {
			out.BlockTypes = make(map[string]*NestedBlock, len(b.BlockTypes))
		}

		out.BlockTypes[nested.TypeName] = &NestedBlock{
			NestingMode: blockNesting(nested.Nesting),
			Block:       block(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}

	return out
}

func attributes(in []*tfprotov6.SchemaAttribute) map[string]*Attribute {
	if len(in) == 0 {
		return nil
	}

	out := make(map[string]*Attribute, len(in))

	for _, a := range in {
		converted := &Attribute{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: descriptionKind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}

		if a.NestedType != nil {
			converted.Type = nil
			converted.NestedType = &NestedType{
				Attributes:  attributes(a.NestedType.Attributes),
				NestingMode: objectNesting(a.NestedType.Nesting),
			}
		}

		out[a.Name] = converted
	}

	return out
}

func function(f *tfprotov6.Function) *Function {
	out := &Function{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		VariadicParameter:  parameter(f.VariadicParameter),
	}

	if f.Return != nil {
		out.ReturnType = f.Return.Type
	}

	for _, p := range f.Parameters {
		out.Parameters = append(out.Parameters, parameter(p))
	}

	return out
}

func parameter(p *tfprotov6.FunctionParameter) *Parameter {
	if p == nil {
		return nil
	}

	return &Parameter{
		Name:        p.Name,
		Description: p.Description,
		IsNullable:  p.AllowNullValue,
		Type:        p.Type,
	}
}

func identity(s *tfprotov6.ResourceIdentitySchema) *Identity {
	out := &Identity{Version: s.Version}

	for _, a := range s.IdentityAttributes {
		if out.Attributes == nil {
			out.Attributes = make(map[string]*IdentityAttribute, len(s.IdentityAttributes))
		}

		out.Attributes[a.Name] = &IdentityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}

	return out
}

func descriptionKind(k tfprotov6.StringKind) string {
	if k == tfprotov6.StringKindMarkdown {
		return "markdown"
	}

	return "plain"
}

func blockNesting(m tfprotov6.SchemaNestedBlockNestingMode) string {
	switch m {
	case tfprotov6.SchemaNestedBlockNestingModeSingle:
		return "single"
	case tfprotov6.SchemaNestedBlockNestingModeGroup:
		return "group"
	case tfprotov6.SchemaNestedBlockNestingModeList:
		return "list"
	case tfprotov6.SchemaNestedBlockNestingModeSet:
		return "set"
	case tfprotov6.SchemaNestedBlockNestingModeMap:
		return "map"
	case tfprotov6.SchemaNestedBlockNestingModeInvalid:
	}

	return "invalid"
}

func objectNesting(m tfprotov6.SchemaObjectNestingMode) string {
	switch m {
	case tfprotov6.SchemaObjectNestingModeSingle:
		return "single"
	case tfprotov6.SchemaObjectNestingModeList:
		return "list"
	case tfprotov6.SchemaObjectNestingModeSet:
		return "set"
	case tfprotov6.SchemaObjectNestingModeMap:
		return "map"
	case tfprotov6.SchemaObjectNestingModeInvalid:
	}

	return "invalid"
}
