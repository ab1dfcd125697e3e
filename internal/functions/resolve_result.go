package functions

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// The values of source, as in harnessdelegate_resolved_image.
const (
	sourceOverride = "override"
	sourceLatest   = "latest"
)

// resolvedResult has the names of the data source harnessdelegate_resolved_image.
type resolvedResult struct {
	Image      string       `tfsdk:"image"`
	Version    *string      `tfsdk:"version"`
	Source     string       `tfsdk:"source"`
	OverrideID *string      `tfsdk:"override_id"`
	ValidUntil *string      `tfsdk:"valid_until"`
	Trail      []stepResult `tfsdk:"trail"`
}

// stepResult is one override considered.
type stepResult struct {
	ID          string   `tfsdk:"id"`
	Tags        []string `tfsdk:"tags"`
	DelegateTag string   `tfsdk:"delegate_tag"`
	ValidUntil  *string  `tfsdk:"valid_until"`
	Outcome     string   `tfsdk:"outcome"`
	Reason      string   `tfsdk:"reason"`
}

var stepTypes = map[string]attr.Type{
	"id":           types.StringType,
	"tags":         tagsType,
	"delegate_tag": types.StringType,
	"valid_until":  types.StringType,
	"outcome":      types.StringType,
	"reason":       types.StringType,
}

func resolved(resolution delegate.Resolution) resolvedResult {
	result := resolvedResult{Image: resolution.Image, Source: sourceLatest, Trail: []stepResult{}}
	if version, ok := delegate.ImageVersion(resolution.Image); ok {
		text := version.String()
		result.Version = &text
	}
	if by := resolution.By; by != nil {
		id := by.Slot().ID()
		result.Source, result.OverrideID, result.ValidUntil = sourceOverride, &id, endText(by.ValidUntil)
	}
	for _, step := range resolution.Trail {
		result.Trail = append(result.Trail, stepResult{
			ID:          step.Override.Slot().ID(),
			Tags:        step.Override.Tags,
			DelegateTag: step.Override.Image,
			ValidUntil:  endText(step.Override.ValidUntil),
			Outcome:     string(step.Outcome),
			Reason:      step.Reason,
		})
	}
	return result
}

// endText is the end of an override, if it has one.
func endText(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := timeText(t)
	return &text
}
