package delegate_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

func TestCheckVariableName(t *testing.T) {
	for name, want := range map[string]string{
		"SCHEDULE":              "",
		"with.dots and blanks":  "",
		"":                      "it is empty",
		"A=B":                   `it begins with "A="; a name has no =, so write the value as the value of the map`,
		"DELEGATE_TOKEN=canary": `it begins with "DELEGATE_TOKEN="; a name has no =, so write the value as the value of the map`,
		"=":                     `it begins with "="; a name has no =, so write the value as the value of the map`,
		"A\x00":                 "it has a null character",
	} {
		got := ""
		if err := delegate.CheckVariableName(name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
