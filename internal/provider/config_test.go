package provider

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// block is the arguments of a provider block; those left out are null.
type block map[string]any

// unknown is an argument that depends on something to be applied first.
var unknown any = tftypes.UnknownValue

// environment is the variables that are set.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// raw is the block as Terraform sends it.
func (b block) raw(tb testing.TB) (tfsdk.Config, tftypes.Value) {
	tb.Helper()
	var resp provider.SchemaResponse
	New("test")().Schema(tb.Context(), provider.SchemaRequest{}, &resp)
	object, ok := resp.Schema.Type().TerraformType(tb.Context()).(tftypes.Object)
	if !ok {
		tb.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		values[name] = valueOf(tb, kind, b[name])
	}
	for name := range b {
		if _, known := values[name]; !known {
			tb.Fatalf("the provider has no argument %q", name)
		}
	}
	value := tftypes.NewValue(object, values)
	return tfsdk.Config{Schema: resp.Schema, Raw: value}, value
}

// valueOf is a value as Terraform sends it: objects are blocks, in which those
// left out are null, and lists and maps hold such values.
func valueOf(tb testing.TB, kind tftypes.Type, value any) tftypes.Value {
	tb.Helper()
	switch value := value.(type) {
	case block:
		object, ok := kind.(tftypes.Object)
		if !ok {
			tb.Fatalf("%v is given to a %s", value, kind)
		}
		attributes := map[string]tftypes.Value{}
		for name, kind := range object.AttributeTypes {
			attributes[name] = valueOf(tb, kind, value[name])
		}
		for name := range value {
			if _, known := attributes[name]; !known {
				tb.Fatalf("there is no argument %q", name)
			}
		}
		return tftypes.NewValue(kind, attributes)
	case []any:
		list, ok := kind.(tftypes.List)
		if !ok {
			tb.Fatalf("%v is given to a %s", value, kind)
		}
		elements := []tftypes.Value{}
		for _, element := range value {
			elements = append(elements, valueOf(tb, list.ElementType, element))
		}
		return tftypes.NewValue(kind, elements)
	case map[string]any:
		dictionary, ok := kind.(tftypes.Map)
		if !ok {
			tb.Fatalf("%v is given to a %s", value, kind)
		}
		elements := map[string]tftypes.Value{}
		for key, element := range value {
			elements[key] = valueOf(tb, dictionary.ElementType, element)
		}
		return tftypes.NewValue(kind, elements)
	default:
		return tftypes.NewValue(kind, value)
	}
}

// configure gives what the provider makes of its block.
func configure(tb testing.TB, b block, env environment) (*providerdata.Data, diag.Diagnostics) {
	tb.Helper()
	config, _ := b.raw(tb)
	var resp provider.ConfigureResponse
	newWithEnv("1.2.3", env.get)().Configure(tb.Context(), provider.ConfigureRequest{Config: config, TerraformVersion: "1.9.8"}, &resp)
	if resp.Diagnostics.HasError() {
		if resp.ResourceData != nil || resp.DataSourceData != nil {
			tb.Error("there is data in spite of the errors")
		}
		return nil, resp.Diagnostics
	}
	data, ok := resp.ResourceData.(*providerdata.Data)
	if !ok || resp.DataSourceData != any(data) || resp.ListResourceData != any(data) || resp.ActionData != any(data) {
		tb.Fatalf("resources get %T, data sources %T, list resources %T, actions %T",
			resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData)
	}
	return data, resp.Diagnostics
}

func mustConfigure(tb testing.TB, b block, env environment) *providerdata.Data {
	tb.Helper()
	data, diags := configure(tb, b, env)
	if len(diags) > 0 {
		tb.Fatalf("diagnostics: %v", diags)
	}
	return data
}

func mustClient(tb testing.TB, data *providerdata.Data) *harness.Client {
	tb.Helper()
	client, diags := data.Client()
	if len(diags) > 0 {
		tb.Fatalf("diagnostics: %v", diags)
	}
	return client
}

