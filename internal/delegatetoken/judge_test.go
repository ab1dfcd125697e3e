package delegatetoken

import (
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// The limits of the warning, to the second.
func TestJudge_end(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)
	for title, tc := range map[string]struct {
		revokeAfter time.Time
		says        string
	}{
		"never":             {time.Time{}, ""},
		"in a day and more": {now.Add(24*time.Hour + time.Second), ""},
		"in a day":          {now.Add(24 * time.Hour), "will be revoked at 2024-05-16T12:00:00Z"},
		"in a second":       {now.Add(time.Second), "will be revoked at 2024-05-15T12:00:01Z"},
		"now":               {now, "was to be revoked at 2024-05-15T12:00:00Z"},
		"a year ago":        {now.AddDate(-1, 0, 0), "was to be revoked at 2023-05-15T12:00:00Z"},
		"in another zone":   {now.In(time.FixedZone("", 3600)), "was to be revoked at 2024-05-15T12:00:00Z"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			diags := judge(harness.DelegateToken{Value: "x", RevokeAfter: tc.revokeAfter}, delegate.Scope{}, now)
			switch {
			case tc.says == "" && len(diags) > 0:
				t.Errorf("want no warning, got %v", diags)
			case tc.says != "" && (diags.WarningsCount() != 1 || len(diags) != 1 || !strings.Contains(diags[0].Detail(), tc.says)):
				t.Errorf("want one warning that says %q, got %v", tc.says, diags)
			}
		})
	}
}
