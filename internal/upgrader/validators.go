package upgrader

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// check is a validator of texts. It says what a value must be, and why one
// isn't.
type check struct {
	summary string
	must    string
	verdict func(value string) error
}

// Description implements validator.String.
func (c check) Description(context.Context) string { return c.must }

// MarkdownDescription implements validator.String.
func (c check) MarkdownDescription(context.Context) string { return c.must }

// ValidateString implements validator.String.
func (c check) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.verdict(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, c.summary, fmt.Sprintf(
			"%s is %q: %s. It %s.", req.Path, req.ConfigValue.ValueString(), strings.TrimSuffix(err.Error(), "."), c.must))
	}
}

func cronExpression() validator.String {
	return check{"Invalid Schedule", "must be a cron expression of five fields, such as \"*/15 * * * *\" for every 15 minutes", func(value string) error {
		_, err := delegate.ParseSchedule(value)
		return err
	}}
}

func imageReference() validator.String {
	return check{"Invalid Image", "must be an image reference, such as " + spec.DefaultKubernetesImage, func(value string) error {
		image, err := delegate.ParseImage(value)
		if err == nil && image.Form == delegate.ImageBareTag {
			return fmt.Errorf("it has no repository in front of the tag")
		}
		return err
	}}
}

func managerAddress() validator.String {
	return check{"Invalid Manager Endpoint", "must be an address such as https://app.harness.io", delegate.CheckManagerEndpoint}
}

func timeZone() validator.String {
	return check{"Invalid Time Zone", "must be a name of the time zone database, such as Europe/Berlin or Etc/UTC", func(value string) error {
		if value == "" {
			return fmt.Errorf("it is empty")
		}
		if strings.EqualFold(value, "local") {
			return fmt.Errorf("it is refused by Kubernetes, because it means another zone in another place")
		}
		_, err := time.LoadLocation(value)
		if _, unreadable := time.LoadLocation("Europe/Berlin"); unreadable != nil {
			err = nil // no database on this machine; the API server has one
		}
		return err
	}}
}

func quantity() validator.String {
	return check{"Invalid Quantity", "must be a quantity as Kubernetes writes it, such as 100m or 64Mi", func(value string) error {
		_, err := resource.ParseQuantity(value)
		return err
	}}
}

func mirror() validator.String {
	return check{"Invalid Registry Mirror", "must be a registry, with a path or without, such as registry.example.com/mirror", delegate.CheckMirror}
}

func dnsLabel() validator.String {
	return check{"Invalid Name", fmt.Sprintf("must be a name of at most %d lower-case letters, digits and hyphens", validation.DNS1123LabelMaxLength), func(value string) error {
		return first(validation.IsDNS1123Label(value))
	}}
}

func dnsSubdomain(limit int) validator.String {
	return check{"Invalid Name", fmt.Sprintf("must be a name of at most %d lower-case letters, digits, hyphens and dots", limit), func(value string) error {
		return nameProblem(value, limit)
	}}
}

// nameProblem says what is wrong with an object's name.
func nameProblem(name string, limit int) error {
	if len(name) > limit {
		return fmt.Errorf("it has %d characters", len(name))
	}
	return first(validation.IsDNS1123Subdomain(name))
}

func qualifiedName() validator.String {
	return check{"Invalid Key", "must be a key as Kubernetes has it, such as example.com/team", func(value string) error {
		return first(validation.IsQualifiedName(value))
	}}
}

func labelValue() validator.String {
	return check{"Invalid Label", fmt.Sprintf("must be a label's value: at most %d letters, digits, -, _ and ., beginning and ending with a letter or digit", validation.LabelValueMaxLength), func(value string) error {
		return first(validation.IsValidLabelValue(value))
	}}
}

// notReserved refuses variables that arguments of their own set, and names that
// none can have: "A=B" would set the variable A.
func notReserved(arguments map[string]string) validator.String {
	return check{"Invalid Variable", "must be a variable that no other argument sets", func(name string) error {
		if argument, reserved := arguments[name]; reserved {
			return fmt.Errorf("the argument %s sets it", argument)
		}
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return fmt.Errorf("a name is not empty and has no equals sign")
		}
		return nil
	}}
}

func first(problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s", problems[0])
}

func containerName() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_.-]+$`), "must be a container's name: two or more letters, digits, _, . and -, beginning with a letter or digit")
}

func absolutePath() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^/[^:]+$`), "must be an absolute path without colons")
}

// engineAddress lets through what begins like an address. All else about it is
// for the client to say, which knows the way there.
func engineAddress() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^(unix|npipe|tcp|http|https|ssh)://.`),
		"must be an engine's address, such as unix:///var/run/docker.sock, tcp://docker.example.com:2376 or ssh://user@docker.example.com")
}

const maxPort = 65535

func port() validator.Int64 { return int64validator.Between(1, maxPort) }

// objectValue accepts objects only: a text of JSON would pass as a dynamic
// value, too.
type objectValue struct{}

// Description implements validator.Dynamic.
func (objectValue) Description(context.Context) string { return "must be an object" }

// MarkdownDescription implements validator.Dynamic.
func (v objectValue) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateDynamic implements validator.Dynamic.
func (v objectValue) ValidateDynamic(ctx context.Context, req validator.DynamicRequest, resp *validator.DynamicResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || req.ConfigValue.IsUnderlyingValueUnknown() || req.ConfigValue.IsUnderlyingValueNull() {
		return
	}
	switch req.ConfigValue.UnderlyingValue().(type) {
	case types.Object, types.Map:
	default:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Object", fmt.Sprintf(
			"%s %s with the field names of Kubernetes, such as { runAsNonRoot = true }; leave jsonencode() out.", req.Path, v.Description(ctx)))
	}
}

// sameSchedule keeps the spelling of a schedule that only is written
// differently, so that it is no change.
type sameSchedule struct{}

// Description implements planmodifier.String.
func (sameSchedule) Description(context.Context) string {
	return "An equivalent schedule is not a change."
}

// MarkdownDescription implements planmodifier.String.
func (m sameSchedule) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (sameSchedule) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || req.PlanValue.IsUnknown() {
		return
	}
	var docker types.Object
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(attrDocker), &docker)...)
	if isSameSchedule(!docker.IsNull(), req.StateValue.ValueString(), req.PlanValue.ValueString()) {
		resp.PlanValue = req.StateValue
	}
}

// isSameSchedule tells whether a platform takes two schedules for one.
func isSameSchedule(docker bool, a, b string) bool {
	if docker {
		return container.SameSchedule(a, b)
	}
	return delegate.SameSchedule(a, b)
}
