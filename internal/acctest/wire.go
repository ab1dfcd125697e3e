package acctest

import (
	"math/big"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/provider"
)

// Wire is the provider in this process, asked by the calls of its protocol, as
// Terraform would. It is for what the Terraform at hand is too old for: identity,
// lists, actions. A call that can't be made at all fails the test; what the
// provider answers, diagnostics included, is the caller's to judge.
type Wire struct {
	tb         testing.TB
	server     server
	schemas    *tfprotov6.GetProviderSchemaResponse
	identities map[string]*tfprotov6.ResourceIdentitySchema
}

// server is what the framework serves; not all of it is in ProviderServer.
type server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// Block is the arguments of a block as Terraform sends them: those left out are
// null.
type Block map[string]any

// Object is a resource's object as Terraform keeps it. Identity is nil where
// Terraform keeps none: before 1.12, and in states from before there was one.
type Object struct {
	State    Block
	Identity Block
	private  []byte
}

// Said is a diagnostic.
type Said struct {
	Severity tfprotov6.DiagnosticSeverity
	Summary  string
	Detail   string
	// At is the attribute it is about, such as `AttributeName("tags")`.
	At string
}

// Wire starts the provider with the settings for the Manager.
func (m *Manager) Wire(tb testing.TB) *Wire {
	tb.Helper()
	return m.WireWith(tb, Block{
		"endpoint": m.URL, "account_id": Account, "platform_api_key": APIKey, "retry_wait_min": "1ms", "retry_wait_max": "5ms",
	})
}

// WireWith is Wire with a provider block of the test's own.
func (m *Manager) WireWith(tb testing.TB, settings Block) *Wire {
	tb.Helper()
	protocol, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	w := &Wire{tb: tb}
	w.ok(err)
	complete, is := protocol.(server)
	if !is {
		tb.Fatalf("%T serves no lists or actions", protocol)
	}
	w.server = complete
	w.schemas, err = w.server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	w.ok(err)
	identities, err := w.server.GetResourceIdentitySchemas(tb.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	w.ok(err)
	w.identities = identities.IdentitySchemas
	configured, err := w.server.ConfigureProvider(tb.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: w.encode(w.schemas.Provider.ValueType(), settings),
	})
	w.ok(err)
	if len(configured.Diagnostics) > 0 {
		tb.Fatalf("configuring the provider: %v", said(configured.Diagnostics))
	}
	return w
}

// ImportByID imports as an import block with an id does, without the refresh
// that follows.
func (w *Wire) ImportByID(kind, id string) (Object, []Said) {
	w.tb.Helper()
	return w.imported(kind, &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
}

// ImportByIdentity imports as an import block with an identity does, without the
// refresh that follows.
func (w *Wire) ImportByIdentity(kind string, identity Block) (Object, []Said) {
	w.tb.Helper()
	return w.imported(kind, &tfprotov6.ImportResourceStateRequest{TypeName: kind, Identity: w.identity(kind, identity)})
}

func (w *Wire) imported(kind string, req *tfprotov6.ImportResourceStateRequest) (Object, []Said) {
	w.tb.Helper()
	resp, err := w.server.ImportResourceState(w.tb.Context(), req)
	w.ok(err)
	if len(resp.ImportedResources) != 1 {
		return Object{}, said(resp.Diagnostics)
	}
	got := resp.ImportedResources[0]
	return w.object(kind, got.State, got.Identity, got.Private), said(resp.Diagnostics)
}

// Read refreshes an object.
func (w *Wire) Read(kind string, object Object) (Object, []Said) {
	w.tb.Helper()
	resp, err := w.server.ReadResource(w.tb.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: w.encode(w.resource(kind), object.State), CurrentIdentity: w.identity(kind, object.Identity), Private: object.private,
	})
	w.ok(err)
	return w.object(kind, resp.NewState, resp.NewIdentity, resp.Private), said(resp.Diagnostics)
}

