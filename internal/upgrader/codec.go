package upgrader

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file converts between Terraform's values and the structs of package spec,
// by the tags of their fields: `tf:"backoff_limit"`. The framework's own
// reflection doesn't serve here. It has no plain Go form of a dynamic value, it
// turns a null element of a map into an empty string, and it makes an empty
// string of a null one on the way back.

// noContext is for conversions, which ask nobody.
var noContext = context.Background()

// tag names the attribute that a field holds.
const tag = "tf"

// decode reads an object into a struct. Null and unknown values are zero in it.
// It is nil for an object that is null or unknown itself.
func decode[T any](object types.Object) *T {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	result := new(T)
	read(terraformValue(object), reflect.ValueOf(result).Elem())
	return result
}

// refresh writes a struct into an object. A member that says the same as before
// keeps the form that the user gave it: null or empty, map or object.
func refresh(before types.Object, live any) types.Object {
	ctx := noContext
	objectType, ok := before.Type(ctx).TerraformType(ctx).(tftypes.Object)
	if !ok {
		panic(fmt.Sprintf("%s is no object", before.Type(ctx)))
	}
	from := reflect.Indirect(reflect.ValueOf(live))
	merged := merge(terraformValue(before), from, objectType)
	result, err := before.Type(ctx).ValueFromTerraform(ctx, merged)
	if err != nil {
		panic(err) // the value was made for this type
	}
	object, _ := result.(types.Object)
	return object
}

func terraformValue(value attr.Value) tftypes.Value {
	raw, err := value.ToTerraformValue(noContext)
	if err != nil {
		panic(err) // the framework made it
	}
	return raw
}

// read fills a Go value.
func read(from tftypes.Value, into reflect.Value) {
	if from.IsNull() || !from.IsKnown() {
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		read(from, into.Elem())
	case reflect.Struct:
		members := membersOf(from)
		for name, field := range fieldsOf(into) {
			if member, there := members[name]; there {
				read(member, field)
			}
		}
	case reflect.Slice:
		elements := elementsOf(from)
		into.Set(reflect.MakeSlice(into.Type(), len(elements), len(elements)))
		for i, element := range elements {
			read(element, into.Index(i))
		}
	case reflect.Map:
		if into.Type().Elem().Kind() == reflect.Interface {
			into.Set(reflect.ValueOf(plain(from)))
			return
		}
		readTexts(from, into)
	case reflect.String:
		var text string
		must(from.As(&text))
		into.SetString(text)
	case reflect.Bool:
		var flag bool
		must(from.As(&flag))
		into.SetBool(flag)
	case reflect.Int64:
		var number big.Float
		must(from.As(&number))
		whole, _ := number.Int64()
		into.SetInt(whole)
	case reflect.Float64:
		var number big.Float
		must(from.As(&number))
		fraction, _ := number.Float64()
		into.SetFloat(fraction)
	default:
		panic(fmt.Sprintf("no attribute has the type %s", into.Type()))
	}
}

// readTexts reads a map of strings. A key whose value is null is as if it weren't
// there, so that a variable may be left out.
func readTexts(from tftypes.Value, into reflect.Value) {
	members := membersOf(from)
	into.Set(reflect.MakeMapWithSize(into.Type(), len(members)))
	for name, member := range members {
		if !member.IsNull() {
			text := reflect.New(into.Type().Elem()).Elem()
			read(member, text)
			into.SetMapIndex(reflect.ValueOf(name), text)
		}
	}
}

// merge is the value for a struct, with those members of before that say the
// same.
func merge(before tftypes.Value, live reflect.Value, as tftypes.Object) tftypes.Value {
	kept := membersOf(before)
	fields := fieldsOf(live)
	members := make(map[string]tftypes.Value, len(as.AttributeTypes))
	for name, memberType := range as.AttributeTypes {
		old, had := kept[name]
		field, mapped := fields[name]
		switch {
		case !mapped && had:
			members[name] = old
		case !mapped, !had && field.Kind() == reflect.Map && isEmpty(field):
			members[name] = tftypes.NewValue(memberType, nil)
		case had && saysSame(old, field):
			members[name] = old
		default:
			members[name] = write(old, field, memberType)
		}
	}
	return tftypes.NewValue(as, members)
}

// saysSame tells whether a value stands for a Go value already.
func saysSame(before tftypes.Value, live reflect.Value) bool {
	if !before.IsKnown() {
		return false
	}
	given := reflect.New(live.Type()).Elem()
	read(before, given)
	noElements := given.Kind() == reflect.Slice && given.Len() == 0
	return isEmpty(live) && (isEmpty(given) || noElements) || reflect.DeepEqual(given.Interface(), live.Interface())
}

