package wholenumber_test

import (
	"context"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

var testSchema = schema.Schema{
	Attributes: map[string]schema.Attribute{
		"days": schema.Int64Attribute{
			CustomType:    wholenumber.Type{},
			Optional:      true,
			Computed:      true,
			Default:       int64default.StaticInt64(180),
			Validators:    []validator.Int64{int64validator.Between(1, 365)},
			PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
	},
	Blocks: map[string]schema.Block{
		"proxy": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{
			"port": schema.Int64Attribute{CustomType: wholenumber.Type{}, Optional: true},
		}},
	},
}

type model struct {
	Days  wholenumber.Value `tfsdk:"days"`
	Proxy *struct {
		Port wholenumber.Value `tfsdk:"port"`
	} `tfsdk:"proxy"`
}

// thing is a resource with that schema, which decodes all of it when it is
// validated, as resources with rules between arguments do.
type thing struct{}

func (thing) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "test_thing"
}

func (thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = testSchema
}
func (thing) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func (thing) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
}

type testProvider struct{ provider.Provider }

func (testProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "test"
}
func (testProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}
func (testProvider) DataSources(context.Context) []func() datasource.DataSource               { return nil }

func (testProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{} }}
}

// raw is a configuration as Terraform sends it.
func raw(tb testing.TB, days, port any) tftypes.Value {
	tb.Helper()
	object, ok := testSchema.Type().TerraformType(tb.Context()).(tftypes.Object)
	if !ok {
		tb.Fatal("the schema is no object")
	}
	proxy := object.AttributeTypes["proxy"]
	return tftypes.NewValue(object, map[string]tftypes.Value{
		"days":  tftypes.NewValue(tftypes.Number, days),
		"proxy": tftypes.NewValue(proxy, map[string]tftypes.Value{"port": tftypes.NewValue(tftypes.Number, port)}),
	})
}

func number(tb testing.TB, text string) *big.Float {
	tb.Helper()
	f, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// A fraction is one error at its argument, wherever that stands, and the only
// one; whole numbers are judged by the validators alone.
func TestValidation(t *testing.T) {
	third := new(big.Float).SetPrec(512).Quo(number(t, "10"), number(t, "3"))
	for name, tc := range map[string]struct {
		days, port any
		want       []string
	}{
		"none":            {nil, nil, nil},
		"to come":         {tftypes.UnknownValue, tftypes.UnknownValue, nil},
		"whole":           {number(t, "180"), number(t, "3128"), nil},
		"whole, in parts": {number(t, "180.0"), number(t, "3.128e3"), nil},
		"half a day":      {number(t, "182.5"), nil, []string{"days is 182.5, but must be a whole number. Round the value, for example with floor() or ceil()."}},
		"out of bounds":   {number(t, "366"), nil, []string{"Attribute days value must be between 1 and 365, got: 366"}},
		"in a block":      {nil, number(t, "3128.5"), []string{"proxy.port is 3128.5, but must be a whole number."}},
		"both": {number(t, "-0.5"), number(t, "1e-9"), []string{
			"days is -0.5, but must be a whole number.", "proxy.port is 0.000000001, but must be a whole number.",
		}},
		"a third":   {third, nil, []string{"days is 3.33333333333…, but must be a whole number."}},
		"too large": {nil, number(t, "1e40"), []string{"proxy.port is 1.000000e+40, but must be a whole number that fits into 64 bits."}},
	} {
		t.Run(name, func(t *testing.T) {
			server := providerserver.NewProtocol6(testProvider{})()
			config := raw(t, tc.days, tc.port)
			dynamic, err := tfprotov6.NewDynamicValue(config.Type(), config)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: "test_thing", Config: &dynamic})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range resp.Diagnostics {
				got = append(got, d.Attribute.String()+" "+d.Summary+": "+d.Detail)
			}
			if len(got) != len(tc.want) {
				t.Fatalf("diagnostics %q, want %q", got, tc.want)
			}
			for _, want := range tc.want {
				if !strings.Contains(strings.Join(got, "\n"), want) {
					t.Errorf("%q is missing in %q", want, got)
				}
			}
		})
	}
}

