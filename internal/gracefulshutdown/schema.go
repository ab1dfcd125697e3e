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

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// The names of attributes.
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

// longestGracePeriod is a week, in seconds. Kubernetes has no limit. A larger value
// is most likely a mistake, such as milliseconds.
const longestGracePeriod = 7 * 24 * 60 * 60

const (
	defaultTimeout     = 5 * time.Minute
	defaultTimeoutText = "5m"
)

// Schema implements resource.Resource.
func (r *gracefulShutdownResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sets the termination grace period of a delegate on Kubernetes: how long its pods may take to finish their tasks when an upgrade stops them. " +
			"It manages this one field of an existing Deployment or StatefulSet, by server-side apply, and no other field.",
		Attributes: map[string]schema.Attribute{
			attrID: schema.StringAttribute{
				MarkdownDescription: "ID of the workload, as for an import: `NAMESPACE/KIND/NAME`.",
				Computed:            true,
			},
			attrNamespace: schema.StringAttribute{
				MarkdownDescription: "Namespace of the delegate. Changing this forces replacement.",
				Required:            true,
				Validators:          []validator.String{objectName{"namespace", validation.IsDNS1123Label}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrKind: schema.StringAttribute{
				MarkdownDescription: "Kind of the delegate's workload: `Deployment`, or `StatefulSet` for older delegates. Defaults to `Deployment`. Changing this forces replacement.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(kindDeployment),
				Validators:          []validator.String{stringvalidator.OneOf(kindDeployment, kindStatefulSet)},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the Deployment or StatefulSet. With Harness's Helm chart and manifest it is the delegate's name. The workload must exist before this resource is applied. Changing this forces replacement.",
				Required:            true,
				Validators:          []validator.String{objectName{"workload", validation.IsDNS1123Subdomain}},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrSeconds: schema.Int64Attribute{
				CustomType: wholenumber.Type{},
				MarkdownDescription: fmt.Sprintf("Grace period in seconds, from 0 to %d (a week): `spec.template.spec.terminationGracePeriodSeconds`. "+
					"A pod that takes longer to stop is killed, and its tasks are lost. The default is %d in Kubernetes and 600 in Harness's Helm chart. Changing this replaces the pods.",
					longestGracePeriod, kubernetesDefault),
				Required:   true,
				Validators: []validator.Int64{int64validator.Between(0, longestGracePeriod)},
			},
			"longest_task_seconds": schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: "Duration of the longest task that an upgrade must not interrupt, in seconds. The plan warns if the grace period is shorter. Nothing in the cluster changes.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			attrForceConflicts: schema.BoolAttribute{
				MarkdownDescription: "Whether to take the field over from another field manager, such as Helm, that has set another value. If `false`, that is an error. The plan names the manager and says what it will do afterwards. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrWaitForRollout: schema.BoolAttribute{
				MarkdownDescription: "Whether create and update wait until the pods are replaced, within the timeout. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrPrevious: schema.Int64Attribute{
				MarkdownDescription: "Grace period, in seconds, that destroying gives back: the value before this resource set its own. It follows another manager, such as Helm, that sets a new value later. " +
					"Null if the resource was imported after it had set the field: destroying then keeps the value.",
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

// objectName validates names of Kubernetes objects.
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