// Plan plans a configuration against an object, as Terraform does: what the
// configuration leaves to the provider is proposed as the state has it.
func (w *Wire) Plan(kind string, prior Object, config Block) (planned Object, replaces bool, diags []Said) {
	w.tb.Helper()
	proposed := propose(w.schemas.ResourceSchemas[kind].Block, prior.State, config)
	resp, err := w.server.PlanResourceChange(w.tb.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: w.encode(w.resource(kind), prior.State), ProposedNewState: w.encode(w.resource(kind), proposed),
		Config: w.encode(w.resource(kind), config), PriorPrivate: prior.private, PriorIdentity: w.identity(kind, prior.Identity),
	})
	w.ok(err)
	planned = w.object(kind, resp.PlannedState, resp.PlannedIdentity, resp.PlannedPrivate)
	for _, at := range resp.RequiresReplace {
		// Terraform too ignores attributes that don't change after all.
		name, _ := at.LastStep().(tftypes.AttributeName)
		replaces = replaces || prior.State != nil && !reflect.DeepEqual(prior.State[string(name)], planned.State[string(name)])
	}
	return planned, replaces, said(resp.Diagnostics)
}

// propose is a configuration with what the state has of computed members. Blocks
// are single ones here.
func propose(schema *tfprotov6.SchemaBlock, prior, config Block) Block {
	proposed := Block{}
	for _, attribute := range schema.Attributes {
		proposed[attribute.Name] = config[attribute.Name]
		if attribute.Computed && config[attribute.Name] == nil {
			proposed[attribute.Name] = prior[attribute.Name]
		}
	}
	for _, nested := range schema.BlockTypes {
		given, set := config[nested.TypeName].(Block)
		if !set {
			proposed[nested.TypeName] = config[nested.TypeName]
			continue
		}
		before, _ := prior[nested.TypeName].(Block)
		proposed[nested.TypeName] = propose(nested.Block, before, given)
	}
	return proposed
}

// Apply makes of an object what a plan of it says: nothing, where the planned
// state is nil.
func (w *Wire) Apply(kind string, prior, planned Object, config Block) (Object, []Said) {
	w.tb.Helper()
	resp, err := w.server.ApplyResourceChange(w.tb.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: w.encode(w.resource(kind), prior.State), PlannedState: w.encode(w.resource(kind), planned.State),
		Config: w.encode(w.resource(kind), config), PlannedPrivate: planned.private, PlannedIdentity: w.identity(kind, planned.Identity),
	})
	w.ok(err)
	return w.object(kind, resp.NewState, resp.NewIdentity, resp.Private), said(resp.Diagnostics)
}

// Generate gives the configuration that Terraform generates for a state.
func (w *Wire) Generate(kind string, state Block) Block {
	w.tb.Helper()
	resp, err := w.server.GenerateResourceConfig(w.tb.Context(), &tfprotov6.GenerateResourceConfigRequest{
		TypeName: kind, State: w.encode(w.resource(kind), state),
	})
	w.ok(err)
	if len(resp.Diagnostics) > 0 {
		w.tb.Fatalf("generating configuration: %v", said(resp.Diagnostics))
	}
	return w.decode(w.resource(kind), resp.Config)
}

// Validate validates a resource's configuration.
func (w *Wire) Validate(kind string, config Block) []Said {
	w.tb.Helper()
	resp, err := w.server.ValidateResourceConfig(w.tb.Context(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: kind, Config: w.encode(w.resource(kind), config),
	})
	w.ok(err)
	return said(resp.Diagnostics)
}

// Listed is one result of a list resource.
type Listed struct {
	DisplayName string
	Identity    Block
	// Resource is nil where it wasn't asked for.
	Resource Block
	Said     []Said
}

// List asks a list resource until the results end, or keep returns false. A
// limit of 0 is none.
func (w *Wire) List(kind string, config Block, limit int64, resources bool, keep func(Listed) bool) {
	w.tb.Helper()
	resp, err := w.server.ListResource(w.tb.Context(), &tfprotov6.ListResourceRequest{
		TypeName: kind, Config: w.encode(w.schemas.ListResourceSchemas[kind].ValueType(), config), Limit: limit, IncludeResource: resources,
	})
	w.ok(err)
	for result := range resp.Results {
		listed := Listed{DisplayName: result.DisplayName, Said: said(result.Diagnostics)}
		if result.Identity != nil {
			listed.Identity = w.decode(w.identities[kind].ValueType(), result.Identity.IdentityData)
		}
		if result.Resource != nil {
			listed.Resource = w.decode(w.resource(kind), result.Resource)
		}
		if !keep(listed) {
			return
		}
	}
}