// validate gives the messages of Terraform's validation of the block.
func validate(tb testing.TB, b block) []string {
	tb.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		tb.Fatal(err)
	}
	_, value := b.raw(tb)
	dynamic, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		tb.Fatal(err)
	}
	resp, err := server.ValidateProviderConfig(tb.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &dynamic})
	if err != nil {
		tb.Fatal(err)
	}
	var messages []string
	for _, d := range resp.Diagnostics {
		messages = append(messages, d.Attribute.String()+": "+d.Summary+": "+d.Detail)
	}
	return messages
}

// listener is a Manager that keeps the headers of requests and gives one
// answer.
type listener struct {
	url string

	mu   sync.Mutex
	seen []http.Header
}

func listen(tb testing.TB, status int) *listener {
	tb.Helper()
	l := &listener{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = append(l.seen, r.Header.Clone())
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"versionOverrides":[]}`)
	}))
	tb.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *listener) requests() []http.Header {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.seen)
}

func ask(tb testing.TB, data *providerdata.Data) error {
	tb.Helper()
	_, err := mustClient(tb, data).Overrides(tb.Context(), delegate.Scope{Account: "aBc"})
	return err
}

// Configuration goes before environment goes before default, each argument for
// itself; an empty text is as good as none.
func TestPrecedence(t *testing.T) {
	t.Run("endpoint", func(t *testing.T) {
		for name, tc := range map[string]struct {
			configured any
			variable   string
			want       string
		}{
			"the default":                        {nil, "", harness.DefaultEndpoint},
			"the environment's":                  {nil, "https://env.example.com", "https://env.example.com"},
			"the block's":                        {"https://block.example.com", "", "https://block.example.com"},
			"the block's, not the environment's": {"https://block.example.com", "https://env.example.com", "https://block.example.com"},
			"an empty one in the block":          {"", "https://env.example.com", "https://env.example.com"},
			"empty everywhere":                   {"", "", harness.DefaultEndpoint},
		} {
			t.Run(name, func(t *testing.T) {
				data := mustConfigure(t, block{"endpoint": tc.configured, "platform_api_key": "pat.x"}, environment{"HARNESS_ENDPOINT": tc.variable})
				if got := mustClient(t, data).Endpoint(); got != tc.want {
					t.Errorf("got %s, want %s", got, tc.want)
				}
			})
		}
	})
	t.Run("account_id", func(t *testing.T) {
		for name, tc := range map[string]struct {
			configured any
			variable   string
			want       types.String
		}{
			"the environment's":         {nil, "env", types.StringValue("env")},
			"the block's":               {"block", "env", types.StringValue("block")},
			"an empty one in the block": {"", "env", types.StringValue("env")},
			"one to come":               {unknown, "env", types.StringUnknown()},
		} {
			t.Run(name, func(t *testing.T) {
				data := mustConfigure(t, block{"account_id": tc.configured}, environment{"HARNESS_ACCOUNT_ID": tc.variable})
				got, diags := data.Account(types.StringNull())
				if len(diags) > 0 || !got.Equal(tc.want) {
					t.Errorf("got %s, %v; want %s", got, diags, tc.want)
				}
			})
		}
	})
	t.Run("platform_api_key", func(t *testing.T) {
		for name, tc := range map[string]struct {
			configured any
			variable   string
			want       string
		}{
			"the environment's":         {nil, "pat.env", "pat.env"},
			"the block's":               {"pat.block", "pat.env", "pat.block"},
			"an empty one in the block": {"", "pat.env", "pat.env"},
			"blanks around it":          {" pat.block\n", "", "pat.block"},
		} {
			t.Run(name, func(t *testing.T) {
				manager := listen(t, http.StatusOK)
				data := mustConfigure(t, block{"endpoint": manager.url, "platform_api_key": tc.configured}, environment{"HARNESS_PLATFORM_API_KEY": tc.variable})
				if err := ask(t, data); err != nil {
					t.Fatal(err)
				}
				if got := manager.requests()[0].Get("X-Api-Key"); got != tc.want {
					t.Errorf("the Manager is shown %q, want %q", got, tc.want)
				}
			})
		}
	})
}

func TestConfigureAsksTheManagerNothing(t *testing.T) {
	manager := listen(t, http.StatusOK)
	mustConfigure(t, block{"endpoint": manager.url, "account_id": "aBc", "platform_api_key": "pat.x"}, nil)
	if n := len(manager.requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestUserAgent(t *testing.T) {
	manager := listen(t, http.StatusOK)
	if err := ask(t, mustConfigure(t, block{"endpoint": manager.url, "platform_api_key": "pat.x"}, nil)); err != nil {
		t.Fatal(err)
	}
	const want = "terraform-provider-harnessdelegate/1.2.3 terraform/1.9.8"
	if got := manager.requests()[0].Get("User-Agent"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (&harnessdelegateProvider{version: "1.2.3"}).userAgent(""); got != "terraform-provider-harnessdelegate/1.2.3" {
		t.Errorf("without a version of Terraform it is %q", got)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	data := mustConfigure(t, nil, nil)
	if _, diags := data.Client(); diags.ErrorsCount() != 1 ||
		!strings.Contains(diags[0].Detail(), `Set "platform_api_key" in the provider block, or the environment variable HARNESS_PLATFORM_API_KEY.`) {
		t.Errorf("without a key: %v", diags)
	}
	if _, diags := data.Account(types.StringNull()); diags.ErrorsCount() != 1 || !strings.Contains(diags[0].Detail(), "HARNESS_ACCOUNT_ID") {
		t.Errorf("without an account: %v", diags)
	}
}

func TestWhatIsNotKnownYetIsNamed(t *testing.T) {
	all := block{
		"endpoint": unknown, "account_id": unknown, "platform_api_key": unknown, "request_timeout": unknown,
		"max_retries": unknown, "retry_wait_min": unknown, "retry_wait_max": unknown,
	}
	if messages := validate(t, all); len(messages) > 0 {
		t.Errorf("the validation minds: %v", messages)
	}
	env := environment{"HARNESS_ENDPOINT": "https://env.example.com", "HARNESS_PLATFORM_API_KEY": "pat.env"}
	data := mustConfigure(t, all, env)
	if diff := cmp.Diff([]string{"endpoint", "platform_api_key"}, data.Unknown()); diff != "" {
		t.Errorf("not known yet (-want +got):\n%s", diff)
	}
	client, diags := data.Client()
	if client != nil || diags.ErrorsCount() != 2 {
		t.Errorf("got %v, %v", client, diags)
	}
}

func TestEndpointsThatAreNone(t *testing.T) {
	for name, tc := range map[string]struct {
		b   block
		env environment
	}{
		"in the block":       {block{"endpoint": "app.harness.io"}, nil},
		"in the environment": {nil, environment{"HARNESS_ENDPOINT": "app.harness.io"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := configure(t, tc.b, tc.env)
			if diags.ErrorsCount() != 1 {
				t.Fatalf("diagnostics: %v", diags)
			}
			if with, ok := diags[0].(diag.DiagnosticWithPath); !ok || !with.Path().Equal(path.Root("endpoint")) {
				t.Errorf("it doesn't stand at the endpoint: %v", diags[0])
			}
			const want = `endpoint: "app.harness.io" has no scheme https:// or http://. Set "endpoint" (or HARNESS_ENDPOINT) to the address of the Harness Manager, such as "https://app.harness.io/gateway".`
			if diags[0].Summary() != "Invalid Endpoint" || diags[0].Detail() != want {
				t.Errorf("got %s: %s\nwant: %s", diags[0].Summary(), diags[0].Detail(), want)
			}
		})
	}
}

