package secret_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

func TestSameToken(t *testing.T) {
	t.Parallel()
	const (
		digits       = "2f6b0988b6fb3370073c3d0505baee59"
		shown        = "MmY2YjA5ODhiNmZiMzM3MDA3M2MzZDA1MDViYWVlNTk="
		twiceEncoded = "TW1ZMllqQTVPRGhpTm1aaU16TTNNREEzTTJNelpEQTFNRFZpWVdWbE5Uaz0="
		otherDigits  = "3f6b0988b6fb3370073c3d0505baee59"
	)
	for name, tc := range map[string]struct {
		a, b secret.Text
		want bool
	}{
		"both as shown":          {shown, shown, true},
		"shown and decoded":      {shown, digits, true},
		"both decoded":           {digits, digits, true},
		"another token":          {shown, otherDigits, false},
		"another case":           {digits, "2F6B0988B6FB3370073C3D0505BAEE59", false},
		"encoded twice":          {twiceEncoded, shown, false},
		"with a line feed":       {shown, digits + "\n", false},
		"no token, equal":        {"canary", "canary", true},
		"no token, encoded":      {"canary", "Y2FuYXJ5", false},
		"empty and empty":        {"", "", true},
		"empty and a token":      {"", shown, false},
		"digits aren't decoded":  {"abcdefabcdefabcdefabcdefabcdefab", "abcdefabcdefabcdefabcdefabcdefab", true},
		"too short to be either": {"YWJjZGVm", "abcdef", false},
	} {
		if got := secret.SameToken(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
		if got := secret.SameToken(tc.b, tc.a); got != tc.want {
			t.Errorf("%s, the other way round: %t", name, got)
		}
	}
}
