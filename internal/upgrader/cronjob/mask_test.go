package cronjob

import (
	"errors"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Short secrets don't garble messages, and what is ours to say stays readable.
func TestMask(t *testing.T) {
	t.Parallel()
	failure := func() *spec.Failure {
		return &spec.Failure{
			Doing: "write Secret/abcdef", Reason: "no abcdef or proxy", Advice: "Rename abcdef.", Err: errors.New("no abcdef"),
		}
	}
	got := newMask("abcdef", "p").failure(failure())
	if got.Reason != "no *** or proxy" || got.Doing != "write Secret/abcdef" || got.Advice != "Rename abcdef." || got.Err != nil {
		t.Errorf("%+v", got)
	}
	if got := newMask("abcde").failure(failure()); got.Reason != failure().Reason || got.Err == nil {
		t.Errorf("%+v", got)
	}
	// What an advice quotes of another failure is masked before.
	first := firstOf(newMask("abcdef").failures([]*spec.Failure{{Advice: "Go on."}, nil, {Doing: "write x", Reason: "no abcdef?"}}))
	if first.Advice != "Go on. Also: could not write x: no ***?" {
		t.Error(first.Advice)
	}
}