// ValidateList validates a list resource's configuration.
func (w *Wire) ValidateList(kind string, config Block) []Said {
	w.tb.Helper()
	resp, err := w.server.ValidateListResourceConfig(w.tb.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: kind, Config: w.encode(w.schemas.ListResourceSchemas[kind].ValueType(), config),
	})
	w.ok(err)
	return said(resp.Diagnostics)
}

// Invoke invokes an action, and gives its progress messages and diagnostics.
func (w *Wire) Invoke(kind string, config Block) (progress []string, diags []Said) {
	w.tb.Helper()
	resp, err := w.server.InvokeAction(w.tb.Context(), &tfprotov6.InvokeActionRequest{ActionType: kind, Config: w.action(kind, config)})
	w.ok(err)
	completed := false
	for event := range resp.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed, diags = true, said(event.Diagnostics)
		}
	}
	if !completed {
		w.tb.Errorf("action %s never completed", kind)
	}
	return progress, diags
}

// ValidateAction validates an action's configuration.
func (w *Wire) ValidateAction(kind string, config Block) []Said {
	w.tb.Helper()
	resp, err := w.server.ValidateActionConfig(w.tb.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: kind, Config: w.action(kind, config)})
	w.ok(err)
	return said(resp.Diagnostics)
}

func (w *Wire) action(kind string, config Block) *tfprotov6.DynamicValue {
	w.tb.Helper()
	return w.encode(w.schemas.ActionSchemas[kind].Schema.ValueType(), config)
}

func (w *Wire) resource(kind string) tftypes.Type { return w.schemas.ResourceSchemas[kind].ValueType() }

func (w *Wire) identity(kind string, identity Block) *tfprotov6.ResourceIdentityData {
	w.tb.Helper()
	if identity == nil {
		return nil
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: w.encode(w.identities[kind].ValueType(), identity)}
}

func (w *Wire) object(kind string, state *tfprotov6.DynamicValue, identity *tfprotov6.ResourceIdentityData, private []byte) Object {
	w.tb.Helper()
	object := Object{private: private}
	if state != nil {
		object.State = w.decode(w.resource(kind), state)
	}
	if identity != nil && identity.IdentityData != nil {
		object.Identity = w.decode(w.identities[kind].ValueType(), identity.IdentityData)
	}
	return object
}

func (w *Wire) encode(kind tftypes.Type, block Block) *tfprotov6.DynamicValue {
	w.tb.Helper()
	value := tftypes.NewValue(kind, nil)
	if block != nil {
		value = w.value(kind, block)
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, value)
	w.ok(err)
	return &encoded
}

func (w *Wire) decode(kind tftypes.Type, encoded *tfprotov6.DynamicValue) Block {
	w.tb.Helper()
	value, err := encoded.Unmarshal(kind)
	w.ok(err)
	block, _ := w.plain(value).(Block)
	return block
}

// Unknown is the value of what is not known yet.
const Unknown = tftypes.UnknownValue

