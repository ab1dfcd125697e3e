package upgrader

import (
	"context"
	"fmt"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// The names of attributes that code asks for.
const (
	attrID              = "id"
	attrDelegateName    = "delegate_name"
	attrManagerEndpoint = "manager_endpoint"
	attrToken           = "token"
	attrTokenWO         = "token_wo"
	attrTokenWOVersion  = "token_wo_version"
	attrSchedule        = "schedule"
	attrDryRun          = "dry_run"
	attrImage           = "image"
	attrProxy           = "proxy"

	attrPasswordWO        = "password_wo"
	attrPasswordWOVersion = "password_wo_version"

	attrKubernetes = "kubernetes"
	attrDocker     = "docker"
	attrObjects    = "objects"
	attrDrift      = "drift"
	attrTimeouts   = "timeouts"
)

// Schema implements resource.Resource.
func (r *upgraderResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		attrID: schema.StringAttribute{
			MarkdownDescription: "ID of the upgrader, as for an import: `kubernetes/NAMESPACE/CRONJOB` or `docker/CONTAINER`.",
			Computed:            true,
		},
		"verify": schema.BoolAttribute{
			MarkdownDescription: "Whether apply verifies that the upgrader works. On Kubernetes, it starts one run after the objects are written " +
				"and waits for it, within the timeout. The run may upgrade the delegate immediately. " +
				"On Docker, it checks for ten seconds that the container keeps running. " +
				"Errors contain the end of the upgrader's log. Defaults to `false`.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
		},
		attrObjects: schema.ListAttribute{
			MarkdownDescription: "The objects that exist, as `KIND/NAME`.",
			Computed:            true,
			ElementType:         types.StringType,
		},
		attrDrift: schema.ListAttribute{
			MarkdownDescription: "Differences at the last refresh that are not arguments, such as missing objects and changed fields. " +
				"A plan that repairs them shows an empty list.",
			Computed:    true,
			ElementType: types.StringType,
		},
	}
	maps.Copy(attributes, commonAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Deploys the upgrader of a Harness Delegate, on Kubernetes or on Docker, with drift detection and repair.",
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			attrProxy:      proxyBlock(),
			attrKubernetes: kubernetesBlock(),
			attrDocker:     dockerBlock(),
			attrTimeouts:   timeoutsBlock(ctx),
		},
	}
}

// commonAttributes are those that don't depend on the platform, and that the
// data source has, too.
func commonAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrDelegateName: schema.StringAttribute{
			MarkdownDescription: "Name of the delegate to upgrade: its Deployment on Kubernetes, the `DELEGATE_NAME` of its containers on Docker. " +
				"It must be the name under which Harness knows the delegate.",
			Required:   true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1), noSlashes("a delegate's name")},
		},
		scopeattr.AccountID: schema.StringAttribute{
			MarkdownDescription: "Identifier of the Harness account. Defaults to the provider's `account_id`.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), noSlashes("an account identifier")},
		},
		attrManagerEndpoint: schema.StringAttribute{
			MarkdownDescription: "Address of the Harness Manager for the upgrader, such as `https://app.harness.io`, without `/gateway`. " +
				"Defaults to the provider's `endpoint`.",
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{managerAddress()},
		},
		attrToken: schema.StringAttribute{
			MarkdownDescription: "Value of the delegate token with which the upgrader authenticates. It must be the delegate's own token; otherwise, overrides of organizations and projects don't reach the delegate. " +
				"It is kept in the state; `token_wo` is not.",
			Optional:   true,
			Sensitive:  true,
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		attrTokenWO: schema.StringAttribute{
			MarkdownDescription: "Delegate token, as a write-only argument: it reaches neither the plan nor the state. Needs Terraform 1.11 or OpenTofu 1.11, and `token_wo_version`.",
			Optional:            true,
			WriteOnly:           true,
			Sensitive:           true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		attrTokenWOVersion: schema.Int64Attribute{
			CustomType:          wholenumber.Type{},
			MarkdownDescription: "Version of the write-only argument. Change it to write a new `token_wo`.",
			Optional:            true,
		},
		attrSchedule: schema.StringAttribute{
			MarkdownDescription: "When the upgrader runs, as a cron expression of five fields. Kubernetes also takes descriptors such as `@hourly`. " +
				"The longest gap between two runs should lie between 1 and 90 minutes: with a longer one upgrades work, but Harness shows the delegate as not upgraded automatically. " +
				fmt.Sprintf("An equivalent schedule is not a change. Defaults to `%s`.", spec.DefaultSchedule),
			Optional:      true,
			Computed:      true,
			Default:       stringdefault.StaticString(spec.DefaultSchedule),
			Validators:    []validator.String{cronExpression()},
			PlanModifiers: []planmodifier.String{sameSchedule{}},
		},
		"auto_upgrade": schema.BoolAttribute{
			MarkdownDescription: "Whether the upgrader upgrades. `false` suspends the CronJob on Kubernetes. On Docker, the upgrader then only does health checks. Defaults to `true`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		attrDryRun: schema.BoolAttribute{
			MarkdownDescription: "Whether the upgrader only logs what it would do. Harness still shows the delegate as upgraded automatically. Kubernetes only. Defaults to `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
		attrImage: schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("The upgrader's own image. Defaults to `%s` on Kubernetes and to `%s` on Docker.", spec.DefaultKubernetesImage, spec.DefaultDockerImage),
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{imageReference()},
		},
	}
}

