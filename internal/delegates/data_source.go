package delegates

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// The attributes' names, where code refers to them.
const (
	attrName         = "name"
	attrGroupDetails = "group_details"
	attrWaitFor      = "wait_for"
	attrTimeouts     = "timeouts"
)

// How long a read may take if "timeouts" doesn't say: one look outlasts the
// Manager's rate limit, and a wait the start of a delegate with the pull of its
// image, or a rolling update.
const (
	defaultReadTimeout = 5 * time.Minute
	defaultWaitTimeout = 20 * time.Minute
)

// dataSource finds one delegate.
type dataSource struct {
	providerdata.DataSource

	pace pace
}

var _ datasource.DataSourceWithConfigure = (*dataSource)(nil)

// NewDataSource makes the data source harnessdelegate_delegate.
func NewDataSource() datasource.DataSource { return &dataSource{pace: politePace} }

// Metadata implements datasource.DataSource.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_delegate"
}

// model is the data source as Terraform has it.
type model struct {
	scopeattr.Model
	observedModel

	Name         types.String   `tfsdk:"name"`
	GroupDetails types.Bool     `tfsdk:"group_details"`
	WaitFor      *waitModel     `tfsdk:"wait_for"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
}

// Schema implements datasource.DataSource.
func (d *dataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns one delegate by its name at exactly one scope. Can wait until it is registered, connected, on a version, or upgraded automatically. " +
			"For several delegates, and those below a scope, use `harnessdelegate_delegates`.",
		Attributes: scopeattr.DataSourceAttributes(observedAttributes(map[string]schema.Attribute{
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the delegate. It is case-sensitive.",
				Required:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			attrGroupDetails: detailsAttribute(),
		})),
		Blocks: map[string]schema.Block{
			attrWaitFor:  waitBlock(),
			attrTimeouts: timeoutsBlock(ctx),
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.BlockWithOpts(ctx, timeouts.Opts{ReadDescription: fmt.Sprintf(
		"How long reading may take, waiting included, as a duration such as `30s` or `1h`. Defaults to `%dm` with `wait_for`, else to `%dm`.",
		int(defaultWaitTimeout.Minutes()), int(defaultReadTimeout.Minutes()))})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long the operation may take."
		return nested
	}
	return block
}

// Read implements datasource.DataSource.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var result model
	resp.Diagnostics.Append(req.Config.Get(ctx, &result)...)
	if resp.Diagnostics.HasError() {
		return
	}
	client, scope, diags := result.Connect(d.Data)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, diags := result.find(ctx, client, scope, d.pace)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	one := fleet.Fleet{Members: []fleet.Member{{ListedDelegate: found, Scope: scope, Placed: true}}}
	if wantsDetails(result.GroupDetails) {
		one.AddDetails(ctx, client)
	}
	result.observedModel = observe(one.Members[0], client.Now())
	resp.Diagnostics.Append(unseenWarning(one.Unseen)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &result)...)
}

// find looks the delegate up, or waits for it.
func (m *model) find(ctx context.Context, client *harness.Client, scope delegate.Scope, often pace) (harness.ListedDelegate, diag.Diagnostics) {
	fallback := defaultReadTimeout
	if m.WaitFor != nil {
		fallback = defaultWaitTimeout
	}
	timeout, diags := m.Timeouts.Read(ctx, fallback)
	if diags.HasError() {
		return harness.ListedDelegate{}, diags
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var found harness.ListedDelegate
	var err error
	if m.WaitFor != nil {
		found, err = m.await(bounded, client, scope, often)
	} else {
		found, err = m.lookUp(bounded, client, scope)
	}
	if err != nil {
		// What helps to understand the error is asked for in a time of its own.
		diags.Append(explain(ctx, client, scope, m.Name.ValueString(), err)...)
	}
	return found, diags
}

// lookUp finds the delegate as it is.
func (m *model) lookUp(ctx context.Context, client *harness.Client, scope delegate.Scope) (harness.ListedDelegate, error) {
	client.ForgetDelegates(harness.MaxListAge)
	listed, err := client.Delegates(ctx, harness.DelegateQuery{Scope: scope})
	if err != nil {
		return harness.ListedDelegate{}, err
	}
	switch found := named(listed, m.Name.ValueString()); len(found) {
	case 0:
		return harness.ListedDelegate{}, &missingError{listed}
	case 1:
		return found[0], nil
	default:
		return harness.ListedDelegate{}, &severalError{found}
	}
}

// await finds the delegate once it is as it is waited for.
func (m *model) await(ctx context.Context, client *harness.Client, scope delegate.Scope, often pace) (harness.ListedDelegate, error) {
	wanted, err := m.WaitFor.condition()
	if err != nil {
		return harness.ListedDelegate{}, err
	}
	name := m.Name.ValueString()
	found, err := wait{
		name:   name,
		wanted: wanted,
		pace:   often,
		now:    client.Now,
		look: func(ctx context.Context) ([]harness.ListedDelegate, error) {
			listed, err := client.FreshDelegates(ctx, harness.DelegateQuery{Scope: scope})
			return named(listed, name), err
		},
	}.until(ctx)
	client.ForgetGroups(scope) // what is known of them is from before
	return found, err
}

func wantsDetails(value types.Bool) bool { return value.IsNull() || value.ValueBool() }