// value is a block, or what stands in one, of the type that the schema has it.
func (w *Wire) value(kind tftypes.Type, plain any) tftypes.Value {
	w.tb.Helper()
	switch plain := plain.(type) {
	case Block:
		kind = typeOf(kind, plain)
		if values, is := kind.(tftypes.Map); is {
			elements := map[string]tftypes.Value{}
			for name, element := range plain {
				elements[name] = w.value(values.ElementType, element)
			}
			return tftypes.NewValue(kind, elements)
		}
		object, is := kind.(tftypes.Object)
		if !is {
			w.tb.Fatalf("%v is given to %s", plain, kind)
		}
		attributes := map[string]tftypes.Value{}
		for name, kind := range object.AttributeTypes {
			attributes[name] = w.value(kind, plain[name])
		}
		for name := range plain {
			if _, known := attributes[name]; !known {
				w.tb.Fatalf("there is no argument %q", name)
			}
		}
		return tftypes.NewValue(kind, attributes)
	case []string:
		elements := []any{}
		for _, element := range plain {
			elements = append(elements, element)
		}
		return w.value(kind, elements)
	case []any:
		kind = typeOf(kind, plain)
		elements := []tftypes.Value{}
		for i, element := range plain {
			elements = append(elements, w.value(elementType(kind, i), element))
		}
		return tftypes.NewValue(kind, elements)
	default:
		return tftypes.NewValue(typeOf(kind, plain), plain)
	}
}

// typeOf is the type of a value where the schema leaves it to the value.
func typeOf(kind tftypes.Type, plain any) tftypes.Type {
	if !kind.Is(tftypes.DynamicPseudoType) {
		return kind
	}
	switch plain := plain.(type) {
	case string:
		return tftypes.String
	case bool:
		return tftypes.Bool
	case int64, float64:
		return tftypes.Number
	case Block:
		attributes := map[string]tftypes.Type{}
		for name, value := range plain {
			attributes[name] = typeOf(kind, value)
		}
		return tftypes.Object{AttributeTypes: attributes}
	case []any:
		elements := []tftypes.Type{}
		for _, element := range plain {
			elements = append(elements, typeOf(kind, element))
		}
		return tftypes.Tuple{ElementTypes: elements}
	case []string:
		return tftypes.Tuple{ElementTypes: slices.Repeat([]tftypes.Type{tftypes.String}, len(plain))}
	default:
		return kind
	}
}

// elementType is the type of an element of a list, a set or a tuple.
func elementType(of tftypes.Type, i int) tftypes.Type {
	switch of := of.(type) {
	case tftypes.List:
		return of.ElementType
	case tftypes.Set:
		return of.ElementType
	case tftypes.Tuple:
		return of.ElementTypes[i]
	default:
		return tftypes.DynamicPseudoType
	}
}

// plain is the reverse of value. Attributes that are null are left out.
func (w *Wire) plain(value tftypes.Value) any {
	w.tb.Helper()
	var err error
	var result any
	switch kind := value.Type(); {
	case value.IsNull():
		return nil
	case !value.IsKnown():
		return Unknown
	case kind.Is(tftypes.String):
		var text string
		err = value.As(&text)
		result = text
	case kind.Is(tftypes.Bool):
		var flag bool
		err = value.As(&flag)
		result = flag
	case kind.Is(tftypes.Number):
		var number big.Float
		err = value.As(&number)
		if whole, exact := number.Int64(); exact == big.Exact {
			result = whole
		} else {
			result, _ = number.Float64()
		}
	case kind.Is(tftypes.Object{}), kind.Is(tftypes.Map{}):
		var attributes map[string]tftypes.Value
		err = value.As(&attributes)
		block := Block{}
		for name, attribute := range attributes {
			if !attribute.IsNull() {
				block[name] = w.plain(attribute)
			}
		}
		result = block
	default:
		var elements []tftypes.Value
		err = value.As(&elements)
		texts, all := []string{}, []any{}
		for _, element := range elements {
			one := w.plain(element)
			all = append(all, one)
			if text, is := one.(string); is {
				texts = append(texts, text)
			}
		}
		result = texts
		if len(texts) < len(all) { // blocks, and what a dynamic attribute holds
			result = all
		}
	}
	w.ok(err)
	return result
}

func (w *Wire) ok(err error) {
	w.tb.Helper()
	if err != nil {
		w.tb.Fatal(err)
	}
}

func said(diags []*tfprotov6.Diagnostic) []Said {
	var all []Said
	for _, d := range diags {
		s := Said{Severity: d.Severity, Summary: d.Summary, Detail: d.Detail}
		if d.Attribute != nil {
			s.At = d.Attribute.String()
		}
		all = append(all, s)
	}
	return all
}
