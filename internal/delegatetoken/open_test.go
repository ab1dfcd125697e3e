package delegatetoken_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// These tests open the ephemeral resource in this process, as Terraform 1.10 and
// later do, so that they don't depend on the Terraform that is installed.

const (
	// name is that of the token of most tests, and value a canary in the form that
	// the Manager gives its tokens: base64 of 32 hexadecimal digits.
	name  = "payments"
	value = "Y2E5YTdjYTlhN2NhOWE3Y2E5YTdjYTlhN2NhOWE3YzA="
)

// arguments are those of the ephemeral resource; what isn't there is null.
type arguments map[string]any

// result is what opening gives: the attributes that aren't null, and the
// diagnostics.
type result struct {
	attributes  map[string]string
	diagnostics []*tfprotov6.Diagnostic
}

// object makes the value of a schema of which the attributes told are set.
func object(t *testing.T, schema *tfprotov6.Schema, set map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	kind := schema.ValueType().(tftypes.Object) //nolint:forcetypeassert // schemas are objects
	values := map[string]tftypes.Value{}
	for attribute, of := range kind.AttributeTypes {
		values[attribute] = tftypes.NewValue(of, set[attribute])
	}
	dynamic, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// serve gives the provider, configured for a Manager, and its schemas. Settings
// replace those of the provider block.
func serve(t *testing.T, m *acctest.Manager, settings map[string]any) (tfprotov6.ProviderServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	server, err := acctest.Factories()["harnessdelegate"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := map[string]any{
		"endpoint": m.URL, "account_id": acctest.Account, "platform_api_key": acctest.APIKey, "retry_wait_min": "1ms", "retry_wait_max": "5ms",
	}
	maps.Copy(block, settings)
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: object(t, schemas.Provider, block)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("configuring: %v, %v", err, configured)
	}
	return server, schemas
}

// open opens the ephemeral resource. Its arguments have to pass validation.
func open(t *testing.T, m *acctest.Manager, given arguments, settings map[string]any) result {
	t.Helper()
	server, schemas := serve(t, m, settings)
	schema := schemas.EphemeralResourceSchemas["harnessdelegate_token"]
	config := object(t, schema, given)
	valid, err := server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: "harnessdelegate_token", Config: config})
	if err != nil || len(valid.Diagnostics) > 0 {
		t.Fatalf("validating: %v, %v", err, valid)
	}
	opened, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: "harnessdelegate_token", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if !opened.RenewAt.IsZero() || len(opened.Private) > 0 {
		t.Errorf("there is nothing to renew and nothing to remember, got %+v", opened)
	}
	got := result{diagnostics: opened.Diagnostics, attributes: map[string]string{}}
	if slices.ContainsFunc(opened.Diagnostics, isError) {
		return got
	}
	kind := schema.ValueType()
	whole, err := opened.Result.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]tftypes.Value
	if err := whole.As(&values); err != nil {
		t.Fatal(err)
	}
	for attribute, value := range values {
		var text *string
		if err := value.As(&text); err != nil {
			t.Fatalf("%s: %v", attribute, err)
		}
		if text != nil {
			got.attributes[attribute] = *text
		}
	}
	return got
}

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// token is one of the Manager, for the project unless another scope is told.
func token(changes ...func(*simulator.DelegateToken)) simulator.DelegateToken {
	made := simulator.DelegateToken{
		AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: name, Value: value,
		CreatedAt: acctest.Start.Add(-24 * time.Hour),
	}
	for _, change := range changes {
		change(&made)
	}
	return made
}

func at(org, project string) func(*simulator.DelegateToken) {
	return func(t *simulator.DelegateToken) { t.OrgID, t.ProjectID = org, project }
}

func revoked(t *simulator.DelegateToken) { t.RevokedAt = acctest.Start.Add(-time.Hour) }

func revokedIn(after time.Duration) func(*simulator.DelegateToken) {
	return func(t *simulator.DelegateToken) { t.RevokeAfter = acctest.Start.Add(after) }
}

func worth(text string) func(*simulator.DelegateToken) {
	return func(t *simulator.DelegateToken) { t.Value = text }
}

// ofProject and the like are arguments for a token of a scope.
func ofProject() arguments {
	return arguments{"name": name, "org_id": "default", "project_id": "payments"}
}
func ofOrg() arguments     { return arguments{"name": name, "org_id": "default"} }
func ofAccount() arguments { return arguments{"name": name} }