func TestUnencryptedEndpointsAreWarnedOf(t *testing.T) {
	for endpoint, warned := range map[string]bool{
		"https://app.harness.io":       false,
		"http://localhost:8080":        false,
		"http://127.0.0.1:8080":        false,
		"http://[::1]:8080":            false,
		"http://harness.example.com":   true,
		"http://10.0.0.7:8080/gateway": true,
	} {
		t.Run(endpoint, func(t *testing.T) {
			data, diags := configure(t, block{"endpoint": endpoint, "platform_api_key": "pat.x"}, nil)
			if data == nil || diags.HasError() || (diags.WarningsCount() == 1) != warned {
				t.Fatalf("diagnostics: %v, want a warning: %t", diags, warned)
			}
			if warned && !strings.Contains(diags[0].Detail(), endpoint) {
				t.Errorf("the warning doesn't name %s: %s", endpoint, diags[0].Detail())
			}
		})
	}
}

func TestLimitsAreValidated(t *testing.T) {
	durations := []string{"request_timeout", "retry_wait_min", "retry_wait_max"}
	for _, attribute := range durations {
		for value, ok := range map[string]bool{"30s": true, "1m30s": true, "1ms": true, "0s": false, "0": false, "-1s": false, "30": false, "soon": false, "": false} {
			t.Run(attribute+" of "+value, func(t *testing.T) {
				messages := validate(t, block{attribute: value})
				if (len(messages) == 0) != ok {
					t.Fatalf("%q: %v, want it accepted: %t", value, messages, ok)
				}
				if ok {
					return
				}
				if len(messages) != 1 || !strings.Contains(messages[0], attribute) || strings.Contains(messages[0], `\n`) {
					t.Errorf("want one message that names %s: %q", attribute, messages)
				}
				if value == "30" && !strings.Contains(messages[0], `write "30s" for seconds`) {
					t.Errorf("it doesn't say that the unit is missing: %q", messages)
				}
			})
		}
	}
	for value, ok := range map[int64]bool{0: true, 7: true, maxRetriesLimit: true, -1: false, maxRetriesLimit + 1: false} {
		if messages := validate(t, block{"max_retries": value}); (len(messages) == 0) != ok {
			t.Errorf("max_retries of %d: %v, want it accepted: %t", value, messages, ok)
		}
	}
}

