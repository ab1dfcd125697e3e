package supportedversion

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

func TestObserve(t *testing.T) {
	date := timetypes.NewRFC3339ValueMust
	for name, tc := range map[string]struct {
		answer harness.SupportedVersion
		want   model
		err    error
	}{
		"a release and its variant": {
			harness.SupportedVersion{Version: "24.04.82804", Minimal: "24.04.82804.minimal"},
			model{
				Version: types.StringValue("24.04.82804"), MinimalVersion: types.StringValue("24.04.82804.minimal"),
				Image: types.StringValue("harness/delegate:24.04.82804"), MinimalImage: types.StringValue("harness/delegate:24.04.82804.minimal"),
				ReleaseYear: types.Int64Value(2024), ReleaseMonth: types.Int64Value(4), Build: types.Int64Value(82804),
				EndOfSupport: date("2024-10-01T00:00:00Z"), EndOfLife: date("2024-12-01T00:00:00Z"),
			},
			nil,
		},
		"a release alone, late in the year": {
			harness.SupportedVersion{Version: "24.12.84800"},
			model{
				Version: types.StringValue("24.12.84800"), Image: types.StringValue("harness/delegate:24.12.84800"),
				ReleaseYear: types.Int64Value(2024), ReleaseMonth: types.Int64Value(12), Build: types.Int64Value(84800),
				EndOfSupport: date("2025-06-01T00:00:00Z"), EndOfLife: date("2025-08-01T00:00:00Z"),
			},
			nil,
		},
		"a variant": {
			harness.SupportedVersion{Version: "25.11.87301-ubi9-beta"},
			model{
				Version: types.StringValue("25.11.87301-ubi9-beta"), Image: types.StringValue("harness/delegate:25.11.87301-ubi9-beta"),
				ReleaseYear: types.Int64Value(2025), ReleaseMonth: types.Int64Value(11), Build: types.Int64Value(87301),
				EndOfSupport: date("2026-05-01T00:00:00Z"), EndOfLife: date("2026-07-01T00:00:00Z"),
			},
			nil,
		},
		"legacy: nothing follows": {
			harness.SupportedVersion{Version: "1.0.76600"},
			model{Version: types.StringValue("1.0.76600"), Image: types.StringValue("harness/delegate:1.0.76600")},
			delegate.ErrLegacyVersion,
		},
		"a name: nothing follows": {
			harness.SupportedVersion{Version: "latest", Minimal: "latest.minimal"},
			model{
				Version: types.StringValue("latest"), MinimalVersion: types.StringValue("latest.minimal"),
				Image: types.StringValue("harness/delegate:latest"), MinimalImage: types.StringValue("harness/delegate:latest.minimal"),
			},
			delegate.ErrNotAVersion,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got model
			if err := got.observe(tc.answer); !errors.Is(err, tc.err) {
				t.Errorf("the error is %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("model (-want +got):\n%s", diff)
			}
		})
	}
}
