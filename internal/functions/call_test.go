package functions_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// call calls a function as the framework does, with arguments as Go values; nil
// is null. The result is made of maps, slices, texts, numbers and booleans.
func call(tb testing.TB, f function.Function, arguments ...any) (any, *function.FuncError) {
	tb.Helper()
	var defined function.DefinitionResponse
	f.Definition(tb.Context(), function.DefinitionRequest{}, &defined)
	parameters, rest := defined.Definition.Parameters, defined.Definition.VariadicParameter
	var values, variadic []attr.Value
	var variadicTypes []attr.Type
	for i, argument := range arguments {
		if i < len(parameters) {
			values = append(values, value(tb, argument, parameters[i].GetType()))
			continue
		}
		variadic = append(variadic, value(tb, argument, rest.GetType()))
		variadicTypes = append(variadicTypes, rest.GetType())
	}
	if rest != nil {
		values = append(values, types.TupleValueMust(variadicTypes, variadic))
	}
	result, failure := defined.Definition.Return.NewResultData(tb.Context())
	if failure != nil {
		tb.Fatal(failure)
	}
	resp := function.RunResponse{Result: result}
	f.Run(tb.Context(), function.RunRequest{Arguments: function.NewArgumentsData(values)}, &resp)
	if resp.Error != nil {
		return nil, resp.Error
	}
	raw, err := resp.Result.Value().ToTerraformValue(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return plain(tb, raw), nil
}

func value(tb testing.TB, argument any, kind attr.Type) attr.Value {
	tb.Helper()
	if argument == nil {
		argument = (*string)(nil) // what can be null is a text
	}
	var result attr.Value
	if diags := tfsdk.ValueFrom(tb.Context(), argument, kind, &result); diags.HasError() {
		tb.Fatal(diags)
	}
	return result
}

// plain is a value without its Terraform types.
func plain(tb testing.TB, value tftypes.Value) any {
	tb.Helper()
	var err error
	var result any
	switch {
	case value.IsNull():
		return nil
	case value.Type().Is(tftypes.String):
		var text string
		err = value.As(&text)
		result = text
	case value.Type().Is(tftypes.Bool):
		var yes bool
		err = value.As(&yes)
		result = yes
	case value.Type().Is(tftypes.Number):
		var number big.Float
		err = value.As(&number)
		result, _ = number.Float64()
	case value.Type().Is(tftypes.Object{}):
		var members map[string]tftypes.Value
		err = value.As(&members)
		object := map[string]any{}
		for name, member := range members {
			object[name] = plain(tb, member)
		}
		result = object
	default:
		var elements []tftypes.Value
		err = value.As(&elements)
		list := []any{}
		for _, element := range elements {
			list = append(list, plain(tb, element))
		}
		result = list
	}
	if err != nil {
		tb.Fatal(err)
	}
	return result
}

// refusal is a call that must fail: with which arguments, at which one, and what
// the error says.
type refusal struct {
	name      string
	arguments []any
	position  int64
	says      string
}

func refuses(t *testing.T, f function.Function, cases []refusal) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			result, failure := call(t, f, tc.arguments...)
			if failure == nil {
				t.Fatalf("the result is %v, want an error", result)
			}
			if failure.FunctionArgument == nil || *failure.FunctionArgument != tc.position {
				t.Errorf("the error is about argument %v, want %d", failure.FunctionArgument, tc.position)
			}
			if failure.Text != tc.says {
				t.Errorf("the error is\n%s\nwant\n%s", failure.Text, tc.says)
			}
			// Terraform writes the end of the sentence itself.
			if strings.HasSuffix(failure.Text, ".") {
				t.Errorf("the error ends with a full stop: %s", failure.Text)
			}
		})
	}
}
