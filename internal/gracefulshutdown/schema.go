package gracefulshutdown

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The names of attributes that code asks for.
const (
	attrID             = "id"
	attrNamespace      = "namespace"
	attrKind           = "kind"
	attrName           = "name"
	attrSeconds        = "termination_grace_period_seconds"
	attrForceConflicts = "force_conflicts"
	attrWaitForRollout = "wait_for_rollout"
	attrPrevious       = "previous"
	attrTimeouts       = "timeouts"
)

// longestGracePeriod is a week, in seconds. Kubernetes has no limit, but a pod
// that takes longer to end is a slip: milliseconds, most likely.
const longestGracePeriod = 7 * 24 * 60 * 60

const (
	defaultTimeout     = 5 * time.Minute
	defaultTimeoutText = "5m"
)

// Schema implements resource.Resource.
func (r *gracefulShutdownResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sets how long the pods of a delegate on Kubernetes may take to finish their tasks when they are told to stop, as an upgrade does. " +
			"It owns the one field for that of an existing Deployment or StatefulSet, and leaves all else to those who made it.",
		Attributes: map[string]schema.Attribute{
			attrID: schema.StringAttribute{
				MarkdownDescription: "The workload, as its import takes it: `NAMESPACE/KIND/NAME`.",
				Computed:            true,
			},
			attrNamespace: schema.StringAttribute{
				MarkdownDescription: "Namespace of the delegate. Changing this forces replacement.",
				Required:            true,
				Validators:          []validator.String{objectName{"namespace", validation.IsDNS1123Label}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrKind: schema.StringAttribute{
				MarkdownDescription: "What the delegate is deployed as: `Deployment` or, as older ones are, `StatefulSet`. Defaults to `Deployment`. Changing this forces replacement.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(kindDeployment),
				Validators:          []validator.String{stringvalidator.OneOf(kindDeployment, kindStatefulSet)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the Deployment or StatefulSet, which is the delegate's name with Harness's Helm chart and manifest. It must exist when this is applied. Changing this forces replacement.",
				Required:            true,
				Validators:          []validator.String{objectName{"workload", validation.IsDNS1123Subdomain}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrSeconds: schema.Int64Attribute{
				MarkdownDescription: fmt.Sprintf("How long a pod may take to end, in seconds, 0 to %d (a week): `spec.template.spec.terminationGracePeriodSeconds`. "+
					"What still runs then is killed, and its tasks are lost. Kubernetes' default is %d, that of Harness's Helm chart 600. Changing this replaces the pods.",
					longestGracePeriod, kubernetesDefault),
				Required:   true,
				Validators: []validator.Int64{int64validator.Between(0, longestGracePeriod)},
			},
			"longest_task_seconds": schema.Int64Attribute{
				MarkdownDescription: "How long the longest task takes that the delegate is to finish, in seconds. A plan warns where the grace period is shorter. It changes nothing in the cluster.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			attrForceConflicts: schema.BoolAttribute{
				MarkdownDescription: "Whether to take the field over from another field manager, such as Helm, that has set it to another value. Otherwise that is an error. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrWaitForRollout: schema.BoolAttribute{
				MarkdownDescription: "Whether creating and updating wait until the pods are replaced, within the timeout. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrPrevious: schema.Int64Attribute{
				MarkdownDescription: "The grace period that was found at creation, in seconds, which destroying gives back. Null where nobody had set one: Kubernetes' default comes back then. " +
					"Null, too, if an import couldn't tell: destroying then leaves the value.",
				Computed:      true,
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
		},
		Blocks: map[string]schema.Block{attrTimeouts: timeoutsBlock(ctx)},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	describe := func(what string) string {
		return fmt.Sprintf("How long %s may take, as a duration such as `30s` or `10m`. Defaults to `%s`.", what, defaultTimeoutText)
	}
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: describe("creating, with the wait of `wait_for_rollout`,"),
		Read: true, ReadDescription: describe("a refresh"),
		Update: true, UpdateDescription: describe("updating, with the wait of `wait_for_rollout`,"),
		Delete: true, DeleteDescription: describe("giving the previous value back"),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long each operation may take."
		return nested
	}
	return block
}

// objectName is a validator of what Kubernetes takes as a name.
type objectName struct {
	of    string
	check func(string) []string
}

// Description implements validator.String.
func (n objectName) Description(context.Context) string {
	return fmt.Sprintf("must be the name of a %s on Kubernetes", n.of)
}

// MarkdownDescription implements validator.String.
func (n objectName) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateString implements validator.String.
func (n objectName) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problems := n.check(req.ConfigValue.ValueString()); len(problems) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Name", fmt.Sprintf(
			"%s is %q and %s: %s.", req.Path, req.ConfigValue.ValueString(), n.Description(ctx), strings.Join(problems, "; ")))
	}
}
