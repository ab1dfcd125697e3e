package simulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

func TestReplyToLatestSupportedVersion(t *testing.T) {
	m := newManager(t)
	m.call("GET", latestPath, "").want(200, `{"metaData":{},"resource":{"latestSupportedVersion":"24.04.82804",
		"latestSupportedMinimalVersion":"24.04.82804.minimal"},"responseMessages":[]}`)
}

func TestReplyToPutOverride(t *testing.T) {
	m := newManager(t)
	m.call("PUT", overridePath, "delegateTag=artifactory-abc%2Fharness%2Fdelegate%3A24.04.82804").
		want(200, `{"metaData":{},"resource":"artifactory-abc/harness/delegate:24.04.82804","responseMessages":[]}`)
}

func TestReplyToListOverrides(t *testing.T) {
	m := newManager(t)
	until := time.UnixMilli(1735689600000).Add(180 * 24 * time.Hour)
	m.adjust(func(b *simulator.Behaviour) { b.GetReach = simulator.GetReachChildren })
	m.put("delegateTag=artifactory-abc/harness/delegate:24.04.82804")
	m.put("delegateTag=artifactory-abc/harness/delegate:24.05.83001&orgIdentifier=default&projectIdentifier=payments&tags=prod&tags=linux")
	wantEqual(t, until.UnixMilli(), int64(1751241600000))
	m.call("GET", overridePath, "").want(200, `{"metaData":{},"resource":{"versionOverrides":[
		{"version":"artifactory-abc/harness/delegate:24.04.82804","validTillNextRelease":false,"validUntil":1751241600000,
		 "parentUniqueId":"aBcDeFgHiJkLmNoPqRsTuV"},
		{"version":"artifactory-abc/harness/delegate:24.05.83001","orgIdentifier":"default","projectIdentifier":"payments",
		 "tags":["linux","prod"],"validTillNextRelease":false,"validUntil":1751241600000,"parentUniqueId":"*"}]},"responseMessages":[]}`)
}

func TestReplyToListDelegates(t *testing.T) {
	m := newManager(t)
	m.SetTime(time.UnixMilli(1717426800000))
	m.AddDelegate(simulator.Delegate{
		AccountID: account, OrgID: "default", ProjectID: "payments", Name: "payments-delegate", Type: "HELM_DELEGATE",
		Tags: []string{"prod", "linux"}, UpgraderLastUpdated: m.Now(),
		Replicas: []simulator.Replica{{
			UUID: "r4nd0mUuid_AAAAAAAAAAAA", HostName: "payments-delegate-7c9f6d-abcde", Version: "24.04.82804",
		}},
	})
	m.call("POST", listPath, "orgIdentifier=default&projectIdentifier=payments").want(200, `{"metaData":{},"resource":[
		{"type":"HELM_DELEGATE","name":"payments-delegate","description":"","tags":["prod","linux","payments-delegate"],
		 "lastHeartBeat":1717426800000,"connected":true,
		 "delegateReplicas":[{"uuid":"r4nd0mUuid_AAAAAAAAAAAA","lastHeartbeat":1717426800000,"connected":true,
		   "hostName":"payments-delegate-7c9f6d-abcde","version":"24.04.82804","expiringAt":1731942000000}],
		 "autoUpgrade":"ON","legacy":false,"orgName":"default","projectName":"Payments"}],"responseMessages":[]}`)
}

func TestReplyToDelegateToken(t *testing.T) {
	m := newManager(t)
	m.AddDelegateToken(simulator.DelegateToken{
		AccountID: account, OrgID: "default", ProjectID: "payments", Name: "payments-token",
		Value: tokenValue, CreatedAt: time.UnixMilli(1717426800000),
	})
	m.call("GET", tokenPath, "name=payments-token").want(200, `{"metaData":{},"resource":[{"accountId":"aBcDeFgHiJkLmNoPqRsTuV",
		"name":"payments-token","createdAt":1717426800000,"status":"ACTIVE","value":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
		"ownerIdentifier":"default/payments","revokeAfter":0}],"responseMessages":[]}`)
}

