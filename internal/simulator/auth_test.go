package simulator_test

import (
	"net/http"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const invalidToken = "Token is not valid."

func TestKeyIsCheckedBeforeEverythingElse(t *testing.T) {
	// The query breaks every other rule: unknown scope, empty image, a term that is no number.
	const broken = "&orgIdentifier=nope&validForDays=abc"
	tests := map[string]struct {
		header http.Header
		query  string
		status int
		text   string
	}{
		"no key":                      {nil, "accountIdentifier=" + account, 401, invalidToken},
		"no key, no account":          {nil, "", 401, invalidToken},
		"unknown key":                 {http.Header{"X-Api-Key": {"pat.nope"}}, "accountIdentifier=" + account, 401, invalidToken},
		"expired key":                 {http.Header{"X-Api-Key": {"pat.old"}}, "accountIdentifier=" + account, 401, invalidToken},
		"key of another account":      {http.Header{"X-Api-Key": {"pat.other"}}, "accountIdentifier=" + account, 401, invalidToken},
		"unknown account":             {http.Header{"X-Api-Key": {key}}, "accountIdentifier=nope", 401, invalidToken},
		"bearer instead of x-api-key": {http.Header{"Authorization": {"Bearer " + key}}, "accountIdentifier=" + account, 401, invalidToken},
		"no account": {
			http.Header{"X-Api-Key": {key}}, "", 400, "Invalid request: Account detail is not present in the request",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddAccount(simulator.Account{ID: "other"})
			m.AddKey(simulator.Key{Token: "pat.other", AccountID: "other"})
			m.AddKey(simulator.Key{Token: "pat.old", AccountID: account})
			wantEqual(t, m.ExpireKey("pat.old"), true)
			code := "INVALID_TOKEN"
			if test.status == 400 {
				code = "INVALID_REQUEST"
			}
			m.send("PUT", overridePath+"?"+test.query+broken, "", test.header).wantError(test.status, code, test.text)
		})
	}
}

func TestExpireKeyThatIsNotThere(t *testing.T) {
	wantEqual(t, newManager(t).ExpireKey("nope"), false)
}

func TestAccountIsFoundUnderOtherNames(t *testing.T) {
	m := newManager(t)
	withKey := func() http.Header { return http.Header{"X-Api-Key": {key}} }
	const constraint = "query param accountIdentifier: must not be null"
	m.send("GET", latestPath+"?account="+account, "", withKey()).wantError(400, "INVALID_REQUEST", constraint)
	m.send("GET", latestPath+"?accountId="+account, "", withKey()).wantError(400, "INVALID_REQUEST", constraint)
	header := withKey()
	header.Set("Harness-Account", account)
	m.send("GET", latestPath, "", header).wantError(400, "INVALID_REQUEST", constraint)
}

func TestPermissions(t *testing.T) {
	const (
		atAccount = ""
		atOrg     = "orgIdentifier=default"
		atProject = "orgIdentifier=default&projectIdentifier=payments"
		elsewhere = "orgIdentifier=platform"
	)
	grant := func(org, project string, permissions ...string) []simulator.Grant {
		return []simulator.Grant{{OrgID: org, ProjectID: project, Permissions: permissions}}
	}
	tests := map[string]struct {
		grants       []simulator.Grant
		method, path string
		query        string
		denied       bool
	}{
		"nil grants allow all":             {nil, "GET", overridePath, atProject, false},
		"no grants allow nothing":          {[]simulator.Grant{}, "GET", overridePath, atProject, true},
		"latest with view":                 {grant("", "", "core_delegate_view"), "GET", latestPath, atAccount, false},
		"latest needs account scope":       {grant("default", "", "core_delegate_view"), "GET", latestPath, atOrg, true},
		"list with view":                   {grant("default", "", "core_delegate_view"), "GET", overridePath, atOrg, false},
		"list below the grant":             {grant("default", "", "core_delegate_view"), "GET", overridePath, atProject, false},
		"list above the grant":             {grant("default", "payments", "core_delegate_view"), "GET", overridePath, atOrg, true},
		"list beside the grant":            {grant("default", "", "core_delegate_view"), "GET", overridePath, elsewhere, true},
		"list with edit only":              {grant("", "", "core_delegate_edit"), "GET", overridePath, atAccount, true},
		"put with edit at the scope":       {grant("default", "", "core_delegate_edit"), "PUT", overridePath, "delegateTag=a:1&" + atOrg, false},
		"put with view":                    {grant("", "", "core_delegate_view"), "PUT", overridePath, "delegateTag=a:1", true},
		"delete with edit":                 {grant("", "", "core_delegate_edit"), "DELETE", deletePath, atAccount, false},
		"delete with delete":               {grant("", "", "core_delegate_delete"), "DELETE", deletePath, atAccount, true},
		"delegates with view":              {grant("default", "", "core_delegate_view"), "POST", listPath, atProject, false},
		"delegates without view":           {grant("default", "", "core_delegate_edit"), "POST", listPath, atProject, true},
		"tokens with view":                 {grant("", "", "core_delegate_view"), "GET", tokenPath, atAccount, false},
		"token create without edit":        {grant("", "", "core_delegate_view"), "POST", tokenPath, "tokenName=t", true},
		"token revoke with edit only":      {grant("", "", "core_delegate_edit"), "PUT", tokenPath, "tokenName=default_token", true},
		"token revoke with delete":         {grant("", "", "core_delegate_delete"), "PUT", tokenPath, "tokenName=default_token", false},
		"second grant counts":              {append(grant("platform", ""), grant("", "", "core_delegate_view")...), "GET", latestPath, "", false},
		"validation precedes permissions":  {[]simulator.Grant{}, "PUT", overridePath, "", false},
		"unknown scope before permissions": {[]simulator.Grant{}, "GET", overridePath, "orgIdentifier=nope", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddKey(simulator.Key{Token: key, AccountID: account, Principal: "ci-bot", Grants: test.grants})
			got := m.call(test.method, test.path, test.query).status
			if (got == http.StatusForbidden) != test.denied {
				t.Errorf("status is %d, denied should be %t", got, test.denied)
			}
		})
	}
}
