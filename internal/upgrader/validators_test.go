package upgrader

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestValidators(t *testing.T) {
	for _, tc := range []struct {
		name      string
		validator validator.String
		value     string
		says      string
	}{
		{"a schedule", cronExpression(), "*/15 * * * *", ""},
		{"a wrong hour", cronExpression(), "0 25 * * *", `field 2 (hour), "25"`},
		{"a manager", managerAddress(), "https://app.harness.io", ""},
		{"a self-managed one", managerAddress(), "http://manager.example.com:8443/harness", ""},
		{"the API's gateway", managerAddress(), "https://app.harness.io/gateway/", "/gateway is for clients of the API"},
		{"no scheme", managerAddress(), "app.harness.io", "doesn't begin with https://"},
		{"a query", managerAddress(), "https://app.harness.io?x=1", "more than a scheme, a host and a path"},
		{"an image", imageReference(), "registry.example.com:5000/harness/upgrader:1.7.0", ""},
		{"a bare tag", imageReference(), "latest", "no repository"},
		{"a capital", imageReference(), "harness/Upgrader", "lowercase"},
		{"a zone", timeZone(), "Europe/Berlin", ""},
		{"a zone of nobody's", timeZone(), "Europe/Nowhere", "unknown time zone"},
		{"the local zone", timeZone(), "Local", "another zone in another place"},
		{"a mirror", mirror(), "us.example.com/gcr-mirror", ""},
		{"a mirror's URL", mirror(), "https://us.example.com", "scheme"},
		{"a mirror with a slash", mirror(), "us.example.com/", "ends with a slash"},
		{"a quantity", quantity(), "100m", ""},
		{"half a quantity", quantity(), "100 MB", "quantities must match"},
		{"a namespace", dnsLabel(), "harness-delegate-ng", ""},
		{"a namespace with a dot", dnsLabel(), "a.b", "must not contain dots"},
		{"a long CronJob", dnsSubdomain(spec.MaxCronJobName), strings.Repeat("a", 53), "has 53 characters"},
		{"a label", labelValue(), "team-x", ""},
		{"a label with a blank", labelValue(), "team x", "valid label"},
		{"a key", qualifiedName(), "example.com/team", ""},
		{"a key with a blank", qualifiedName(), "my team", "name part must consist"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var resp validator.StringResponse
			tc.validator.ValidateString(context.Background(), validator.StringRequest{Path: path.Root("argument"), ConfigValue: types.StringValue(tc.value)}, &resp)
			switch {
			case tc.says == "" && resp.Diagnostics.HasError():
				t.Errorf("%q is refused: %v", tc.value, resp.Diagnostics)
			case tc.says != "" && !resp.Diagnostics.HasError():
				t.Errorf("%q is accepted", tc.value)
			case tc.says != "":
				detail := resp.Diagnostics[0].Detail()
				if !strings.Contains(detail, tc.says) || !strings.Contains(detail, tc.value) || !strings.Contains(detail, "argument") {
					t.Errorf("the error must name the argument, the value %q and what is wrong (%q): %s", tc.value, tc.says, detail)
				}
			}
			for _, undecided := range []types.String{types.StringNull(), types.StringUnknown()} {
				var none validator.StringResponse
				tc.validator.ValidateString(context.Background(), validator.StringRequest{ConfigValue: undecided}, &none)
				if none.Diagnostics.HasError() {
					t.Errorf("%s is refused: %v", undecided, none.Diagnostics)
				}
			}
		})
	}
}

func TestParseID(t *testing.T) {
	for id, want := range map[string]struct {
		platform string
		place    spec.Place
		says     string
	}{
		"kubernetes/ns/job": {platform: onKubernetes, place: spec.Place{Namespace: "ns", Name: "job"}},
		"docker/upgrader":   {platform: onDocker, place: spec.Place{Name: "upgrader"}},
		"kubernetes/job":    {says: "is neither"},
		"docker/a/b":        {says: "is neither"},
		"ns/job":            {says: "is neither"},
		"kubernetes//job":   {says: "empty part"},
		"":                  {says: "empty part"},
	} {
		platform, place, err := parseID(id)
		if want.says != "" {
			if err == nil || !strings.Contains(err.Error(), want.says) {
				t.Errorf("parseID(%q): %v, want an error with %q", id, err, want.says)
			}
			continue
		}
		if err != nil || platform != want.platform || place != want.place {
			t.Errorf("parseID(%q) = %q, %+v, %v", id, platform, place, err)
		}
	}
}
