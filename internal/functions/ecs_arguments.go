package functions

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ecsContainerOf reads the argument of ecs_container_definition.
func ecsContainerOf(ctx context.Context, argument attr.Value) (ecsContainer, error) {
	raw, err := argument.ToTerraformValue(ctx)
	if err != nil {
		return ecsContainer{}, err
	}
	m := members{}
	if raw.Type().Is(tftypes.Object{}) || raw.Type().Is(tftypes.Map{}) {
		err = raw.As(&m.values)
	} else {
		err = fmt.Errorf("it must be an object, such as { image = \"harness/delegate:24.04.82804\", … }")
	}
	if err != nil {
		return ecsContainer{}, err
	}
	c := ecsContainer{
		Image:             m.required("image"),
		AccountID:         m.required("account_id"),
		ManagerEndpoint:   strings.TrimRight(m.required("manager_endpoint"), "/"),
		DelegateName:      m.required("delegate_name"),
		TokenSecretARN:    m.required("token_secret_arn"),
		LaunchType:        m.required("launch_type"),
		StopTimeout:       m.requiredNumber("stop_timeout"),
		Name:              m.text("name"),
		LogServiceURL:     m.text("log_streaming_service_url"),
		DelegateTags:      m.list("delegate_tags"),
		CPU:               defaultECSCPU,
		Memory:            defaultECSMemory,
		MemoryReservation: m.number("memory_reservation"),
		Environment:       m.object("environment"),
	}
	if cpu := m.number("cpu"); cpu != nil {
		c.CPU = *cpu
	}
	if memory := m.number("memory"); memory != nil {
		c.Memory = *memory
	}
	if c.Name == "" {
		c.Name = c.DelegateName
	}
	if c.LogServiceURL == "" {
		c.LogServiceURL = c.ManagerEndpoint + "/log-service/"
	}
	return c, m.problem()
}

// members reads the attributes of an object one by one. The first problem counts.
type members struct {
	values map[string]tftypes.Value
	known  []string
	err    error
}

// problem is what is wrong with the attributes read, or with those that nobody
// has asked for: a slip in a name would go unnoticed otherwise.
func (m *members) problem() error {
	for _, name := range slices.Sorted(maps.Keys(m.values)) {
		if !slices.Contains(m.known, name) {
			slices.Sort(m.known)
			return fmt.Errorf("there is no attribute %s; there are %s", name, strings.Join(m.known, ", "))
		}
	}
	return m.err
}

func (m *members) fail(format string, arguments ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, arguments...)
	}
}

// value is that of an attribute, and whether there is one.
func (m *members) value(name string) (tftypes.Value, bool) {
	m.known = append(m.known, name)
	value, set := m.values[name]
	return value, set && !value.IsNull()
}

func (m *members) text(name string) string {
	value, set := m.value(name)
	if !set {
		return ""
	}
	text, ok := textOf(value)
	if !ok {
		m.fail("%s must be a text", name)
	}
	return text
}

func (m *members) required(name string) string {
	text := m.text(name)
	if text == "" {
		m.fail("%s is required, and null or empty", name)
	}
	return text
}

func (m *members) number(name string) *int64 {
	value, set := m.value(name)
	if !set {
		return nil
	}
	text, _ := textOf(value)
	number, ok := new(big.Int).SetString(text, 10)
	if !ok || !number.IsInt64() {
		m.fail("%s must be a whole number", name)
		return nil
	}
	result := number.Int64()
	return &result
}

func (m *members) requiredNumber(name string) int64 {
	number := m.number(name)
	if number == nil {
		m.fail("%s is required", name)
		return 0
	}
	return *number
}

// list reads a list, set or tuple of texts.
func (m *members) list(name string) []string {
	value, set := m.value(name)
	if !set {
		return nil
	}
	var elements []tftypes.Value
	if value.As(&elements) != nil {
		m.fail("%s must be a list of texts", name)
	}
	var texts []string
	for _, element := range elements {
		text, ok := textOf(element)
		if !ok {
			m.fail("%s must be a list of texts", name)
		}
		texts = append(texts, text)
	}
	return texts
}

// object reads a map or an object of texts.
func (m *members) object(name string) map[string]string {
	value, set := m.value(name)
	if !set {
		return nil
	}
	var elements map[string]tftypes.Value
	if value.As(&elements) != nil {
		m.fail("%s must be a map of texts", name)
	}
	texts := map[string]string{}
	for key, element := range elements {
		text, ok := textOf(element)
		if !ok {
			m.fail("%s must be a map of texts, and %s is none", name, key)
		}
		texts[key] = text
	}
	return texts
}

// textOf reads a text. Numbers and booleans are converted, as Terraform itself
// does where it expects a text.
func textOf(value tftypes.Value) (string, bool) {
	var text string
	var number big.Float
	var yes bool
	switch {
	case value.IsNull():
		return "", false
	case value.Type().Is(tftypes.String):
		err := value.As(&text)
		return text, err == nil
	case value.Type().Is(tftypes.Number):
		err := value.As(&number)
		return number.Text('f', -1), err == nil
	case value.Type().Is(tftypes.Bool):
		err := value.As(&yes)
		return fmt.Sprint(yes), err == nil
	default:
		return "", false
	}
}