// requires are the members that a block must have. Were they required by their
// own schemas, the framework would demand them also where the block is left out.
func requires(members ...string) []validator.Object {
	var at []path.Expression
	for _, name := range members {
		at = append(at, path.MatchRelative().AtName(name))
	}
	return []validator.Object{objectvalidator.AlsoRequires(at...)}
}

func proxyBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Proxy for the upgrader's connection to the Manager. Requires version 1.7.0 of the upgrader or later. " +
			"On Kubernetes, a user or a password moves the upgrader's configuration from a ConfigMap to a Secret.",
		Validators: requires("host", "port"),
		Attributes: map[string]schema.Attribute{
			"scheme": schema.StringAttribute{
				MarkdownDescription: "`http` or `https`. Defaults to `http`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString("http"),
				Validators:          []validator.String{stringvalidator.OneOf("http", "https")},
			},
			"host": schema.StringAttribute{
				MarkdownDescription: "Host name or address of the proxy. Must be set.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), noSlashes("a host")},
			},
			"port": schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: "Port of the proxy, from 1 to 65535. Must be set.",
				Optional:            true,
				Validators:          []validator.Int64{port()},
			},
			"user": schema.StringAttribute{
				MarkdownDescription: "User name at the proxy.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Password at the proxy. It is kept in the state; `password_wo` is not.",
				Optional:            true,
				Sensitive:           true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			attrPasswordWO: schema.StringAttribute{
				MarkdownDescription: "Password at the proxy, as a write-only argument. Needs Terraform 1.11 or OpenTofu 1.11, and `password_wo_version`.",
				Optional:            true,
				WriteOnly:           true,
				Sensitive:           true,
				Validators: []validator.String{
					stringvalidator.LengthAtLeast(1),
					stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("password")),
					stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName(attrPasswordWOVersion)),
				},
			},
			attrPasswordWOVersion: schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: "Version of the write-only argument. Change it to write a new `password_wo`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRelative().AtParent().AtName(attrPasswordWO))},
			},
			"proxy_manager": schema.StringAttribute{
				MarkdownDescription: "Value of the upgrader's setting `proxyManager`. Kubernetes only.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}

// onePlatform is on one of the blocks, so that it reports once.
func onePlatform() []validator.Object {
	return []validator.Object{objectvalidator.ExactlyOneOf(path.MatchRoot(attrKubernetes), path.MatchRoot(attrDocker))}
}

// noSlashes keeps out what would break an id in parts.
func noSlashes(what string) validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^[^\s/]+$`), "must be "+what+", which has no slashes or blanks")
}

func timeoutsBlock(ctx context.Context) schema.Block {
	describe := func(what string) string {
		return fmt.Sprintf("How long %s may take, as a duration such as `30s` or `10m`. Defaults to `%s`.", what, defaultTimeoutText)
	}
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: describe("creating, with the run of `verify`,"),
		Read: true, ReadDescription: describe("a refresh"),
		Update: true, UpdateDescription: describe("updating, with the run of `verify`,"),
		Delete: true, DeleteDescription: describe("deleting"),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long each operation may take."
		return nested
	}
	return block
}
