package main

import (
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

func TestDescribePlan(t *testing.T) {
	t.Parallel()
	attributes := func(status, end any) map[string]any {
		return map[string]any{"id": "a/untagged", "tags": []any{"gpu"}, "status": status, "valid_until": end}
	}
	change := func(name string, actions ...tfjson.Action) *tfjson.ResourceChange {
		return &tfjson.ResourceChange{
			Address: "override." + name,
			Mode:    tfjson.ManagedResourceMode,
			Change: &tfjson.Change{
				Actions:      actions,
				Before:       attributes("expiring", "2024-11-11T09:00:00Z"),
				After:        attributes("active", nil),
				AfterUnknown: map[string]any{"tags": []any{false}, "valid_until": true},
			},
		}
	}
	imported := change("imported", tfjson.ActionNoop)
	imported.Change.Importing = &tfjson.Importing{ID: "a/untagged"}
	data := change("data", tfjson.ActionRead)
	data.Mode = tfjson.DataResourceMode

	got, err := describePlan(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{
		change("created", tfjson.ActionCreate),
		data,
		change("deleted", tfjson.ActionDelete),
		imported,
		change("replaced", tfjson.ActionDelete, tfjson.ActionCreate),
		change("same", tfjson.ActionNoop),
		change("updated", tfjson.ActionUpdate),
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"create override.created",
		"delete override.deleted",
		"import override.imported",
		"replace override.replaced",
		"update override.updated: status expiring -> active, valid_until 2024-11-11T09:00:00Z -> (known after apply)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got%s\nwant%s", listed(got), listed(want))
	}
}

func TestDescribePlan_malformed(t *testing.T) {
	t.Parallel()
	_, err := describePlan(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{{
		Address: "override.odd",
		Mode:    tfjson.ManagedResourceMode,
		Change:  &tfjson.Change{Actions: tfjson.Actions{tfjson.ActionUpdate}, Before: "text"},
	}}})
	if err == nil || !strings.Contains(err.Error(), "override.odd") {
		t.Errorf("got the error %v, want one that names override.odd", err)
	}
}

func TestDecodePlan(t *testing.T) {
	t.Parallel()
	if _, err := decodePlan(`{"format_version":"1.2","terraform_version":"1.11.4"}`); err != nil {
		t.Error(err)
	}
	if _, err := decodePlan("no plan"); err == nil {
		t.Error("a text that is no plan was read as one")
	}
}

func TestWarningsIn(t *testing.T) {
	t.Parallel()
	const output = "\nWarning: Tag Override Expired\n\n  with x,\n" +
		"\x1b[33m╷\x1b[0m\n\x1b[33m│\x1b[0m \x1b[1m\x1b[33mWarning: \x1b[0m\x1b[1mImage Not Pinned\x1b[0m\n\x1b[33m╵\x1b[0m\n" +
		"\nWarning: Config generation is experimental\n\nNo Warning: this\n"
	got, want := warningsIn(output), []string{"Image Not Pinned", "Tag Override Expired"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExpectEqual(t *testing.T) {
	t.Parallel()
	if err := expectEqual("lines", nil, []string{}); err != nil {
		t.Error(err)
	}
	err := expectEqual("lines", []string{"a", "b"}, nil)
	if err == nil {
		t.Fatal("different lists passed as equal")
	}
	if got, want := err.Error(), "lines: got\n  a\n  b\nwant nothing"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Only times of this machine's clock are none to be compared.
func TestTimeless(t *testing.T) {
	t.Parallel()
	got := timeless([]string{"ended at 2026-11-22T20:13:14.123456789Z, until 2025-05-19T09:00:00Z"})
	if want := []string{"ended at TIME, until 2025-05-19T09:00:00Z"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
