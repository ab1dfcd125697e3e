package spec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestStatus_due(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		timing          delegate.RunTimes
		next            string
		problem, unseen string
	}{
		"comes":             {timing: delegate.RunTimes{Schedule: "0 * * * *"}, next: "2026-03-04T06:00:00Z"},
		"never comes":       {timing: delegate.RunTimes{Schedule: "0 0 30 2 *"}, problem: `No date matches its schedule, "0 0 30 2 *"`},
		"can't be read":     {timing: delegate.RunTimes{Schedule: "nonsense"}, unseen: "has 1 fields"},
		"a zone unheard of": {timing: delegate.RunTimes{Schedule: "0 * * * *", TimeZone: "X/Y"}, unseen: `"X/Y"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s spec.Status
			s.Due(tc.timing, moment(t, "2026-03-04T05:06:07Z"))
			if tc.next != "" && !s.NextRun.Equal(moment(t, tc.next)) || tc.next == "" && !s.NextRun.IsZero() {
				t.Errorf("the next run is at %s, want %q", s.NextRun, tc.next)
			}
			if (tc.problem == "") != (s.Problem() == "") || !strings.Contains(s.Problem(), tc.problem) {
				t.Errorf("the problem is %q, want %q in it", s.Problem(), tc.problem)
			}
			if (tc.unseen == "") != (len(s.Unseen) == 0) {
				t.Fatalf("unseen is %v", s.Unseen)
			}
			if tc.unseen != "" && !strings.Contains(s.Unseen[0].Detail, tc.unseen) {
				t.Errorf("unseen is %q, want %q in it", s.Unseen[0].Detail, tc.unseen)
			}
		})
	}
}

func TestStatus_problem(t *testing.T) {
	t.Parallel()
	if got := (spec.Status{}).Problem(); got != "" {
		t.Errorf("without a problem it is %q", got)
	}
	if got := (spec.Status{Problems: []string{"A.", "B."}}).Problem(); got != "A. B." {
		t.Errorf("it is %q", got)
	}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
