package delegate

import (
	"fmt"
	"strings"
)

// The last part of a slot's id.
const (
	slotTagged   = "tagged"
	slotUntagged = "untagged"
)

// Slot is a place for one override. A scope has two: one for an override with
// delegate tags and one for an override without. A write to a slot that holds
// an override replaces it.
type Slot struct {
	Scope  Scope
	Tagged bool
}

// Kind is "tagged" or "untagged".
func (s Slot) Kind() string {
	if s.Tagged {
		return slotTagged
	}
	return slotUntagged
}

// ID is the slot's identifier, the parts of its scope from the outside in and
// then its kind: "ACCOUNT/untagged", "ACCOUNT/ORG/PROJECT/tagged".
func (s Slot) ID() string {
	parts := []string{s.Scope.Account}
	if s.Scope.Org != "" {
		parts = append(parts, s.Scope.Org)
	}
	if s.Scope.Project != "" {
		parts = append(parts, s.Scope.Project)
	}
	return strings.Join(append(parts, s.Kind()), "/")
}

// String names the slot for people.
func (s Slot) String() string { return fmt.Sprintf("the %s slot of %s", s.Kind(), s.Scope) }

// SlotIDForms is what ParseSlotID accepts, for messages and documentation.
const SlotIDForms = "ACCOUNT/KIND, ACCOUNT/ORG/KIND or ACCOUNT/ORG/PROJECT/KIND, where KIND is tagged or untagged"

// ParseSlotID reads what ID wrote. The error names the text and the accepted
// forms.
func ParseSlotID(id string) (Slot, error) {
	parts := strings.Split(id, "/")
	if len(parts) < 2 || len(parts) > 4 {
		return Slot{}, fmt.Errorf("%q has %d parts; the form is %s", id, len(parts), SlotIDForms)
	}
	scope, kind := parts[:len(parts)-1], parts[len(parts)-1]
	if kind != slotTagged && kind != slotUntagged {
		return Slot{}, fmt.Errorf("%q ends in %q; the form is %s", id, kind, SlotIDForms)
	}
	for _, part := range scope {
		if part == "" {
			return Slot{}, fmt.Errorf("%q has an empty part; the form is %s", id, SlotIDForms)
		}
	}
	slot := Slot{Scope: Scope{Account: scope[0]}, Tagged: kind == slotTagged}
	if len(scope) > 1 {
		slot.Scope.Org = scope[1]
	}
	if len(scope) > 2 {
		slot.Scope.Project = scope[2]
	}
	if err := slot.Scope.Validate(); err != nil {
		return Slot{}, fmt.Errorf("%q: %w; the form is %s", id, err, SlotIDForms)
	}
	return slot, nil
}
