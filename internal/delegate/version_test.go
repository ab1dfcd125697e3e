package delegate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

var ignoreVersionText = cmpopts.IgnoreUnexported(delegate.Version{})

func mustVersion(tb testing.TB, text string) delegate.Version {
	tb.Helper()
	version, err := delegate.ParseVersion(text)
	if err != nil {
		tb.Fatal(err)
	}
	return version
}

func TestParseVersion(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want delegate.Version
	}{
		"release":                  {"24.04.82804", delegate.Version{Year: 2024, Month: time.April, Build: 82804}},
		"without client tools":     {"24.04.82804.minimal", delegate.Version{Year: 2024, Month: time.April, Build: 82804, Variant: "minimal"}},
		"variant after a hyphen":   {"25.11.87301-ubi9-beta", delegate.Version{Year: 2025, Month: time.November, Build: 87301, Variant: "ubi9-beta"}},
		"variant with a dot":       {"25.11.87301.ubi9.minimal", delegate.Version{Year: 2025, Month: time.November, Build: 87301, Variant: "ubi9.minimal"}},
		"FIPS":                     {"25.11.87301-fips", delegate.Version{Year: 2025, Month: time.November, Build: 87301, Variant: "fips"}},
		"minimal and FIPS":         {"25.11.87301.minimal-fips", delegate.Version{Year: 2025, Month: time.November, Build: 87301, Variant: "minimal-fips"}},
		"variant that is a number": {"24.04.82804.1", delegate.Version{Year: 2024, Month: time.April, Build: 82804, Variant: "1"}},
		"first month":              {"24.01.82100", delegate.Version{Year: 2024, Month: time.January, Build: 82100}},
		"last month":               {"24.12.84800", delegate.Version{Year: 2024, Month: time.December, Build: 84800}},
		"first year":               {"00.01.10000", delegate.Version{Year: 2000, Month: time.January, Build: 10000}},
		"last year of two digits":  {"99.12.99999", delegate.Version{Year: 2099, Month: time.December, Build: 99999}},
		"build of six digits":      {"31.02.104200", delegate.Version{Year: 2031, Month: time.February, Build: 104200}},
		"longest build":            {"31.02.999999999999", delegate.Version{Year: 2031, Month: time.February, Build: 999999999999}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseVersion(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, ignoreVersionText); diff != "" {
				t.Errorf("parts of %q (-want +got):\n%s", tc.text, diff)
			}
			if got.String() != tc.text {
				t.Errorf("it prints as %q, want the text it was read from, %q", got, tc.text)
			}
		})
	}
}