func TestReplyToUpgradeCheck(t *testing.T) {
	m := newManager(t)
	m.check("default_token", "accountId="+account+"&currentDelegateImageTag=harness/delegate:24.03.82600&delegateGroupName=d1").
		want(200, `{"metaData":{},"resource":{"imageTag":"harness/delegate:24.04.82804","shouldUpgrade":true},"responseMessages":[]}`)
}

func TestErrorBodies(t *testing.T) {
	limited := simulator.Key{
		Token: "pat.limited", AccountID: account, Principal: "ci-bot",
		Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
	}
	tests := map[string]struct {
		key, method, path, query string
		status                   int
		body                     string
	}{
		"invalid key": {
			key: "pat.unknown", method: "GET", path: latestPath, status: 401,
			body: `{"status":"ERROR","code":"INVALID_TOKEN","message":"Token is not valid.","correlationId":"*","detailedMessage":null,
				"responseMessages":[{"code":"INVALID_TOKEN","level":"ERROR","message":"Token is not valid.","exception":null,
				"failureTypes":[]}],"metadata":null}`,
		},
		"missing permission": {
			key: limited.Token, method: "PUT", path: overridePath, status: 403,
			query: "delegateTag=a:1&orgIdentifier=default&projectIdentifier=payments",
			body: `{"status":"ERROR","code":"NG_ACCESS_DENIED",
				"message":"Principal of type SERVICE_ACCOUNT with identifier ci-bot : Missing permission core_delegate_edit on delegate",
				"correlationId":"*","detailedMessage":null,"responseMessages":[],"metadata":null,
				"failedPermissionChecks":[{"resourceScope":{"accountIdentifier":"aBcDeFgHiJkLmNoPqRsTuV","orgIdentifier":"default",
				"projectIdentifier":"payments"},"resourceType":"DELEGATE","resourceIdentifier":null,"permission":"core_delegate_edit"}]}`,
		},
		"bean validation": {
			key: key, method: "PUT", path: overridePath, query: "delegateTag=a:1&validForDays=181", status: 400,
			body: `{"status":"FAILURE","code":"INVALID_REQUEST","message":"query param validForDays: must be between 0 and 180",
				"correlationId":"*","errors":[{"fieldId":"query param validForDays","error":"must be between 0 and 180"}]}`,
		},
		"unknown project": {
			key: key, method: "GET", path: overridePath, query: "orgIdentifier=default&projectIdentifier=nope", status: 400,
			body: `{"status":"FAILURE","code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"Project with identifier [nope] not found",
				"correlationId":"*","errors":null}`,
		},
		"unknown path": {
			key: key, method: "GET", path: "/ng/api/delegate-setup/nothing-here", status: 400,
			body: `{"status":"FAILURE","code":"RESOURCE_NOT_FOUND_EXCEPTION","message":"HTTP 404 Not Found","correlationId":"*","errors":null}`,
		},
		"method not known on the path": {
			key: key, method: "PATCH", path: overridePath, status: 500,
			body: `{"status":"ERROR","code":"UNKNOWN_ERROR",
				"message":"Oops, something went wrong on our end. Please contact Harness Support.","correlationId":"*","detailedMessage":null,
				"responseMessages":[{"code":"UNKNOWN_ERROR","level":"ERROR",
				"message":"Oops, something went wrong on our end. Please contact Harness Support.","exception":null,"failureTypes":[]}],
				"metadata":null}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.AddKey(limited)
			target := test.path + "?accountIdentifier=" + account + "&" + test.query
			m.send(test.method, target, "", http.Header{"X-Api-Key": {test.key}}).want(test.status, test.body)
		})
	}
}

func TestDateHeaderIsTheSimulatedTime(t *testing.T) {
	m := newManager(t)
	m.Advance(36 * time.Hour)
	for _, path := range []string{latestPath, "/nothing", "/_admin/clock"} {
		wantEqual(t, m.call("GET", path, "").header.Get("Date"), "Thu, 02 Jan 2025 12:00:00 GMT")
	}
}