// isEmpty tells whether a Go value says nothing. A list that is there says that it
// has no elements: without verbs, a Role lacks the rule.
func isEmpty(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.Map:
		return value.IsNil() || value.Len() == 0 && value.Type() != reflect.TypeFor[map[string]any]()
	case reflect.String, reflect.Pointer, reflect.Slice:
		return value.IsZero()
	case reflect.Struct:
		for _, field := range fieldsOf(value) {
			if !isEmpty(field) {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// write is the value of a Go value. What is empty is null, but for a map that is
// there and has no elements.
func write(before tftypes.Value, from reflect.Value, as tftypes.Type) tftypes.Value {
	if isEmpty(from) && (from.Kind() != reflect.Map || from.IsNil()) {
		return tftypes.NewValue(as, nil)
	}
	switch from.Kind() {
	case reflect.Pointer:
		return write(before, from.Elem(), as)
	case reflect.Struct:
		object, _ := as.(tftypes.Object)
		return merge(before, from, object)
	case reflect.Slice:
		return writeList(from, as)
	case reflect.Map:
		if from.Type().Elem().Kind() == reflect.Interface {
			return natural(from.Interface())
		}
		members := make(map[string]tftypes.Value, from.Len())
		for name, text := range from.Seq2() {
			members[name.String()] = tftypes.NewValue(tftypes.String, text.String())
		}
		return tftypes.NewValue(as, members)
	case reflect.String:
		return tftypes.NewValue(as, from.String())
	case reflect.Bool:
		return tftypes.NewValue(as, from.Bool())
	case reflect.Int64:
		return tftypes.NewValue(as, from.Int())
	default:
		return tftypes.NewValue(as, from.Float())
	}
}

func writeList(from reflect.Value, as tftypes.Type) tftypes.Value {
	var elementType tftypes.Type
	switch list := as.(type) {
	case tftypes.List:
		elementType = list.ElementType
	case tftypes.Set:
		elementType = list.ElementType
	}
	elements := make([]tftypes.Value, 0, from.Len())
	for _, element := range from.Seq2() {
		elements = append(elements, write(tftypes.Value{}, element, elementType))
	}
	return tftypes.NewValue(as, elements)
}

// fieldsOf are the fields of a struct that hold attributes, by the names of those.
func fieldsOf(value reflect.Value) map[string]reflect.Value {
	fields := make(map[string]reflect.Value, value.NumField())
	for i := range value.NumField() {
		field := value.Type().Field(i)
		if name, tagged := field.Tag.Lookup(tag); tagged {
			fields[name] = value.Field(i)
		} else if field.Anonymous {
			maps.Copy(fields, fieldsOf(value.Field(i)))
		}
	}
	return fields
}

func membersOf(value tftypes.Value) map[string]tftypes.Value {
	var members map[string]tftypes.Value
	if value.IsKnown() && !value.IsNull() {
		must(value.As(&members))
	}
	return members
}

func elementsOf(value tftypes.Value) []tftypes.Value {
	var elements []tftypes.Value
	must(value.As(&elements))
	return elements
}

// must is for conversions that the schema has already made sure of.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// plain turns a value into what a JSON decoder would give: objects, lists, texts,
// booleans, and int64 or float64 for numbers. Members that are null or unknown are
// left out, as arguments that aren't set.
func plain(value tftypes.Value) any {
	if value.IsNull() || !value.IsKnown() {
		return nil
	}
	switch {
	case value.Type().Is(tftypes.String):
		var text string
		must(value.As(&text))
		return text
	case value.Type().Is(tftypes.Bool):
		var flag bool
		must(value.As(&flag))
		return flag
	case value.Type().Is(tftypes.Number):
		var number big.Float
		must(value.As(&number))
		if whole, accuracy := number.Int64(); accuracy == big.Exact {
			return whole
		}
		fraction, _ := number.Float64()
		return fraction
	case value.Type().Is(tftypes.Object{}), value.Type().Is(tftypes.Map{}):
		members := map[string]any{}
		for name, member := range membersOf(value) {
			if converted := plain(member); converted != nil {
				members[name] = converted
			}
		}
		return members
	default:
		elements := []any{}
		for _, element := range elementsOf(value) {
			elements = append(elements, plain(element))
		}
		return elements
	}
}

// natural is the way back: objects for maps and tuples for lists, which are the
// types that the literals of a configuration have.
func natural(value any) tftypes.Value {
	switch v := value.(type) {
	case map[string]any:
		members, memberTypes := map[string]tftypes.Value{}, map[string]tftypes.Type{}
		for name, member := range v {
			members[name] = natural(member)
			memberTypes[name] = members[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: memberTypes}, members)
	case []any:
		elements, elementTypes := make([]tftypes.Value, len(v)), make([]tftypes.Type, len(v))
		for i, element := range v {
			elements[i] = natural(element)
			elementTypes[i] = elements[i].Type()
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: elementTypes}, elements)
	case string:
		return tftypes.NewValue(tftypes.String, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	case int64:
		return tftypes.NewValue(tftypes.Number, v)
	case float64:
		return tftypes.NewValue(tftypes.Number, v)
	default:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	}
}

// dynamicOf is natural as the framework's dynamic value.
func dynamicOf(value map[string]any) types.Dynamic {
	if value == nil {
		return types.DynamicNull()
	}
	dynamic, err := types.DynamicType.ValueFromTerraform(noContext, natural(value))
	must(err)
	result, _ := dynamic.(types.Dynamic)
	return result
}

// member reads an attribute of an object; it is null where the object is, and
// unknown where that is.
func member[T attr.Value](object types.Object, name string) (value T, unknown bool) {
	value, _ = object.Attributes()[name].(T)
	return value, object.IsUnknown() || object.Attributes()[name] != nil && object.Attributes()[name].IsUnknown()
}

// withMembers is an object with other values for some of its attributes.
func withMembers(object types.Object, changes map[string]attr.Value) types.Object {
	if object.IsNull() || object.IsUnknown() {
		return object
	}
	members := object.Attributes()
	for name, value := range changes {
		if _, has := members[name]; has {
			members[name] = value
		}
	}
	return types.ObjectValueMust(object.AttributeTypes(noContext), members)
}