func TestOpen(t *testing.T) {
	t.Parallel()
	common := map[string]string{
		"account_id": acctest.Account, "name": name, "value": value, "status": "ACTIVE", "created_at": "2024-05-14T12:00:00Z",
	}
	with := func(more ...string) map[string]string {
		all := maps.Clone(common)
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for title, tc := range map[string]struct {
		there simulator.DelegateToken
		given arguments
		want  map[string]string
	}{
		"of a project":       {token(), ofProject(), with("org_id", "default", "project_id", "payments")},
		"of an organization": {token(at("default", "")), ofOrg(), with("org_id", "default")},
		"of the account":     {token(at("", "")), ofAccount(), common},
		"its own account": {
			token(at("", "")), arguments{"name": name, "account_id": acctest.Account}, common,
		},
		"to be revoked, but not soon": {
			token(at("", ""), revokedIn(25*time.Hour)), ofAccount(), with("revoke_after", "2024-05-16T13:00:00Z"),
		},
		"in a form that no token has": {token(at("", ""), worth("not base64!")), ofAccount(), with("value", "not base64!")},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.AddDelegateToken(tc.there)
			got := open(t, m, tc.given, nil)
			if len(got.diagnostics) > 0 {
				t.Fatalf("diagnostics: %v", got.diagnostics)
			}
			if diff := cmp.Diff(tc.want, got.attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

// Each way in which a token can't be had, or not for long, is told with the names
// of all that is concerned and with what to do; the value is in none of it.
func TestOpen_diagnostics(t *testing.T) {
	t.Parallel()
	const (
		payments = `project "payments" of organization "default" in account "` + acctest.Account + `"`
		inOrg    = `organization "default" in account "` + acctest.Account + `"`
		account  = `account "` + acctest.Account + `"`
	)
	all := []string{simulator.PermissionView, simulator.PermissionEdit}
	for title, tc := range map[string]struct {
		there    simulator.DelegateToken
		given    arguments
		settings map[string]any
		grants   []simulator.Grant
		fault    *simulator.Fault
		warning  bool
		summary  string
		at       string
		says     []string
	}{
		"another project": {
			there: token(), given: arguments{"name": name, "org_id": "default", "project_id": "search"},
			summary: "Delegate Token of Another Scope", at: "project_id",
			says: []string{`"payments" belongs to ` + payments, `a token of project "search" of organization "default"`, `Set "org_id" and "project_id"`},
		},
		"of a project, asked at its organization": {
			there: token(), given: ofOrg(),
			summary: "Delegate Token of Another Scope", at: "project_id",
			says: []string{"belongs to " + payments, "a token of " + inOrg},
		},
		"of the account, asked at a project": {
			there: token(at("", "")), given: ofProject(),
			summary: "Delegate Token of Another Scope", at: "org_id",
			says: []string{"belongs to " + account, "a token of " + payments, "leaving out what it doesn't have"},
		},
		"of another scope, and revoked": {
			there: token(revoked), given: ofAccount(),
			summary: "Delegate Token of Another Scope", at: "org_id",
		},
		"revoked": {
			there: token(revoked), given: ofProject(),
			summary: "Delegate Token Revoked", at: "name",
			says: []string{`"payments" of ` + payments + " is revoked", "another name", "30 days"},
		},
		"missing": {
			there: token(), given: arguments{"name": "Payments", "org_id": "default"},
			summary: "No Such Delegate Token", at: "name",
			says: []string{`no delegate token "Payments" in ` + account, "unique within an account", "upper and lower case", `organization "default"`, "30 days"},
		},
		"a value that the key may not see": {
			there: token(), given: ofProject(), grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
			summary: "Delegate Token Value Withheld",
			says:    []string{"core_delegate_edit on delegates for " + payments, "Grant"},
		},
		"revoked, and the key may not see the value": {
			there: token(revoked), given: ofProject(), grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
			summary: "Delegate Token Revoked", at: "name",
		},
		"a token that the key may not see": {
			there: token(), given: ofProject(), grants: []simulator.Grant{{OrgID: "platform", Permissions: all}},
			summary: "Unable to Read Delegate Token",
			says:    []string{"core_delegate_view", payments, "Grant"},
		},
		"a key that isn't accepted": {
			there: token(), given: ofProject(), settings: map[string]any{"platform_api_key": "pat.other"},
			summary: "Unable to Read Delegate Token", says: []string{"401", "platform_api_key"},
		},
		"another account": {
			there: token(), given: arguments{"name": name, "account_id": "other"},
			summary: "Unable to Read Delegate Token", says: []string{"401", `account "other"`},
		},
		"no account": {
			there: token(), given: ofAccount(), settings: map[string]any{"account_id": nil},
			summary: "Missing Account", at: "account_id", says: []string{"HARNESS_ACCOUNT_ID"},
		},
		"a provider that isn't known yet": {
			there: token(), given: ofAccount(), settings: map[string]any{"account_id": tftypes.UnknownValue},
			summary: "Account Not Known Yet", at: "account_id", says: []string{"-target"},
		},
		"a Manager that is down": {
			there: token(), given: ofProject(), settings: map[string]any{"max_retries": 0}, fault: &simulator.Fault{Kind: simulator.FaultStatus, Status: 503},
			summary: "Unable to Read Delegate Token", says: []string{"503"},
		},
		"a reply that is cut short": {
			there: token(), given: ofProject(), settings: map[string]any{"max_retries": 0}, fault: &simulator.Fault{Kind: simulator.FaultTruncated},
			summary: "Unable to Read Delegate Token",
		},
		"a page instead of a reply": {
			there: token(), given: ofProject(), fault: &simulator.Fault{Kind: simulator.FaultHTML},
			summary: "Unable to Read Delegate Token", says: []string{"not JSON", `"endpoint"`},
		},
		"to be revoked within a day": {
			there: token(revokedIn(23 * time.Hour)), given: ofProject(), warning: true,
			summary: "Delegate Token Near Its End", at: "name",
			says: []string{`"payments" of ` + payments + " will be revoked at 2024-05-16T11:00:00Z, within a day", "shut down"},
		},
		"due, and not revoked yet": {
			there: token(revokedIn(-time.Minute)), given: ofProject(), warning: true,
			summary: "Delegate Token Near Its End", at: "name",
			says: []string{"was to be revoked at 2024-05-15T11:59:00Z, which is past", "within an hour"},
		},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			m.SetBehaviour(simulator.Behaviour{RevocationLag: time.Hour})
			m.AddDelegateToken(tc.there)
			m.AddKey(simulator.Key{Token: acctest.APIKey, AccountID: acctest.Account, Grants: tc.grants})
			if tc.fault != nil {
				m.Inject(*tc.fault)
			}
			got := open(t, m, tc.given, tc.settings)
			if len(got.diagnostics) != 1 || isError(got.diagnostics[0]) == tc.warning {
				t.Fatalf("diagnostics: %v, want one", got.diagnostics)
			}
			if (got.attributes["value"] == value) != tc.warning {
				t.Errorf("the value is %q", got.attributes["value"])
			}
			d := got.diagnostics[0]
			if d.Summary != tc.summary {
				t.Errorf("the summary is %q, want %q", d.Summary, tc.summary)
			}
			where := ""
			if d.Attribute != nil {
				where = d.Attribute.String()
			}
			if want := `AttributeName("` + tc.at + `")`; tc.at != "" && where != want || tc.at == "" && where != "" {
				t.Errorf("it stands at %q, want %q", where, tc.at)
			}
			for _, text := range tc.says {
				if !strings.Contains(d.Detail, text) {
					t.Errorf("%q is missing in:\n%s", text, d.Detail)
				}
			}
			if strings.Contains(d.Detail, value) {
				t.Errorf("the token is in:\n%s", d.Detail)
			}
		})
	}
}

// The empty name would ask the Manager for all tokens of the scope.
func TestValidate(t *testing.T) {
	t.Parallel()
	server, schemas := serve(t, acctest.NewManager(t), nil)
	for title, tc := range map[string]struct {
		given arguments
		says  string
	}{
		"a default token's name":  {arguments{"name": "default_token_default/payments"}, ""},
		"one letter":              {arguments{"name": "a"}, ""},
		"a blank within":          {arguments{"name": "blue token"}, ""},
		"not known yet":           {arguments{"name": tftypes.UnknownValue}, ""},
		"empty":                   {arguments{"name": ""}, "neither is empty"},
		"only a blank":            {arguments{"name": " "}, "neither is empty"},
		"a blank before":          {arguments{"name": " a"}, "nor begins or ends with a blank"},
		"a line break behind":     {arguments{"name": "a\n"}, "nor begins or ends with a blank"},
		"none":                    {arguments{}, "Missing"},
		"a project on its own":    {arguments{"name": "a", "project_id": "payments"}, "org_id"},
		"the name of the project": {arguments{"name": "a", "org_id": "default", "project_id": "My Project"}, "identifier"},
		"what only the API tells": {arguments{"name": "a", "value": "x"}, "Invalid"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			config := object(t, schemas.EphemeralResourceSchemas["harnessdelegate_token"], tc.given)
			resp, err := server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: "harnessdelegate_token", Config: config})
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for _, d := range resp.Diagnostics {
				text.WriteString(d.Summary + ": " + d.Detail + "\n")
			}
			if (tc.says == "") != (text.String() == "") || !strings.Contains(text.String(), tc.says) {
				t.Errorf("want %q, got %s", tc.says, text.String())
			}
		})
	}
}
