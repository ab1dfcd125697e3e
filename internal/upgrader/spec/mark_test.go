package spec_test

import (
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestMark(t *testing.T) {
	const token = secret.Text("canary-4711")
	mark, again := spec.NewMark(token), spec.NewMark(token)
	if !mark.Matches(token) || !again.Matches(token) {
		t.Error("a mark must recognise its secret")
	}
	if mark.Matches(token+"x") || mark.Matches("") {
		t.Error("a mark recognises another secret")
	}
	if mark == again {
		t.Error("two marks of one secret are equal: they tell that the secrets are")
	}
	if strings.Contains(mark.Salt+mark.Sum, "canary") {
		t.Errorf("a mark shows its secret: %v", mark)
	}
	var zero spec.Mark
	if zero.Matches("") || zero.Matches(token) || !zero.IsZero() || mark.IsZero() {
		t.Error("the zero mark is the mark of nothing")
	}
}
