package spec_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestFailure_error(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"it is there":              "Could not write x: it is there. Go on.",
		"it is there.\n":           "Could not write x: it is there. Go on.",
		"is it there?":             "Could not write x: is it there? Go on.",
		"stop!\r\n":                "Could not write x: stop! Go on.",
		"it said:":                 "Could not write x: it said. Go on.",
		"":                         "Could not write x. Go on.",
		"it said:\n  one\n  two\n": "Could not write x: it said:\n  one\n  two\nGo on.",
		"it said:\n  one.":         "Could not write x: it said:\n  one.\nGo on.",
	} {
		if got := (&spec.Failure{Doing: "write x", Reason: reason, Advice: "Go on."}).Error(); got != want {
			t.Errorf("%q: %q, want %q", reason, got, want)
		}
	}
}