// A tag that begins with a version and isn't one says which part is wrong.
func TestParseVersion_suffix(t *testing.T) {
	for text, suffix := range map[string]string{
		"24.04.82804_acme":     "_acme",
		"24.04.82804acme":      "acme",
		"24.04.82804-":         "-",
		"24.04.82804._1":       "._1",
		"24.04.82804.minimal+": ".minimal+",
	} {
		_, err := delegate.ParseVersion(text)
		want := fmt.Sprintf("%q is %v; the suffix %q must be removed, or be a variant of letters and digits after \".\" or \"-\"", text, delegate.ErrNotAVersion, suffix)
		if !errors.Is(err, delegate.ErrNotAVersion) || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"legacy":                         {"1.0.76600", delegate.ErrLegacyVersion},
		"legacy of another minor":        {"1.1.1", delegate.ErrLegacyVersion},
		"legacy with a suffix":           {"1.0.76600-SNAPSHOT", delegate.ErrLegacyVersion},
		"latest":                         {"latest", delegate.ErrNotAVersion},
		"empty":                          {"", delegate.ErrNotAVersion},
		"a month 00":                     {"24.00.82804", delegate.ErrNotAVersion},
		"a month 13":                     {"24.13.82804", delegate.ErrNotAVersion},
		"a month of one digit":           {"24.4.82804", delegate.ErrNotAVersion},
		"a year of four digits":          {"2024.04.82804", delegate.ErrNotAVersion},
		"no build":                       {"24.04", delegate.ErrNotAVersion},
		"an empty build":                 {"24.04.", delegate.ErrNotAVersion},
		"a build of four digits":         {"24.04.8280", delegate.ErrNotAVersion},
		"a build that overflows":         {"24.04.99999999999999999999", delegate.ErrNotAVersion},
		"letters in the build":           {"24.04.82804a", delegate.ErrNotAVersion},
		"a dot without a variant":        {"24.04.82804.", delegate.ErrNotAVersion},
		"a hyphen without a variant":     {"24.04.82804-", delegate.ErrNotAVersion},
		"a variant that begins with dot": {"24.04.82804..minimal", delegate.ErrNotAVersion},
		"a leading v":                    {"v24.04.82804", delegate.ErrNotAVersion},
		"a blank before":                 {" 24.04.82804", delegate.ErrNotAVersion},
		"a newline after":                {"24.04.82804\n", delegate.ErrNotAVersion},
		"other digits than ASCII":        {"24.04.８２８０４", delegate.ErrNotAVersion},
		"a whole image":                  {"harness/delegate:24.04.82804", delegate.ErrNotAVersion},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseVersion(tc.text)
			if !errors.Is(err, tc.want) {
				t.Fatalf("ParseVersion(%q) = %v, %v; want an error that is: %v", tc.text, got, err, tc.want)
			}
			if !strings.Contains(err.Error(), fmt.Sprintf("%q", tc.text)) {
				t.Errorf("the error doesn't name the text %q: %v", tc.text, err)
			}
			if errors.Is(err, delegate.ErrLegacyVersion) && errors.Is(err, delegate.ErrNotAVersion) {
				t.Errorf("the error is of both kinds: %v", err)
			}
		})
	}
}

func TestParseVersionNamesTheMonthThatDoesNotExist(t *testing.T) {
	_, err := delegate.ParseVersion("24.13.82804")
	if err == nil || !strings.HasSuffix(err.Error(), ": there is no month 13") {
		t.Errorf("want an error that ends in what is wrong, got: %v", err)
	}
}

func TestCompareVersionsByBuild(t *testing.T) {
	for name, tc := range map[string]struct {
		older, newer string
	}{
		"within a month":                        {"24.04.82804", "24.04.82901"},
		"over months":                           {"24.04.82804", "24.05.83001"},
		"over years":                            {"23.12.81803", "24.01.82100"},
		"a late patch of an old month is newer": {"24.10.84200", "24.08.84706"},
		"more digits, though less as text":      {"29.12.99999", "30.01.100000"},
		"variants count for nothing":            {"24.04.82804.minimal", "24.04.82805"},
	} {
		t.Run(name, func(t *testing.T) {
			older, newer := mustVersion(t, tc.older), mustVersion(t, tc.newer)
			if got := older.Compare(newer); got >= 0 {
				t.Errorf("%s compared with %s is %d, want older", older, newer, got)
			}
			if got := newer.Compare(older); got <= 0 {
				t.Errorf("%s compared with %s is %d, want newer", newer, older, got)
			}
		})
	}
	if got := mustVersion(t, "24.04.82804.minimal").Compare(mustVersion(t, "24.04.82804")); got != 0 {
		t.Errorf("a variant compared with its release is %d, want the same age", got)
	}
}

