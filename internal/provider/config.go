package provider

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

// impactScopes is for how many organizations and projects a run looks overrides
// up to warn of their impact.
const impactScopes = 100

// maxRetriesLimit keeps a typing error from making a run wait for hours.
const maxRetriesLimit = 100

// model is the provider block.
type model struct {
	Endpoint       types.String      `tfsdk:"endpoint"`
	AccountID      types.String      `tfsdk:"account_id"`
	PlatformAPIKey types.String      `tfsdk:"platform_api_key"`
	RequestTimeout types.String      `tfsdk:"request_timeout"`
	MaxRetries     wholenumber.Value `tfsdk:"max_retries"`
	RetryWaitMin   types.String      `tfsdk:"retry_wait_min"`
	RetryWaitMax   types.String      `tfsdk:"retry_wait_max"`
	WarnImpact     types.Bool        `tfsdk:"warn_override_impact"`
	Kubernetes     types.Object      `tfsdk:"kubernetes"`
	Docker         types.Object      `tfsdk:"docker"`
}

// data resolves each setting for itself: configuration, else environment, else
// default. The variables' names are those of the official Harness provider.
func (m model) data(ctx context.Context, getenv func(string) string, userAgent string) (*providerdata.Data, diag.Diagnostics) {
	var diags diag.Diagnostics
	setting := func(attribute, variable string, configured types.String) providerdata.Setting {
		value := configured
		if !value.IsNull() && !value.IsUnknown() {
			value = types.StringValue(strings.TrimSpace(value.ValueString()))
		}
		if value.IsNull() || !value.IsUnknown() && value.ValueString() == "" {
			value = types.StringPointerValue(nonEmpty(strings.TrimSpace(getenv(variable))))
		}
		return providerdata.Setting{Attribute: attribute, Variable: variable, Value: value}
	}
	endpoint := setting(providerdata.EndpointAttribute, "HARNESS_ENDPOINT", m.Endpoint)
	if endpoint.Value.IsNull() {
		endpoint.Value = types.StringValue(harness.DefaultEndpoint)
	}
	account := setting("account_id", "HARNESS_ACCOUNT_ID", m.AccountID)
	apiKey := setting("platform_api_key", "HARNESS_PLATFORM_API_KEY", m.PlatformAPIKey)

	address := parseEndpoint(endpoint, &diags)
	checkAccount(account, &diags)
	checkKey(apiKey, &diags)
	config := harness.Config{
		Endpoint:       address,
		APIKey:         secret.Text(apiKey.Value.ValueString()),
		UserAgent:      userAgent,
		MaxRetries:     harness.DefaultMaxRetries,
		RequestTimeout: duration(m.RequestTimeout),
		RetryWaitMin:   duration(m.RetryWaitMin),
		RetryWaitMax:   duration(m.RetryWaitMax),
		OnAttempt:      logAttempt,
	}
	if !m.MaxRetries.IsNull() && !m.MaxRetries.IsUnknown() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	connect := func() *harness.Client { return harness.New(config) }
	withKubernetes, kubernetesDiags := kubernetesOption(ctx, m.Kubernetes, getenv, userAgent)
	diags.Append(kubernetesDiags...)
	withDocker, dockerDiags := dockerOption(ctx, m.Docker, getenv, userAgent)
	diags.Append(dockerDiags...)
	options := []providerdata.Option{withKubernetes, withDocker}
	if m.WarnImpact.IsNull() || m.WarnImpact.IsUnknown() || m.WarnImpact.ValueBool() {
		options = append(options, providerdata.WithImpact(fleet.NewBudget(impactScopes)))
	}
	return providerdata.New(account, []providerdata.Setting{endpoint, apiKey}, connect, options...), diags
}

// parseEndpoint checks an endpoint that is known.
func parseEndpoint(endpoint providerdata.Setting, diags *diag.Diagnostics) *url.URL {
	if endpoint.Value.IsUnknown() {
		return nil
	}
	address, err := harness.ParseEndpoint(endpoint.Value.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root(endpoint.Attribute), "Invalid Endpoint", fmt.Sprintf(
			"%s: %s. Set %q (or %s) to the address of the Harness Manager, such as %q.",
			endpoint.Attribute, err, endpoint.Attribute, endpoint.Variable, harness.DefaultEndpoint))
		return nil
	}
	if harness.SendsKeyInClear(address) {
		diags.AddAttributeWarning(path.Root(endpoint.Attribute), "Unencrypted Endpoint", fmt.Sprintf(
			"Requests to %q carry the API key unencrypted over the network. Use https://.", address))
	}
	return address
}

// checkAccount refuses what would make the ids of objects ambiguous.
func checkAccount(account providerdata.Setting, diags *diag.Diagnostics) {
	if account.Value.ValueString() == "" {
		return
	}
	if err := (delegate.Scope{Account: account.Value.ValueString()}).Validate(); err != nil {
		diags.AddAttributeError(path.Root(account.Attribute), "Invalid Account", fmt.Sprintf(
			"%s (or %s): %s.", account.Attribute, account.Variable, err))
	}
}

// checkKey refuses a key that can't be sent, without showing it.
func checkKey(key providerdata.Setting, diags *diag.Diagnostics) {
	if strings.ContainsFunc(key.Value.ValueString(), func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		diags.AddAttributeError(path.Root(key.Attribute), "Invalid API Key", fmt.Sprintf(
			"%s (or %s) holds a blank, a line break or a control character within the key. Copy it again.", key.Attribute, key.Variable))
	}
}

// duration is zero, which stands for the default, where none is known. Others have
// passed positiveDuration.
func duration(configured types.String) time.Duration {
	value, _ := time.ParseDuration(configured.ValueString())
	return value
}

// logAttempt writes one line per request to Terraform's log. Attempts hold no
// header and so no key.
func logAttempt(ctx context.Context, attempt harness.Attempt) {
	fields := map[string]any{
		"method":      attempt.Method,
		"url":         attempt.URL,
		"status":      attempt.Status,
		"duration_ms": attempt.Duration.Milliseconds(),
	}
	if attempt.Err != nil {
		fields["error"] = attempt.Err.Error()
	}
	tflog.Debug(ctx, "Harness Manager request", fields)
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// positiveDuration refuses durations that can't be a limit or a wait.
type positiveDuration struct{}

// Description implements validator.String.
func (positiveDuration) Description(context.Context) string {
	return "must be a duration longer than zero, such as 30s or 1m30s"
}

// MarkdownDescription implements validator.String.
func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v positiveDuration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	text := req.ConfigValue.ValueString()
	value, err := time.ParseDuration(text)
	if err == nil && value > 0 {
		return
	}
	unit := ""
	if _, notANumber := strconv.ParseFloat(text, 64); err != nil && notANumber == nil {
		unit = fmt.Sprintf(" It lacks a unit: write %q for seconds.", text+"s")
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Invalid Duration", fmt.Sprintf("%s is %q, and %s.%s", req.Path, text, v.Description(ctx), unit))
}
