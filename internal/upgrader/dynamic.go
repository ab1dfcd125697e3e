package upgrader

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// plainOf turns a value of Terraform's into what a JSON decoder would give:
// objects, lists, texts, booleans, and int64 or float64 for numbers. Null
// members are left out, as an argument that isn't set, and so are those that
// aren't known yet.
func plainOf(value attr.Value) (any, error) {
	if value == nil || value.IsNull() || value.IsUnknown() {
		return nil, nil //nolint:nilnil // null is a value here
	}
	switch v := value.(type) {
	case types.Dynamic:
		return plainOf(v.UnderlyingValue())
	case types.Object:
		return plainMembers(v.Attributes())
	case types.Map:
		return plainMembers(v.Elements())
	case types.Tuple:
		return plainElements(v.Elements())
	case types.List:
		return plainElements(v.Elements())
	case types.Set:
		return plainElements(v.Elements())
	case types.String:
		return v.ValueString(), nil
	case types.Bool:
		return v.ValueBool(), nil
	case types.Number:
		return plainNumber(v.ValueBigFloat()), nil
	default:
		return nil, fmt.Errorf("a value of type %T can't be passed on", value)
	}
}

func plainMembers(members map[string]attr.Value) (any, error) {
	result := make(map[string]any, len(members))
	for name, member := range members {
		plain, err := plainOf(member)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if plain != nil {
			result[name] = plain
		}
	}
	return result, nil
}

func plainElements(elements []attr.Value) (any, error) {
	result := make([]any, len(elements))
	for i, element := range elements {
		plain, err := plainOf(element)
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		result[i] = plain
	}
	return result, nil
}

func plainNumber(number *big.Float) any {
	if whole, accuracy := number.Int64(); accuracy == big.Exact {
		return whole
	}
	fraction, _ := number.Float64()
	return fraction
}

// dynamicOf is the way back: objects for maps and tuples for lists, which are
// the types that a configuration's literals have.
func dynamicOf(plain map[string]any) types.Dynamic {
	if plain == nil {
		return types.DynamicNull()
	}
	_, value := valueOf(plain)
	return types.DynamicValue(value)
}

func valueOf(plain any) (attr.Type, attr.Value) {
	switch v := plain.(type) {
	case map[string]any:
		members, memberTypes := map[string]attr.Value{}, map[string]attr.Type{}
		for name, member := range v {
			memberTypes[name], members[name] = valueOf(member)
		}
		return types.ObjectType{AttrTypes: memberTypes}, types.ObjectValueMust(memberTypes, members)
	case []any:
		elements, elementTypes := make([]attr.Value, len(v)), make([]attr.Type, len(v))
		for i, element := range v {
			elementTypes[i], elements[i] = valueOf(element)
		}
		return types.TupleType{ElemTypes: elementTypes}, types.TupleValueMust(elementTypes, elements)
	case string:
		return types.StringType, types.StringValue(v)
	case bool:
		return types.BoolType, types.BoolValue(v)
	case int64:
		return types.NumberType, types.NumberValue(new(big.Float).SetInt64(v))
	case float64:
		return types.NumberType, types.NumberValue(big.NewFloat(v))
	default:
		return types.DynamicType, types.DynamicNull()
	}
}
