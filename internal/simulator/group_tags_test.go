package simulator_test

import (
	"net/http"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const groupTagsPath = "/ng/api/delegate-group-tags/"

// tags calls an endpoint about the tags of groups.
func (m *manager) tags(method, path, query, body string) answer {
	m.t.Helper()
	header := http.Header{"X-Api-Key": {key}, "Content-Type": {"application/json"}}
	return m.send(method, groupTagsPath+path+"?accountIdentifier="+account+"&"+query, body, header)
}

func taggedSample(tags string) string {
	return `{"accountIdentifier":"` + account + `","orgIdentifier":"default","projectIdentifier":"payments","name":"d1",
		"identifier":"_d1","tags":` + tags + `}`
}

func TestGroupTags(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "d1", Identifier: "_d1"})
	at := atP.query()
	m.tags("GET", "_d1", at, "").want(200, inEnvelope(taggedSample(`[]`)))
	m.tags("POST", "_d1", at, `{"tags":["b","a"]}`).want(200, inEnvelope(taggedSample(`["a","b"]`)))
	m.tags("POST", "_d1", at, `{"tags":["c","b"]}`).want(200, inEnvelope(taggedSample(`["a","b","c"]`)))
	m.tags("PUT", "_d1", at, `{"tags":["d"]}`).want(200, inEnvelope(taggedSample(`["d"]`)))
	m.tags("GET", "_d1", at, "").want(200, inEnvelope(taggedSample(`["d"]`)))
	wantEqual(t, m.list(at, "")[0].Tags, []string{"d", "d1"})
	m.tags("DELETE", "_d1", at, "").want(200, inEnvelope("null"))
	m.tags("GET", "_d1", at, "").want(200, inEnvelope(taggedSample(`[]`)))
}

// TestNewTagsChangeTheImage shows that overrides are matched with the tags as they are now.
func TestNewTagsChangeTheImage(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
	m.put("delegateTag=a2&tags=t1")
	wantEqual(t, m.imageOf("default_token", "d1"), latestImage)
	m.tags("POST", "d1", "", `{"tags":["t1"]}`).wantStatus(200)
	wantEqual(t, m.imageOf("default_token", "d1"), "a2")
}

func TestGroupsWithTags(t *testing.T) {
	m := fleet(t)
	m.tags("POST", "delegate-groups", "", `{"tags":["alpha","linux"]}`).want(200, inEnvelope(`[
		{"accountIdentifier":"`+account+`","name":"Alpha","identifier":"_alpha","tags":["linux","prod"]}]`))
	tests := map[string]struct {
		query, body string
		want        []string
	}{
		"one tag":               {"", `{"tags":["linux"]}`, []string{"Alpha", "beta"}},
		"all of them":           {"", `{"tags":["linux","prod"]}`, []string{"Alpha"}},
		"the name in lower":     {"", `{"tags":["gamma"]}`, []string{"gamma"}},
		"the name as written":   {"", `{"tags":["Alpha"]}`, []string{}},
		"no tags":               {"", `{"tags":[]}`, []string{"Alpha", "beta", "gamma"}},
		"the scope is exact":    {"orgIdentifier=default", `{"tags":[]}`, []string{"org"}},
		"deleted ones are gone": {"", `{"tags":["gone"]}`, []string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var found []struct{ Name string }
			fleet(t).tags("POST", "delegate-groups", test.query, test.body).resource(&found)
			got := []string{}
			for _, g := range found {
				got = append(got, g.Name)
			}
			wantEqual(t, got, test.want)
		})
	}
}

func TestPermissionsOfGroupTags(t *testing.T) {
	tests := map[string]struct {
		permission, method, path string
		status                   int
	}{
		"get with view":       {simulator.PermissionView, "GET", "d1", 200},
		"get with edit":       {simulator.PermissionEdit, "GET", "d1", 403},
		"post with edit":      {simulator.PermissionEdit, "POST", "d1", 200},
		"post with view":      {simulator.PermissionView, "POST", "d1", 403},
		"put with edit":       {simulator.PermissionEdit, "PUT", "d1", 200},
		"put with delete":     {simulator.PermissionDelete, "PUT", "d1", 403},
		"delete with delete":  {simulator.PermissionDelete, "DELETE", "d1", 200},
		"delete with edit":    {simulator.PermissionEdit, "DELETE", "d1", 403},
		"search with view":    {simulator.PermissionView, "POST", "delegate-groups", 200},
		"search with edit":    {simulator.PermissionEdit, "POST", "delegate-groups", 403},
		"denied before found": {simulator.PermissionView, "PUT", "nope", 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
			m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: []simulator.Grant{{Permissions: []string{test.permission}}}})
			m.tags(test.method, test.path, "", `{"tags":["a"]}`).wantStatus(test.status)
		})
	}
}

func TestRefusalsOfGroupTags(t *testing.T) {
	const unreadable = "Invalid request: Unable to process JSON"
	tests := map[string]struct {
		method, path, query, body string
		status                    int
		code, text                string
	}{
		"unknown group": {"GET", "nope", "", "", 404, "ENTITY_NOT_FOUND", "Delegate group with identifier [nope] not found"},
		"other scope":   {"DELETE", "d1", "orgIdentifier=default", "", 404, "ENTITY_NOT_FOUND", "Delegate group with identifier [d1] not found"},
		"unknown project": {
			"GET", "d1", "orgIdentifier=default&projectIdentifier=nope", "", 400, "RESOURCE_NOT_FOUND_EXCEPTION",
			"Project with identifier [nope] not found",
		},
		"no body":        {"PUT", "d1", "", "", 400, "INVALID_REQUEST", unreadable},
		"wrong type":     {"POST", "d1", "", `{"tags":"a"}`, 400, "INVALID_REQUEST", unreadable},
		"search, broken": {"POST", "delegate-groups", "", `{`, 400, "INVALID_REQUEST", unreadable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
			m.tags(test.method, test.path, test.query, test.body).wantError(test.status, test.code, test.text)
		})
	}
}