// The dates that Harness publishes for the releases of some months, and the
// same rule over the end of a year.
func TestEndOfSupportAndLife(t *testing.T) {
	for _, tc := range []struct{ version, support, life string }{
		{"23.08.80300", "2024-02-01", "2024-04-01"},
		{"23.09.80505", "2024-03-01", "2024-05-01"},
		{"23.10.81000", "2024-04-01", "2024-06-01"},
		{"23.11.81401", "2024-05-01", "2024-07-01"},
		{"24.04.82804", "2024-10-01", "2024-12-01"},
		{"24.05.84200", "2024-11-01", "2025-01-01"},
		{"24.06.83200", "2024-12-01", "2025-02-01"},
		{"24.07.83401", "2025-01-01", "2025-03-01"},
		{"24.12.84800", "2025-06-01", "2025-08-01"},
		{"25.08.86500", "2026-02-01", "2026-04-01"},
		{"24.05.84200.minimal", "2024-11-01", "2025-01-01"},
		{"99.12.99999", "2100-06-01", "2100-08-01"},
	} {
		t.Run(tc.version, func(t *testing.T) {
			version := mustVersion(t, tc.version)
			for _, end := range []struct {
				what string
				got  time.Time
				want string
			}{
				{"end of support", version.EndOfSupport(), tc.support},
				{"end of life", version.EndOfLife(), tc.life},
			} {
				if got := end.got.Format(time.RFC3339); got != end.want+"T00:00:00Z" {
					t.Errorf("%s is %s, want the start of %s in UTC", end.what, got, end.want)
				}
			}
		})
	}
}

// genVersionText draws texts of the form of a version, with any month.
func genVersionText() *rapid.Generator[string] {
	return rapid.StringMatching(`[0-9]{2}\.(0[1-9]|1[0-2])\.[0-9]{5,12}([.-][0-9A-Za-z][0-9A-Za-z._-]{0,12})?`)
}

func TestVersionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := delegate.ParseVersion(genVersionText().Draw(t, "a"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := delegate.ParseVersion(genVersionText().Draw(t, "b"))
		if err != nil {
			t.Fatal(err)
		}
		if a.Compare(b) != -b.Compare(a) || (a.Compare(b) < 0) != (a.Build < b.Build) {
			t.Errorf("Compare is no order by build: %s, %s", a, b)
		}
		support, life := a.EndOfSupport(), a.EndOfLife()
		if months := monthsBetween(a, support); months != delegate.MonthsToEndOfSupport {
			t.Errorf("support of %s ends %d months after its release month", a, months)
		}
		if months := monthsBetween(a, life); months != delegate.MonthsToEndOfLife {
			t.Errorf("life of %s ends %d months after its release month", a, months)
		}
		if !support.Before(life) {
			t.Errorf("support of %s ends at %s, not before its life does at %s", a, support, life)
		}
	})
}

// monthsBetween counts by calendar, without the time package's arithmetic.
func monthsBetween(v delegate.Version, end time.Time) int {
	return end.Year()*12 + int(end.Month()) - v.Year*12 - int(v.Month)
}

func FuzzParseVersion(f *testing.F) {
	for _, seed := range []string{"24.04.82804", "24.04.82804.minimal", "25.11.87301-ubi9-beta", "1.0.76600", "latest", "24.13.82804", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		version, err := delegate.ParseVersion(text)
		if err != nil {
			if errors.Is(err, delegate.ErrLegacyVersion) == errors.Is(err, delegate.ErrNotAVersion) {
				t.Fatalf("the error for %q must be one of both kinds: %v", text, err)
			}
			return
		}
		if version.String() != text {
			t.Errorf("%q prints as %q", text, version)
		}
		// The same version put together from its parts.
		rebuilt := fmt.Sprintf("%02d.%02d.%05d", version.Year-2000, int(version.Month), version.Build)
		if version.Variant != "" {
			rebuilt += text[len(text)-len(version.Variant)-1:]
		}
		again, err := delegate.ParseVersion(rebuilt)
		if err != nil {
			t.Fatalf("%q was read, but not its parts %q: %v", text, rebuilt, err)
		}
		if diff := cmp.Diff(version, again, ignoreVersionText); diff != "" {
			t.Errorf("%q and %q differ:\n%s", text, rebuilt, diff)
		}
	})
}
