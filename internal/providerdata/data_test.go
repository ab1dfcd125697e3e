package providerdata_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

func account(value types.String) providerdata.Setting {
	return providerdata.Setting{Attribute: "account_id", Variable: "HARNESS_ACCOUNT_ID", Value: value}
}

func needed(endpoint, apiKey types.String) []providerdata.Setting {
	return []providerdata.Setting{
		{Attribute: "endpoint", Variable: "HARNESS_ENDPOINT", Value: endpoint},
		{Attribute: "platform_api_key", Variable: "HARNESS_PLATFORM_API_KEY", Value: apiKey},
	}
}

func wantTexts(tb testing.TB, d diag.Diagnostic, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		if !strings.Contains(d.Detail(), text) {
			tb.Errorf("%q is missing in: %s", text, d.Detail())
		}
	}
}

func TestClientIsMadeOnceAndWhenNeeded(t *testing.T) {
	var mu sync.Mutex
	made := 0
	data := providerdata.New(account(types.StringNull()), needed(types.StringValue("https://app.harness.io"), types.StringValue("pat.x")), func() *harness.Client {
		mu.Lock()
		defer mu.Unlock()
		made++
		return harness.New(harness.Config{})
	})
	if made != 0 {
		t.Error("it was made before anybody needed it")
	}
	first, diags := data.Client()
	if first == nil || len(diags) > 0 {
		t.Fatalf("got %v, %v", first, diags)
	}
	var users sync.WaitGroup
	for range 20 {
		users.Go(func() {
			if other, _ := data.Client(); other != first {
				t.Error("two users got two clients")
			}
		})
	}
	users.Wait()
	if made != 1 {
		t.Errorf("it was made %d times", made)
	}
}

func TestClientTellsWhatItLacks(t *testing.T) {
	set := types.StringValue("x")
	for name, tc := range map[string]struct {
		endpoint, apiKey types.String
		want             []string
		unknown          []string
	}{
		"no key":             {set, types.StringNull(), []string{`"platform_api_key" is not set. Set "platform_api_key" in the provider block, or the environment variable HARNESS_PLATFORM_API_KEY.`}, nil},
		"an empty key":       {set, types.StringValue(""), []string{`"platform_api_key" is not set`}, nil},
		"a key to come":      {set, types.StringUnknown(), []string{`"platform_api_key" depends on something that is not applied yet`}, []string{"platform_api_key"}},
		"an address to come": {types.StringUnknown(), set, []string{`"endpoint" depends on something that is not applied yet`}, []string{"endpoint"}},
		"both":               {types.StringUnknown(), types.StringNull(), []string{`"endpoint" depends on`, `"platform_api_key" is not set`}, []string{"endpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := providerdata.New(account(types.StringNull()), needed(tc.endpoint, tc.apiKey), func() *harness.Client {
				t.Error("a client was made of settings that lack something")
				return nil
			})
			client, diags := data.Client()
			if client != nil || diags.ErrorsCount() != len(tc.want) {
				t.Fatalf("got %v, %v", client, diags)
			}
			for i, text := range tc.want {
				wantTexts(t, diags[i], text)
			}
			if diff := cmp.Diff(tc.unknown, data.Unknown()); diff != "" {
				t.Errorf("not known yet (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		own, provider, want types.String
	}{
		"the object's own":                         {types.StringValue("own"), types.StringValue("provider"), types.StringValue("own")},
		"the object's own, to come":                {types.StringUnknown(), types.StringValue("provider"), types.StringUnknown()},
		"the provider's":                           {types.StringNull(), types.StringValue("provider"), types.StringValue("provider")},
		"the provider's, to come":                  {types.StringNull(), types.StringUnknown(), types.StringUnknown()},
		"the object's own, the provider's to come": {types.StringValue("own"), types.StringUnknown(), types.StringValue("own")},
	} {
		t.Run(name, func(t *testing.T) {
			got, diags := providerdata.New(account(tc.provider), nil, nil).Account(tc.own)
			if len(diags) > 0 || !got.Equal(tc.want) {
				t.Errorf("got %s, %v; want %s", got, diags, tc.want)
			}
		})
	}
	for name, provider := range map[string]types.String{"none": types.StringNull(), "an empty one": types.StringValue("")} {
		t.Run(name, func(t *testing.T) {
			got, diags := providerdata.New(account(provider), nil, nil).Account(types.StringNull())
			if !got.IsNull() || len(diags) != 1 {
				t.Fatalf("got %s, %v", got, diags)
			}
			wantTexts(t, diags[0], `Set "account_id" here or in the provider block`, "HARNESS_ACCOUNT_ID", "Account Settings")
			if with, ok := diags[0].(diag.DiagnosticWithPath); !ok || !with.Path().Equal(path.Root("account_id")) {
				t.Errorf("it doesn't stand at account_id: %v", diags[0])
			}
		})
	}
}

func TestConfigureTakesTheData(t *testing.T) {
	data := providerdata.New(account(types.StringNull()), nil, nil)
	for name, tc := range map[string]struct {
		given any
		want  *providerdata.Data
		fails bool
	}{
		"the data":             {data, data, false},
		"while validating":     {nil, nil, false},
		"another type's value": {"data", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			var (
				managed         providerdata.Resource
				forResource     resource.ConfigureResponse
				read            providerdata.DataSource
				forDataSource   datasource.ConfigureResponse
				resourceAsked   = resource.ConfigureRequest{ProviderData: tc.given}
				dataSourceAsked = datasource.ConfigureRequest{ProviderData: tc.given}
			)
			managed.Configure(t.Context(), resourceAsked, &forResource)
			read.Configure(t.Context(), dataSourceAsked, &forDataSource)
			if managed.Data != tc.want || read.Data != tc.want {
				t.Errorf("a resource got %v, a data source %v; want %v", managed.Data, read.Data, tc.want)
			}
			for _, diags := range []diag.Diagnostics{forResource.Diagnostics, forDataSource.Diagnostics} {
				if diags.HasError() != tc.fails {
					t.Errorf("diagnostics: %v", diags)
				}
				if tc.fails {
					wantTexts(t, diags[0], "Expected *providerdata.Data, got string", "report it")
				}
			}
		})
	}
}
