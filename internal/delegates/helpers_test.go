package delegates

import (
	"context"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	testAccount = "aBcDeFgHiJkLmNoPqRsTuV"
	testKey     = "pat.test"
	release     = "24.04.82804"
	oldRelease  = "24.03.82600"
)

// start is the Manager's time when a test begins, years from the machine's.
var start = time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)

// manager is a simulated Manager and what the provider hands to data sources
// about it.
type manager struct {
	*simulator.Simulator

	url  string
	data *providerdata.Data
}

// again is the same Manager, met by another run of the provider.
func (m manager) again(tb testing.TB) manager {
	tb.Helper()
	return manager{m.Simulator, m.url, dataFor(tb, m.url)}
}

func newManager(tb testing.TB, orgs map[string][]string) manager {
	tb.Helper()
	sim := simulator.New()
	sim.SetTime(start)
	sim.AddAccount(simulator.Account{ID: testAccount, LatestVersion: release, Orgs: orgs})
	sim.AddKey(simulator.Key{Token: testKey, AccountID: testAccount})
	server := httptest.NewServer(sim)
	tb.Cleanup(server.Close)
	return manager{sim, server.URL, dataFor(tb, server.URL)}
}

// dataFor makes the data of a new run of the provider.
func dataFor(tb testing.TB, address string) *providerdata.Data {
	tb.Helper()
	endpoint, err := harness.ParseEndpoint(address)
	if err != nil {
		tb.Fatal(err)
	}
	setting := func(name, value string) providerdata.Setting {
		return providerdata.Setting{Attribute: name, Value: types.StringValue(value)}
	}
	return providerdata.New(setting("account_id", testAccount), []providerdata.Setting{setting("endpoint", address), setting("platform_api_key", testKey)},
		func() *harness.Client {
			return harness.New(harness.Config{Endpoint: endpoint, APIKey: testKey, MaxRetries: 2, RetryWaitMin: time.Millisecond, RetryWaitMax: time.Millisecond})
		})
}

// read runs a data source as Terraform would, with the arguments given and all
// others null. The result goes to the target, if there is one.
func read(ctx context.Context, tb testing.TB, d datasource.DataSource, arguments map[string]tftypes.Value, target any) diag.Diagnostics {
	tb.Helper()
	var described datasource.SchemaResponse
	d.Schema(ctx, datasource.SchemaRequest{}, &described)
	object, ok := described.Schema.Type().TerraformType(ctx).(tftypes.Object)
	if !ok {
		tb.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	maps.Copy(values, arguments)
	resp := datasource.ReadResponse{State: tfsdk.State{Schema: described.Schema, Raw: tftypes.NewValue(object, nil)}}
	d.Read(ctx, datasource.ReadRequest{Config: tfsdk.Config{Schema: described.Schema, Raw: tftypes.NewValue(object, values)}}, &resp)
	if target != nil && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Get(ctx, target)...)
	}
	return resp.Diagnostics
}

func (m manager) list(tb testing.TB, arguments map[string]tftypes.Value) (listModel, diag.Diagnostics) {
	tb.Helper()
	var result listModel
	diags := read(tb.Context(), tb, &listDataSource{providerdata.DataSource{Data: m.data}}, arguments, &result)
	return result, diags
}

// one reads a single delegate, looking every few milliseconds.
func (m manager) one(ctx context.Context, tb testing.TB, arguments map[string]tftypes.Value) (model, diag.Diagnostics) {
	tb.Helper()
	var result model
	often := pace{first: time.Millisecond, longest: 5 * time.Millisecond}
	diags := read(ctx, tb, &dataSource{providerdata.DataSource{Data: m.data}, often}, arguments, &result)
	return result, diags
}

func text(value string) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func truth(value bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, value) }

// waitFor is the argument of that name; what isn't given is null.
func waitFor(conditions map[string]tftypes.Value) tftypes.Value {
	kinds := map[string]tftypes.Type{
		"connected": tftypes.Bool, "min_replicas": tftypes.Number, "version": tftypes.String, "image": tftypes.String, "auto_upgrade": tftypes.String,
	}
	values := map[string]tftypes.Value{}
	for name, kind := range kinds {
		values[name] = tftypes.NewValue(kind, nil)
	}
	maps.Copy(values, conditions)
	return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, values)
}

func within(timeout string) tftypes.Value {
	return tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"read": tftypes.String}}, map[string]tftypes.Value{"read": text(timeout)})
}

func running(version string) simulator.Replica {
	return simulator.Replica{Version: version, Alive: true}
}

// wantError checks that there is one error that holds the texts.
func wantError(tb testing.TB, diags diag.Diagnostics, summary string, texts ...string) {
	tb.Helper()
	errors := diags.Errors()
	if len(errors) != 1 || errors[0].Summary() != summary {
		tb.Fatalf("want one error %q, got %v", summary, diags)
	}
	for _, text := range texts {
		if !strings.Contains(errors[0].Detail(), text) {
			tb.Errorf("%q is missing in:\n%s", text, errors[0].Detail())
		}
	}
}