func TestRetriesAreAsConfigured(t *testing.T) {
	for name, tc := range map[string]struct {
		configured any
		requests   int
	}{"by default": {nil, harness.DefaultMaxRetries + 1}, "turned off": {int64(0), 1}, "a few": {int64(2), 3}} {
		t.Run(name, func(t *testing.T) {
			manager := listen(t, http.StatusServiceUnavailable)
			data := mustConfigure(t, block{
				"endpoint": manager.url, "platform_api_key": "pat.x", "max_retries": tc.configured, "retry_wait_min": "1ms", "retry_wait_max": "2ms",
			}, nil)
			if err := ask(t, data); err == nil {
				t.Error("want an error")
			}
			if n := len(manager.requests()); n != tc.requests {
				t.Errorf("%d requests, want %d", n, tc.requests)
			}
		})
	}
}

func TestRequestTimeoutIsAsConfigured(t *testing.T) {
	manager := listen(t, http.StatusOK)
	data := mustConfigure(t, block{"endpoint": manager.url, "platform_api_key": "pat.x", "request_timeout": "1ns", "max_retries": int64(0)}, nil)
	if err := ask(t, data); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want that time ran out", err)
	}
}

// What stands around a value by accident, such as the line break of a file, is
// not part of it; what makes it unusable is told, and a key is never repeated.
func TestAccountsAndKeysThatAreNone(t *testing.T) {
	const secret = "pat.secret"
	for name, tc := range map[string]struct {
		b    block
		env  environment
		want string
	}{
		"key with a line break at its end":       {block{"platform_api_key": secret + "\n"}, nil, ""},
		"the same in the environment":            {nil, environment{"HARNESS_PLATFORM_API_KEY": secret + "\r\n"}, ""},
		"account with a blank at its end":        {block{"account_id": "acc "}, nil, ""},
		"key with a line break within":           {block{"platform_api_key": secret + "\n" + secret}, nil, "Invalid API Key"},
		"the same, again in the environment":     {nil, environment{"HARNESS_PLATFORM_API_KEY": secret + " x"}, "Invalid API Key"},
		"account with a slash":                   {block{"account_id": "a/b"}, nil, "Invalid Account"},
		"account with a slash, from environment": {nil, environment{"HARNESS_ACCOUNT_ID": "a/b"}, "Invalid Account"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := configure(t, tc.b, tc.env)
			var got string
			if len(diags) > 0 {
				got = diags[0].Summary()
				if strings.Contains(diags[0].Detail(), secret) {
					t.Errorf("the message shows the key: %s", diags[0].Detail())
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q: %v", got, tc.want, diags)
			}
		})
	}
	blank := mustConfigure(t, block{"platform_api_key": " "}, nil)
	if _, diags := blank.Client(); diags.ErrorsCount() != 1 {
		t.Errorf("a blank key counts as one: %v", diags)
	}
}
