package container_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// differences are between two upgraders, where a map that isn't there is an empty
// one. Secrets are compared and not shown.
func differences(a, b spec.Upgrader) string {
	return cmp.Diff(a, b, cmpopts.EquateEmpty(), cmp.Comparer(func(x, y secret.Text) bool { return string(x) == string(y) }))
}

// failure ends the test unless the error is one in a user's words.
func failure(t *testing.T, err error) *spec.Failure {
	t.Helper()
	var f *spec.Failure
	if !errors.As(err, &f) {
		t.Fatalf("the error is %v, want a failure in a user's words", err)
	}
	silent(t, f.Error())
	if f.Err != nil {
		silent(t, f.Err.Error())
	}
	return f
}
