package simulator_test

import (
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

type tokenSeen struct {
	Name, Status, Value, OwnerIdentifier, CreatedBy string
	CreatedAt, RevokeAfter                          int64
	CreatedByNgUser                                 *struct{ Type, Name string }
}

func (m *manager) tokens(query string) []tokenSeen {
	m.t.Helper()
	var seen []tokenSeen
	m.call("GET", tokenPath, query).resource(&seen)
	return seen
}

func tokenNames(seen []tokenSeen) []string {
	all := []string{}
	for _, token := range seen {
		all = append(all, token.Name)
	}
	return all
}

func TestDefaultTokenOfEveryScope(t *testing.T) {
	m := newManager(t)
	wantEqual(t, tokenNames(m.tokens("")), []string{"default_token"})
	wantEqual(t, tokenNames(m.tokens("orgIdentifier=default")), []string{"default_token_default"})
	project := m.tokens("orgIdentifier=default&projectIdentifier=payments")[0]
	wantEqual(t, []string{project.Name, project.OwnerIdentifier}, []string{"default_token_default/payments", "default/payments"})
	if project.CreatedByNgUser != nil || project.CreatedBy != "" {
		t.Error("a default token has a creator")
	}
	secret, err := base64.StdEncoding.DecodeString(project.Value)
	if err != nil || len(secret) != 32 {
		t.Errorf("value %q is not base64 of 32 digits", project.Value)
	}
}

func TestLifeOfADelegateToken(t *testing.T) {
	m := newManager(t)
	const scope = "orgIdentifier=default&"
	var made tokenSeen
	m.call("POST", tokenPath, scope+"tokenName=%20mine%20").resource(&made)
	wantEqual(t, []string{made.Name, made.Status, made.OwnerIdentifier, made.CreatedBy, made.CreatedByNgUser.Type},
		[]string{"mine", "ACTIVE", "default", "ci-bot", "SERVICE_ACCOUNT"})

	const taken = "Invalid request: Token with given name mine already exists for given account."
	m.call("POST", tokenPath, "tokenName=mine").wantError(400, "INVALID_REQUEST", taken)
	m.call("DELETE", tokenPath, scope+"tokenName=mine").wantError(400, "INVALID_REQUEST", "Invalid request: Only a revoked token can be deleted.")

	var revoked tokenSeen
	m.call("PUT", tokenPath, "tokenName=mine").resource(&revoked)
	wantEqual(t, revoked.Status, "REVOKED")
	m.call("PUT", tokenPath, "tokenName=mine").wantError(400, "INVALID_REQUEST", "Invalid request: Specified token is already revoked.")
	wantEqual(t, tokenNames(m.tokens(scope+"status=REVOKED")), []string{"mine"})
	wantEqual(t, tokenNames(m.tokens(scope+"status=ACTIVE")), []string{"default_token_default"})

	m.Advance(30*day - time.Millisecond)
	m.call("POST", tokenPath, "tokenName=mine").wantError(400, "INVALID_REQUEST", taken)
	m.Advance(time.Millisecond)
	m.call("POST", tokenPath, "tokenName=mine").wantStatus(200)
	m.call("PUT", tokenPath, "tokenName=mine").wantStatus(200)
	m.call("DELETE", tokenPath, "tokenName=mine").wantStatus(204)
	const missing = "Invalid request: Specified token does not exist."
	m.call("DELETE", tokenPath, "tokenName=mine").wantError(400, "INVALID_REQUEST", missing)
	m.call("PUT", tokenPath, "tokenName=mine").wantError(400, "INVALID_REQUEST", missing)
}

func TestTokenLookUpByNameIgnoresScopeAndStatus(t *testing.T) {
	m := newManager(t)
	wantEqual(t, tokenNames(m.tokens("name=default_token_default&orgIdentifier=platform&status=REVOKED")), []string{"default_token_default"})
	wantEqual(t, m.tokens("name=nope"), []tokenSeen{})
}

func TestTokenValueNeedsEdit(t *testing.T) {
	m := newManager(t)
	m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: []simulator.Grant{
		{Permissions: []string{simulator.PermissionView}},
		{OrgID: "default", Permissions: []string{simulator.PermissionEdit}},
	}})
	wantEqual(t, m.tokens("")[0].Value, "")
	wantEqual(t, m.tokens("orgIdentifier=default")[0].Value != "", true)
}

func TestTokenIsRevokedAutomatically(t *testing.T) {
	m := newManager(t)
	due := strconv.FormatInt(start.Add(time.Hour).UnixMilli(), 10)
	m.adjust(func(b *simulator.Behaviour) { b.RevocationLag = 30 * time.Minute })
	m.call("POST", tokenPath, "tokenName=t&revokeAfter="+due).wantStatus(200)
	wantEqual(t, m.tokens("name=t")[0].RevokeAfter, start.Add(time.Hour).UnixMilli())
	m.Advance(90*time.Minute - time.Millisecond)
	wantEqual(t, m.tokens("name=t")[0].Status, "ACTIVE")
	m.Advance(time.Millisecond)
	wantEqual(t, m.tokens("name=t")[0].Status, "REVOKED")
	m.Advance(30 * day)
	wantEqual(t, m.tokens("name=t"), []tokenSeen{})
}

func TestTokenParametersAreChecked(t *testing.T) {
	m := newManager(t)
	const nameMissing = "query param tokenName: must not be empty"
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		m.call(method, tokenPath, "").wantError(400, "INVALID_REQUEST", nameMissing)
		m.call(method, tokenPath, "tokenName=%20").wantError(400, "INVALID_REQUEST", nameMissing)
	}
	m.call("POST", tokenPath, "tokenName=t&revokeAfter=1").
		wantError(400, "INVALID_REQUEST", "Invalid request: Token revocation time can not be less than current time.")
	m.call("POST", tokenPath, "tokenName=t&revokeAfter=soon").wantStatus(500)
	m.call("GET", tokenPath, "status=GONE").wantStatus(500)
	m.call("POST", tokenPath, "tokenName=t&revokeAfter=0").wantStatus(200)
}
