package functions_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

const (
	digest  = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	formOf  = "a delegate version of the form yy.mm.build, such as 24.04.82804 or 24.04.82804.minimal"
	legacy  = "is a legacy delegate version, to which the support policy doesn't apply"
	notATag = `the tag of image "harness/delegate:latest": "latest" is not ` + formOf
)

func TestParseVersion(t *testing.T) {
	parts := func(version string, year, month, build float64, variant any) map[string]any {
		return map[string]any{"version": version, "release_year": year, "release_month": month, "build": build, "variant": variant}
	}
	for text, want := range map[string]map[string]any{
		"24.04.82804":                                              parts("24.04.82804", 2024, 4, 82804, nil),
		"24.12.84800.minimal":                                      parts("24.12.84800.minimal", 2024, 12, 84800, "minimal"),
		"25.11.87301-ubi9-beta":                                    parts("25.11.87301-ubi9-beta", 2025, 11, 87301, "ubi9-beta"),
		"99.01.999999999999":                                       parts("99.01.999999999999", 2099, 1, 999999999999, nil),
		"harness/delegate:24.04.82804.minimal":                     parts("24.04.82804.minimal", 2024, 4, 82804, "minimal"),
		"registry.example.com:5000/team/delegate:24.04.82804":      parts("24.04.82804", 2024, 4, 82804, nil),
		"registry.example.com/team/delegate:24.04.82804@" + digest: parts("24.04.82804", 2024, 4, 82804, nil),
	} {
		t.Run(text, func(t *testing.T) {
			got, failure := call(t, functions.NewParseVersion(), text)
			if failure != nil {
				t.Fatal(failure)
			}
			if diff := cmp.Diff(any(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseVersion_refuses(t *testing.T) {
	refuses(t, functions.NewParseVersion(), []refusal{
		{"legacy", []any{"1.0.76600"}, 0, `"1.0.76600" ` + legacy},
		{"a legacy image", []any{"harness/delegate:1.0.76600"}, 0, `the tag of image "harness/delegate:1.0.76600": "1.0.76600" ` + legacy},
		{"latest", []any{"latest"}, 0, `"latest" is not ` + formOf},
		{"the latest image", []any{"harness/delegate:latest"}, 0, notATag},
		{"an image without a tag", []any{"harness/delegate"}, 0, `image "harness/delegate" has no tag, which would tell its version`},
		{"an image by its digest", []any{"harness/delegate@" + digest}, 0, `image "harness/delegate@` + digest + `" has no tag, which would tell its version`},
		{"month 13", []any{"24.13.82804"}, 0, `"24.13.82804" is not ` + formOf + ": there is no month 13"},
		{"month 00", []any{"24.00.82804"}, 0, `"24.00.82804" is not ` + formOf + ": there is no month 00"},
		{"empty", []any{""}, 0, `"" is not ` + formOf},
		{"no image", []any{"harness/Delegate:24.04.82804"}, 0, `"harness/Delegate:24.04.82804" is not an image reference: invalid reference format: repository name (harness/Delegate) must be lowercase`},
	})
}
