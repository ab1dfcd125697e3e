package tagoverride

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// The attributes' names, where code refers to them.
const (
	attrID                   = "id"
	attrTags                 = "tags"
	attrDelegateTag          = "delegate_tag"
	attrValidForDays         = "valid_for_days"
	attrValidTillNextRelease = "valid_till_next_release"
	attrRenewBeforeDays      = "renew_before_days"
	attrOverwriteExisting    = "overwrite_existing"
	attrValidUntil           = "valid_until"
	attrStatus               = "status"
	attrTimeouts             = "timeouts"
)

// The values of status.
const (
	// statusActive: the Manager answers upgraders with it.
	statusActive = "active"
	// statusExpiring: it ends within renew_before_days.
	statusExpiring = "expiring"
	// statusExpired: its time ran out.
	statusExpired = "expired"
	// statusSuperseded: a new delegate release ended it.
	statusSuperseded = "superseded"
)

// defaultTimeout outlasts the Manager's rate limit with the default retries.
const defaultTimeout = 5 * time.Minute

// Schema implements resource.Resource.
func (r *overrideResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Pins the image of the delegates of an account, an organization or a project, for at most 180 days: a delegate tag override. " +
			"While it is active, upgraders set this image on the delegates it reaches instead of the latest supported version. " +
			"A scope has two slots, one for an override with delegate tags and one for an override without; a resource manages one slot.",
		Attributes: scopeattr.ResourceAttributes(map[string]schema.Attribute{
			attrID: schema.StringAttribute{
				MarkdownDescription: "The slot: `ACCOUNT/KIND`, `ACCOUNT/ORG/KIND` or `ACCOUNT/ORG/PROJECT/KIND`, where `KIND` is `tagged` or `untagged`. It is also the import ID.",
				Computed:            true,
			},
			attrTags: schema.SetAttribute{
				MarkdownDescription: "Delegate tags. With tags, the override applies only to delegates with all of these tags. A delegate's name in lower case counts as one of its tags. " +
					"Without tags, or with an empty set, it applies to every delegate at the scope and below that no override with tags matches. " +
					"Changing tags updates the override in place. Changing from tags to none, or vice versa, forces replacement, because the slot changes.",
				Optional:    true,
				ElementType: types.StringType,
				Validators: []validator.Set{
					setvalidator.NoNullValues(),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
			},
			attrDelegateTag: schema.StringAttribute{
				MarkdownDescription: "The image, as a full reference such as `registry.example.com/harness/delegate:24.04.82804`. " +
					"Upgraders set exactly this value on the delegate's container.",
				Required:   true,
				Validators: []validator.String{imageReference{}},
			},
			attrValidForDays: schema.Int64Attribute{
				CustomType: wholenumber.Type{},
				MarkdownDescription: fmt.Sprintf("Days until the override ends, counted from each write: %d to %d. Defaults to `%d`. Permanent overrides are not possible.",
					delegate.MinValidForDays, delegate.MaxValidForDays, delegate.DefaultValidForDays),
				Optional:   true,
				Computed:   true,
				Default:    int64default.StaticInt64(delegate.DefaultValidForDays),
				Validators: []validator.Int64{int64validator.Between(delegate.MinValidForDays, delegate.MaxValidForDays)},
			},
			attrValidTillNextRelease: schema.BoolAttribute{
				MarkdownDescription: "Whether the override ends when Harness releases a new delegate to the account. The Manager may then return no end and ignore `valid_for_days`. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrRenewBeforeDays: schema.Int64Attribute{
				CustomType: wholenumber.Type{},
				MarkdownDescription: "Renews the override in place if a plan runs within this many days of its end. Must be less than `valid_for_days`. " +
					"Requires that `terraform apply` runs in that time. By default, overrides are not renewed.",
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, delegate.MaxValidForDays-1)},
			},
			"recreate_after_expiry": schema.BoolAttribute{
				MarkdownDescription: "Whether to create the override again after it has ended. With `false`, it stays in the state with the `status` `expired` or `superseded`, and the plan is empty. " +
					"Defaults to `true`, or to `false` with `valid_till_next_release`.",
				Optional: true,
			},
			attrOverwriteExisting: schema.BoolAttribute{
				MarkdownDescription: "Whether to replace an existing override in the slot that this resource doesn't manage. With `false`, that is an error, which describes the override and how to import it. Defaults to `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			attrValidUntil: schema.StringAttribute{
				MarkdownDescription: "When the override ends, by the Manager's clock (RFC 3339, UTC). Null if the Manager returns no end.",
				Computed:            true,
				CustomType:          timetypes.RFC3339Type{},
			},
			attrStatus: schema.StringAttribute{
				MarkdownDescription: "`active`; `expiring`, if a renewal is due; `expired`, if its term has ended; or `superseded`, if a delegate release has ended it.",
				Computed:            true,
			},
		}),
		Blocks: map[string]schema.Block{attrTimeouts: timeoutsBlock(ctx)},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	describe := func(what string) string {
		return fmt.Sprintf("How long %s may take, including retries, as a duration such as `30s` or `10m`. Defaults to `5m`.", what)
	}
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, CreateDescription: describe("creating"),
		Read: true, ReadDescription: describe("a refresh"),
		Update: true, UpdateDescription: describe("updating"),
		Delete: true, DeleteDescription: describe("deleting"),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long each operation may take."
		return nested
	}
	return block
}
