// Package wholenumber is a type of attribute for whole numbers that reports a
// fraction as a mistake of the user.
//
// The framework's own type fails to decode a fraction, and the message calls
// that an error of the provider. What is decoded beside it fails as well, so
// that more errors follow which are none.
package wholenumber

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Type is the CustomType of an Int64Attribute, and Value the field of its model.
type Type struct{ basetypes.Int64Type }

var (
	_ basetypes.Int64Typable      = Type{}
	_ basetypes.Int64Valuable     = Value{}
	_ xattr.ValidateableAttribute = Value{}
)

// Equal implements attr.Type.
func (Type) Equal(other attr.Type) bool {
	_, same := other.(Type)
	return same
}

// String implements attr.Type.
func (Type) String() string { return "wholenumber.Type" }

// ValueType implements attr.Type.
func (Type) ValueType(context.Context) attr.Value { return Value{} }

// ValueFromInt64 implements basetypes.Int64Typable.
func (Type) ValueFromInt64(_ context.Context, value basetypes.Int64Value) (basetypes.Int64Valuable, diag.Diagnostics) {
	return Value{Int64Value: value}, nil
}

// ValueFromTerraform implements attr.Type. A number that doesn't fit becomes a
// value that its own validation refuses.
func (t Type) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	var number *big.Float
	if in.IsKnown() && !in.IsNull() {
		if err := in.As(&number); err != nil {
			return nil, err
		}
		if _, accuracy := number.Int64(); accuracy != big.Exact {
			return Value{Int64Value: basetypes.NewInt64Unknown(), misfit: number}, nil
		}
	}
	value, err := t.Int64Type.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	whole, ok := value.(basetypes.Int64Value)
	if !ok {
		return nil, fmt.Errorf("a whole number is decoded as %T", value)
	}
	return Value{Int64Value: whole}, nil
}

// Value is a whole number, null or unknown. One that holds something else counts
// as unknown, so that nobody else judges it.
type Value struct {
	basetypes.Int64Value

	// misfit is a number that is none of that.
	misfit *big.Float
}

// Of makes a value.
func Of(number int64) Value { return Value{Int64Value: basetypes.NewInt64Value(number)} }

// OfPointer makes a value, which is null without a number.
func OfPointer(number *int64) Value { return Value{Int64Value: basetypes.NewInt64PointerValue(number)} }

// Type implements attr.Value.
func (Value) Type(context.Context) attr.Type { return Type{} }

// Equal implements attr.Value.
func (v Value) Equal(other attr.Value) bool {
	o, same := other.(Value)
	if !same || (v.misfit == nil) != (o.misfit == nil) {
		return false
	}
	if v.misfit != nil {
		return v.misfit.Cmp(o.misfit) == 0
	}
	return v.Int64Value.Equal(o.Int64Value)
}

// ToTerraformValue implements attr.Value.
func (v Value) ToTerraformValue(ctx context.Context) (tftypes.Value, error) {
	if v.misfit != nil {
		return tftypes.NewValue(tftypes.Number, v.misfit), nil
	}
	return v.Int64Value.ToTerraformValue(ctx)
}

// String implements attr.Value.
func (v Value) String() string {
	if v.misfit != nil {
		return decimal(v.misfit)
	}
	return v.Int64Value.String()
}

// ValidateAttribute implements xattr.ValidateableAttribute.
func (v Value) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	switch {
	case v.misfit == nil:
	case v.misfit.IsInt():
		resp.Diagnostics.AddAttributeError(req.Path, "Number Out of Range", fmt.Sprintf(
			"%s is %s, but must be a whole number that fits into 64 bits.", req.Path, v))
	default:
		resp.Diagnostics.AddAttributeError(req.Path, "Not a Whole Number", fmt.Sprintf(
			"%s is %s, but must be a whole number. Round the value, for example with floor() or ceil().", req.Path, v))
	}
}

// longest bounds the digits of a message. Terraform calculates with 150 of them.
const longest = 24

// decimal is a number in a message.
func decimal(number *big.Float) string {
	if text := number.Text('f', -1); len(text) <= longest {
		return text
	}
	if number.IsInt() {
		return number.Text('e', 6)
	}
	return number.Text('g', longest/2) + "…"
}