// The plan has defaults and plan modifiers as with the framework's own type.
func TestPlan(t *testing.T) {
	null := tftypes.NewValue(raw(t, nil, nil).Type(), nil)
	for name, tc := range map[string]struct{ config, proposed, prior, want tftypes.Value }{
		"the default":  {raw(t, nil, nil), raw(t, nil, nil), null, raw(t, 180, nil)},
		"a value":      {raw(t, 30, 1), raw(t, 30, 1), null, raw(t, 30, 1)},
		"one to come":  {raw(t, tftypes.UnknownValue, nil), raw(t, tftypes.UnknownValue, nil), raw(t, 30, nil), raw(t, tftypes.UnknownValue, nil)},
		"another port": {raw(t, 30, 2), raw(t, 30, 2), raw(t, 30, 1), raw(t, 30, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			dynamic := func(value tftypes.Value) *tfprotov6.DynamicValue {
				made, err := tfprotov6.NewDynamicValue(null.Type(), value)
				if err != nil {
					t.Fatal(err)
				}
				return &made
			}
			resp, err := providerserver.NewProtocol6(testProvider{})().PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: "test_thing", Config: dynamic(tc.config), ProposedNewState: dynamic(tc.proposed), PriorState: dynamic(tc.prior),
			})
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Fatal(err, resp.Diagnostics)
			}
			got, err := resp.PlannedState.Unmarshal(null.Type())
			if err != nil || !got.Equal(tc.want) {
				t.Errorf("planned %v, want %v (%v)", got, tc.want, err)
			}
		})
	}
}

// Models may hold the value, or a plain number, in both directions.
func TestModels(t *testing.T) {
	days := path.Root("days")
	state := tfsdk.State{Schema: testSchema, Raw: raw(t, 30, nil)}
	var value wholenumber.Value
	var pointer *int64
	if diags := append(state.GetAttribute(t.Context(), days, &value), state.GetAttribute(t.Context(), days, &pointer)...); len(diags) > 0 {
		t.Fatal(diags)
	}
	if value.ValueInt64() != 30 || pointer == nil || *pointer != 30 {
		t.Errorf("got %s and %v", value, pointer)
	}
	for name, tc := range map[string]struct {
		set  any
		want wholenumber.Value
	}{
		"the value":        {wholenumber.Of(7), wholenumber.Of(7)},
		"null":             {wholenumber.OfPointer(nil), wholenumber.Value{Int64Value: types.Int64Null()}},
		"the zero value":   {wholenumber.Value{}, wholenumber.OfPointer(nil)},
		"one to come":      {wholenumber.Value{Int64Value: types.Int64Unknown()}, wholenumber.Value{Int64Value: types.Int64Unknown()}},
		"a plain number":   {int64(7), wholenumber.Of(7)},
		"a pointer":        {pointer, wholenumber.Of(30)},
		"the framework's":  {types.Int64Value(7), wholenumber.Of(7)},
		"no number at all": {(*int64)(nil), wholenumber.OfPointer(nil)},
	} {
		t.Run(name, func(t *testing.T) {
			state := tfsdk.State{Schema: testSchema, Raw: raw(t, 1, nil)}
			var got wholenumber.Value
			if diags := append(state.SetAttribute(t.Context(), days, tc.set), state.GetAttribute(t.Context(), days, &got)...); len(diags) > 0 {
				t.Fatal(diags)
			}
			if !got.Equal(tc.want) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	if kind := (wholenumber.Type{}).TerraformType(t.Context()); !kind.Equal(tftypes.Number) {
		t.Errorf("Terraform is told %s", kind)
	}
}

// What is no whole number keeps its value on the way through, and equals itself.
func TestFraction(t *testing.T) {
	parse := func(n any) wholenumber.Value {
		value, err := wholenumber.Type{}.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.Number, n))
		if err != nil {
			t.Fatal(err)
		}
		whole, ok := value.(wholenumber.Value)
		if !ok {
			t.Fatalf("it is a %T", value)
		}
		return whole
	}
	half := parse(number(t, "0.5"))
	back, err := half.ToTerraformValue(t.Context())
	if err != nil || !back.Equal(tftypes.NewValue(tftypes.Number, 0.5)) {
		t.Errorf("it went through as %v, %v", back, err)
	}
	for name, tc := range map[string]struct {
		a, b wholenumber.Value
		want bool
	}{
		"itself":         {half, parse(number(t, "0.50")), true},
		"another":        {half, parse(number(t, "1.5")), false},
		"one to come":    {half, parse(tftypes.UnknownValue), false},
		"whole numbers":  {parse(1), wholenumber.Of(1), true},
		"different ones": {parse(1), wholenumber.Of(2), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.a.Equal(tc.b); got != tc.want {
				t.Errorf("%s equals %s: %t", tc.a, tc.b, got)
			}
		})
	}
	if half.String() != "0.5" || !half.IsUnknown() || half.IsNull() {
		t.Errorf("it is %s, unknown %t, null %t", half, half.IsUnknown(), half.IsNull())
	}
}
