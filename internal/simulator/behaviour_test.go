package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// patch changes switches by their JSON names.
func (m *manager) patch(document string) {
	m.t.Helper()
	m.send("PATCH", "/_admin/behaviour", document, nil).wantStatus(http.StatusOK)
}

// switches shows for every option of every switch what a client sees. The key is "name=option".
var switches = map[string]func(t *testing.T, m *manager){
	"serverAge=new": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1&orgIdentifier=default&tags=t&validForDays=180")
		wantEqual(t, m.versions(""), []string{})
	},
	"serverAge=middle": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1&orgIdentifier=nope&tags=t&validForDays=180")
		wantEqual(t, m.versions("orgIdentifier=default"), []string{})
		wantEqual(t, m.versions(""), []string{"a:1"})
		wantEqual(t, len(m.rows("")[0].Tags), 0)
	},
	"serverAge=old": func(t *testing.T, m *manager) {
		t.Helper()
		m.call("PUT", overridePath, "delegateTag=a:1&orgIdentifier=nope&projectIdentifier=nope&tags=t").
			want(200, `{"metaData":{},"resource":"Updated Delegate image tag to a:1","responseMessages":[]}`)
		until := start.AddDate(0, 0, 30)
		wantEqual(t, m.Overrides(account), []simulator.Override{{AccountID: account, Version: "a:1", ValidUntil: &until}})
		m.call("PUT", overridePath, "delegateTag=a:1&validForDays=91").
			wantError(400, "INVALID_REQUEST", "query param validForDays: must be between 0 and 90")
		m.call("GET", overridePath, "").wantStatus(500)
		m.call("DELETE", deletePath, "").wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found")
		m.call("GET", latestPath, "orgIdentifier=nope").wantStatus(200)
		wantEqual(t, m.ImageFor(account, "platform", "build", "d1", []string{"t9"}), "a:1")
	},
	"unsupportedMethod=500": func(_ *testing.T, m *manager) { m.call("POST", latestPath, "").wantStatus(500) },
	"unsupportedMethod=405": func(_ *testing.T, m *manager) {
		m.call("POST", latestPath, "").wantError(405, "UNKNOWN_ERROR", "HTTP 405 Method Not Allowed")
	},
	"unsupportedMethod=not-found": func(_ *testing.T, m *manager) {
		m.call("POST", latestPath, "").wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found")
	},
	"prefix=both": func(_ *testing.T, m *manager) {
		m.call("GET", latestPath, "").wantStatus(200)
		m.call("GET", "/gateway"+latestPath, "").wantStatus(200)
		m.call("GET", "/gateway/gateway"+latestPath, "").wantStatus(400)
		m.call("GET", "/gateways"+latestPath, "").wantStatus(400)
		m.call("GET", latestPath+"/", "").wantStatus(200)
	},
	"prefix=gateway": func(_ *testing.T, m *manager) {
		m.call("GET", latestPath, "").wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found")
		m.call("GET", "/gateway"+latestPath, "").wantStatus(200)
	},
	"prefix=bare": func(_ *testing.T, m *manager) {
		m.call("GET", latestPath, "").wantStatus(200)
		m.call("GET", "/gateway"+latestPath, "").wantStatus(400)
	},
	"putReply=tag": func(_ *testing.T, m *manager) {
		m.call("PUT", overridePath, "delegateTag=a:1").want(200, `{"metaData":{},"resource":"a:1","responseMessages":[]}`)
	},
	"putReply=sentence": func(_ *testing.T, m *manager) {
		m.call("PUT", overridePath, "delegateTag=a:1").
			want(200, `{"metaData":{},"resource":"Updated Delegate image tag to a:1","responseMessages":[]}`)
	},
	"putReply=string": func(_ *testing.T, m *manager) { m.call("PUT", overridePath, "delegateTag=a:1").want(200, `"a:1"`) },
	"putEffect=stored": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1")
		wantEqual(t, m.versions(""), []string{"a:1"})
	},
	"putEffect=ignored": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1")
		wantEqual(t, m.versions(""), []string{})
	},
	"getEnvelope=envelope": func(_ *testing.T, m *manager) {
		m.call("GET", overridePath, "").want(200, `{"metaData":{},"resource":{"versionOverrides":[]},"responseMessages":[]}`)
	},
	"getEnvelope=bare":               func(_ *testing.T, m *manager) { m.call("GET", overridePath, "").want(200, `{"versionOverrides":[]}`) },
	"getReach=exact":                 wantReach("o"),
	"getReach=parents":               wantReach("a", "o"),
	"getReach=children":              wantReach("o", "p"),
	"validUntilForm=epoch-ms":        wantValidUntil(float64(1738281600000)),
	"validUntilForm=epoch-ms-string": wantValidUntil("1738281600000"),
	"validUntilForm=iso":             wantValidUntil("2025-01-31T00:00:00.000Z"),
	"validUntilForm=iso-offset":      wantValidUntil("2025-01-31T00:00:00.000+0000"),
	"overrideTypeField=absent": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1")
		wantEqual(t, m.rows("")[0].OverrideType, "")
	},
	"overrideTypeField=present": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1")
		m.put("delegateTag=harness/delegate:1&tags=t")
		wantEqual(t, []string{m.rows("")[0].OverrideType, m.rows("")[1].OverrideType}, []string{"DELEGATE_CUSTOM_IMAGE_TAG", "DELEGATE_IMAGE_TAG"})
	},
	"tagOrder=sorted":        wantTagOrder("a", "b"),
	"tagOrder=reversed":      wantTagOrder("b", "a"),
	"deleteReply=empty":      wantDeleteReply(200, ""),
	"deleteReply=envelope":   wantDeleteReply(200, `{"metaData":{},"resource":null,"responseMessages":[]}`+"\n"),
	"deleteReply=no-content": wantDeleteReply(204, ""),
	"deleteNoMatch=ok":       func(_ *testing.T, m *manager) { m.call("DELETE", deletePath, "").wantStatus(200) },
	"deleteNoMatch=400": func(_ *testing.T, m *manager) {
		m.call("DELETE", deletePath, "").wantError(400, "INVALID_REQUEST", "Invalid request: No delegate override found for the given parameters")
		m.put("delegateTag=a:1")
		m.call("DELETE", deletePath, "").wantStatus(200)
	},
	"tillNextRelease=clears": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1&validForDays=10")
		m.put("delegateTag=a:1&validTillNextRelease=true")
		wantEqual(t, m.rows("")[0].ValidUntil, nil)
		m.put("delegateTag=a:1&validForDays=10")
		wantEqual(t, m.rows("")[0].ValidTillNextRelease, false)
	},
	"tillNextRelease=legacy": func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=new:1&validTillNextRelease=true&tags=t")
		wantEqual(t, m.rows("")[0].ValidUntil, nil)
		m.put("delegateTag=a:1&validForDays=10")
		m.put("delegateTag=a:2&validForDays=20&validTillNextRelease=true")
		kept := m.rows("")[0]
		wantEqual(t, kept.ValidUntil, float64(start.AddDate(0, 0, 10).UnixMilli()))
		wantEqual(t, kept.ValidTillNextRelease, true)
		m.put("delegateTag=a:3&validForDays=30")
		sticky := m.rows("")[0]
		wantEqual(t, sticky.ValidUntil, float64(start.AddDate(0, 0, 30).UnixMilli()))
		wantEqual(t, sticky.ValidTillNextRelease, true)
		m.Advance(30 * day)
		wantEqual(t, m.versions(""), []string{"new:1"})
	},
	"nameAsTag=yes":              wantImage(entry{at: atA, image: "x", tags: []string{"d1"}}, nil, "x"),
	"nameAsTag=no":               wantImage(entry{at: atA, image: "x", tags: []string{"d1"}}, nil, latestImage),
	"tagCase=sensitive":          wantImage(entry{at: atA, image: "x", tags: []string{"T1"}}, []string{"t1"}, latestImage),
	"tagCase=insensitive":        wantImage(entry{at: atA, image: "x", tags: []string{"T1"}}, []string{"t1"}, "x"),
	"taggedMismatch=skip":        wantImageBehindMismatch("o2"),
	"taggedMismatch=stop":        wantImageBehindMismatch("p1"),
	"expiredRow=ignored":         wantImageOfExpiredRow(latestImage),
	"expiredRow=honoured":        wantImageOfExpiredRow("x"),
	"latestVersionFrom=ring":     wantLatest("24.04.82804"),
	"latestVersionFrom=override": wantLatest("24.01.82108"),
	"dockerStatus=off":           wantDockerStatus("OFF"),
	"dockerStatus=by-call-time":  wantDockerStatus("ON"),
	"unknownScope=400": func(_ *testing.T, m *manager) {
		m.call("GET", overridePath, "orgIdentifier=x").wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [x] not found")
	},
	"unknownScope=404": func(_ *testing.T, m *manager) {
		m.call("GET", overridePath, "orgIdentifier=x").wantError(404, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [x] not found")
	},
	"projectWithoutOrg=dropped": func(_ *testing.T, m *manager) {
		m.call("GET", overridePath, "projectIdentifier=payments").wantStatus(200)
	},
	"projectWithoutOrg=not-found": func(_ *testing.T, m *manager) {
		m.call("GET", overridePath, "projectIdentifier=payments").
			wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "Project with identifier [payments] not found")
	},
	"badNumber=500": func(_ *testing.T, m *manager) {
		m.call("PUT", overridePath, "delegateTag=a&validForDays=x").wantStatus(500)
	},
	"badNumber=404": func(_ *testing.T, m *manager) {
		m.call("PUT", overridePath, "delegateTag=a&validForDays=x").wantError(404, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found")
	},
	"badNumber=400": func(_ *testing.T, m *manager) {
		m.call("PUT", overridePath, "delegateTag=a&validForDays=x").wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "HTTP 404 Not Found")
	},
	"rateLimitForm=plain": wantRateLimit("", "text/plain; charset=utf-8"),
	"rateLimitForm=json":  wantRateLimit("60", "application/json"),
	"putScope=given":      wantPermission("PUT", overridePath, "delegateTag=a&orgIdentifier=default", "default", "core_delegate_edit", 200),
	"putScope=account":    wantPermission("PUT", overridePath, "delegateTag=a&orgIdentifier=default", "default", "core_delegate_edit", 403),

	"getPermission=core_delegate_view":      wantPermission("GET", overridePath, "", "", "core_delegate_view", 200),
	"getPermission=core_delegate_edit":      wantPermission("GET", overridePath, "", "", "core_delegate_view", 403),
	"deletePermission=core_delegate_edit":   wantPermission("DELETE", deletePath, "", "", "core_delegate_edit", 200),
	"deletePermission=core_delegate_delete": wantPermission("DELETE", deletePath, "", "", "core_delegate_edit", 403),

	"delegateScopeNames=present": wantScopeNames("default", "Payments"),
	"delegateScopeNames=absent":  wantScopeNames("", ""),

	"groupFields=newer": wantGroup(sampleNewer),
	"groupFields=base":  wantGroup(sampleBase + "," + sampleUpgrades + "," + sampleInstances),
	"groupFields=few":   wantGroup(sampleBase + "," + sampleInstances),

	"unknownGroup=404": wantUnknownGroup(404, "ENTITY_NOT_FOUND", "Delegate group with identifier [nope] not found"),
	"unknownGroup=400": wantUnknownGroup(400, "INVALID_REQUEST", "Invalid request: Delegate group with identifier [nope] not found"),

	"cgApiKey=accepted": wantSetupStatus(200),
	"cgApiKey=refused":  wantSetupStatus(401),
	"cgUnknownScope=empty": func(t *testing.T, m *manager) {
		t.Helper()
		wantEqual(t, m.groups("orgId=nope").names(), []string{})
	},
	"cgUnknownScope=refused": func(_ *testing.T, m *manager) {
		m.setup("GET", groupsPath, "orgId=nope", "").
			wantError(400, "RESOURCE_NOT_FOUND_EXCEPTION", "Organization with identifier [nope] not found")
	},
	"cgPages=optional": wantGroupPages(60, 0),
	"cgPages=always":   wantGroupPages(50, 10),
	"scopeListDenied=shorter": func(t *testing.T, m *manager) {
		t.Helper()
		m.narrow()
		wantEqual(t, m.scopes(projectsPath, "").identifiers(), []string{"default/payments", "default/search"})
		wantEqual(t, m.scopes(orgsPath, "").identifiers(), []string{"default"})
	},
	"scopeListDenied=403": func(t *testing.T, m *manager) {
		t.Helper()
		m.narrow()
		wantEqual(t, m.scopes(projectsPath, "orgIdentifier=default").identifiers(), []string{"default/payments", "default/search"})
		m.call("GET", projectsPath, "").wantStatus(403)
		m.call("GET", orgsPath, "").want(403, `{"status":"ERROR","code":"NG_ACCESS_DENIED",
			"message":"Principal of type SERVICE_ACCOUNT with identifier narrow : Missing permission core_organization_view on organization","correlationId":"*","detailedMessage":null,
			"responseMessages":[],"metadata":null,"failedPermissionChecks":[{"resourceScope":{"accountIdentifier":"aBcDeFgHiJkLmNoPqRsTuV",
			"orgIdentifier":null,"projectIdentifier":null},"resourceType":"ORGANIZATION","resourceIdentifier":null,
			"permission":"core_organization_view"}]}`)
	},
}

func wantReach(want ...string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		for _, e := range []entry{{at: atA, image: "a"}, {at: atO, image: "o"}, {at: atP, image: "p"}, {at: atX, image: "x"}} {
			m.putEntry(e, "180")
		}
		wantEqual(t, m.versions(atO.query()), want)
	}
}

func wantValidUntil(want any) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1&validForDays=30")
		wantEqual(t, m.rows("")[0].ValidUntil, want)
	}
}

func wantTagOrder(want ...string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1&tags=a&tags=b")
		wantEqual(t, m.rows("")[0].Tags, want)
		wantEqual(t, m.rows("")[0].Tags, want)
		wantEqual(t, m.Overrides(account)[0].Tags, []string{"a", "b"})
	}
}

func wantDeleteReply(status int, body string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=a:1")
		got := m.call("DELETE", deletePath, "")
		got.wantStatus(status)
		wantEqual(t, got.body, body)
	}
}

func wantImage(e entry, tags []string, want string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.putEntry(e, "180")
		wantEqual(t, m.ImageFor(account, "", "", "d1", tags), want)
	}
}

func wantImageBehindMismatch(want string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		for _, e := range []entry{{atP, "p2", []string{"t9"}}, {atO, "o2", []string{"t1"}}, {at: atP, image: "p1"}} {
			m.putEntry(e, "180")
		}
		wantEqual(t, m.ImageFor(account, "default", "payments", "d1", []string{"t1"}), want)
	}
}

func wantImageOfExpiredRow(want string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.adjust(func(b *simulator.Behaviour) { b.TTLLag = time.Minute })
		m.putEntry(entry{at: atA, image: "x"}, "1")
		m.Advance(day + 59*time.Second)
		wantEqual(t, m.versions(""), []string{"x"})
		wantEqual(t, m.Overrides(account), []simulator.Override{})
		wantEqual(t, m.ImageFor(account, "", "", "d1", nil), want)
		m.Advance(time.Second)
		wantEqual(t, m.versions(""), []string{})
		wantEqual(t, m.ImageFor(account, "", "", "d1", nil), latestImage)
	}
}

func wantLatest(want string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.put("delegateTag=harness/delegate:24.01.82108")
		m.put("delegateTag=harness/delegate:1&orgIdentifier=default")
		m.put("delegateTag=harness/delegate:2&tags=t")
		var got struct{ LatestSupportedVersion, LatestSupportedMinimalVersion string }
		m.call("GET", latestPath, "").resource(&got)
		wantEqual(t, got.LatestSupportedVersion, want)
		wantEqual(t, got.LatestSupportedMinimalVersion, want+".minimal")
	}
}

func wantDockerStatus(want string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.AddDelegate(simulator.Delegate{
			AccountID: account, Name: "d1", Type: "DOCKER", UpgraderLastUpdated: start, Replicas: []simulator.Replica{{}},
		})
		wantEqual(t, m.list("", "")[0].AutoUpgrade, want)
	}
}

func wantRateLimit(retryAfter, contentType string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.adjust(func(b *simulator.Behaviour) { b.RateLimitRequests = 1 })
		m.call("GET", latestPath, "").wantStatus(200)
		limited := m.call("GET", latestPath, "")
		limited.wantStatus(429)
		wantEqual(t, limited.header.Get("Retry-After"), retryAfter)
		wantEqual(t, limited.header.Get("Content-Type"), contentType)
	}
}

func wantPermission(method, path, query, org, permission string, status int) func(*testing.T, *manager) {
	return func(_ *testing.T, m *manager) {
		m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: []simulator.Grant{{OrgID: org, Permissions: []string{permission}}}})
		m.call(method, path, query).wantStatus(status)
	}
}

// narrow leaves the key the right to view one organization and its projects.
func (m *manager) narrow() {
	m.AddKey(simulator.Key{Token: key, AccountID: account, Principal: "narrow", Grants: []simulator.Grant{{
		OrgID: "default", Permissions: []string{simulator.PermissionViewOrganization, simulator.PermissionViewProject},
	}}})
}

func wantScopeNames(org, project string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "d1"})
		got := m.list("all=true", "")[0]
		wantEqual(t, []string{got.OrgName, got.ProjectName}, []string{org, project})
	}
}

func wantGroup(fields string) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		sample(m)
		m.setup("GET", groupsPath+"/_payments", "orgId=default&projectId=payments", "").want(200, inEnvelope("{"+fields+"}"))
	}
}

func wantUnknownGroup(status int, code, text string) func(*testing.T, *manager) {
	return func(_ *testing.T, m *manager) {
		m.setup("GET", groupsPath+"/nope", "", "").wantError(status, code, text)
		m.tags("GET", "nope", "", "").wantError(status, code, text)
	}
}

// wantGroupPages checks how many of 60 groups are on the first page and on the second.
func wantGroupPages(first, second int) func(*testing.T, *manager) {
	return func(t *testing.T, m *manager) {
		t.Helper()
		for i := range 60 {
			m.AddDelegate(simulator.Delegate{AccountID: account, Name: fmt.Sprintf("d%d", i)})
		}
		wantEqual(t, len(m.groups("").DelegateGroupDetails), first)
		if second > 0 {
			wantEqual(t, len(m.groups("pageIndex=1").DelegateGroupDetails), second)
		}
	}
}

func wantSetupStatus(status int) func(*testing.T, *manager) {
	return func(_ *testing.T, m *manager) {
		m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
		m.setup("GET", groupsPath, "", "").wantStatus(status)
		m.setup("POST", groupsPath, "", "").wantStatus(status)
		m.setup("GET", groupsPath+"/up-the-hierarchy", "", "").wantStatus(status)
		m.setup("GET", groupsPath+"/d1", "", "").wantStatus(status)
		m.setup("PUT", groupsPath+"/d1", "", "{}").wantStatus(status)
		m.call("GET", tokenGroupsPath, "").wantStatus(200)
	}
}

func TestEveryOptionOfEverySwitch(t *testing.T) {
	left := make(map[string]func(*testing.T, *manager), len(switches))
	for name, show := range switches {
		left[name] = show
	}
	for line := range strings.Lines(simulator.BehaviourHelp()) {
		name, options, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if strings.Contains(name, ",") {
			continue // Amounts have tests of their own.
		}
		for i, option := range strings.Split(options, " | ") {
			show, found := left[name+"="+option]
			if !found {
				t.Errorf("nothing shows %s=%s", name, option)
				continue
			}
			delete(left, name+"="+option)
			t.Run(name+"="+option, func(t *testing.T) {
				m := newManager(t)
				m.patch(`{"` + name + `":"` + option + `"}`)
				show(t, m)
			})
			if i == 0 {
				t.Run(name+" by default", func(t *testing.T) { show(t, newManager(t)) })
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("switches that are not there: %v", left)
	}
}

func TestOldServerKeepsHarnessImagesApart(t *testing.T) {
	m := newManager(t)
	m.patch(`{"serverAge":"old"}`)
	latest := func() string {
		var got struct{ LatestSupportedVersion string }
		m.call("GET", latestPath, "").resource(&got)
		return got.LatestSupportedVersion
	}
	m.put("delegateTag=harness/delegate:24.01.82108")
	wantEqual(t, latest(), "24.01.82108")
	wantEqual(t, m.ImageFor(account, "", "", "d1", nil), "harness/delegate:24.01.82108")

	m.put("delegateTag=custom:1")
	wantEqual(t, len(m.Overrides(account)), 2)
	wantEqual(t, latest(), "24.01.82108")
	wantEqual(t, m.ImageFor(account, "", "", "d1", nil), "custom:1")

	m.put("delegateTag=harness/delegate:24.02.82203")
	wantEqual(t, latest(), "24.02.82203")
	wantEqual(t, m.ImageFor(account, "", "", "d1", nil), "custom:1")

	m.put("delegateTag=harness/delegate")
	m.call("GET", latestPath, "").wantStatus(500)
}

func TestOldServerWorksByLegacyRules(t *testing.T) {
	m := newManager(t)
	m.patch(`{"serverAge":"old"}`)
	m.put("delegateTag=a:1&validTillNextRelease=true")
	m.put("delegateTag=a:1")
	wantEqual(t, m.Overrides(account)[0].ValidTillNextRelease, true)

	m.AddKey(simulator.Key{Token: key, AccountID: account, Grants: []simulator.Grant{{OrgID: "default", Permissions: []string{"core_delegate_edit"}}}})
	m.call("PUT", overridePath, "delegateTag=a:1&orgIdentifier=default").wantStatus(403)
	m.call("DELETE", tokenPath, "tokenName=x").wantStatus(500)
}

func TestOldServerHasNoNewerFields(t *testing.T) {
	m := newManager(t)
	m.patch(`{"serverAge":"old"}`)
	sample(m)
	const atProject = "orgId=default&projectId=payments"
	m.setup("GET", groupsPath, atProject, "").want(200, inEnvelope(
		`{"delegateGroupDetails":[{`+sampleBase+","+sampleUpgrades+","+sampleInstances+`}]}`))
	wantEqual(t, m.list(atP.query(), "")[0].OrgName, "")
	m.patch(`{"groupFields":"few"}`)
	m.setup("GET", groupsPath, atProject, "").want(200, inEnvelope(`{"delegateGroupDetails":[{`+sampleBase+","+sampleInstances+`}]}`))
}

func TestReadsLagBehindWritesByCount(t *testing.T) {
	m := newManager(t)
	m.put("delegateTag=a:1")
	m.patch(`{"readLagReads":2}`)
	m.put("delegateTag=a:2")
	for _, want := range []string{"a:1", "a:1", "a:2", "a:2"} {
		wantEqual(t, m.versions(""), []string{want})
	}
	wantEqual(t, m.Overrides(account)[0].Version, "a:2")
	m.call("DELETE", deletePath, "").wantStatus(200)
	wantEqual(t, m.versions(""), []string{"a:2"})
	wantEqual(t, m.versions(""), []string{"a:2"})
	wantEqual(t, m.versions(""), []string{})
}

func TestReadsLagBehindWritesByTime(t *testing.T) {
	m := newManager(t)
	m.patch(`{"readLag":"2s"}`)
	m.put("delegateTag=a:1")
	m.Advance(time.Second)
	m.put("delegateTag=a:2")
	wantEqual(t, m.versions(""), []string{})
	m.Advance(time.Second)
	wantEqual(t, m.versions(""), []string{"a:1"})
	m.Advance(time.Second)
	wantEqual(t, m.versions(""), []string{"a:2"})
}

func TestLatencyOfAllRequests(t *testing.T) {
	m := newManager(t)
	m.patch(`{"latency":"30ms"}`)
	before := time.Now()
	m.call("GET", latestPath, "").wantStatus(200)
	if took := time.Since(before); took < 30*time.Millisecond {
		t.Errorf("the reply took %s", took)
	}
}

func TestBehaviourJSONMergesAndIsStrict(t *testing.T) {
	b := simulator.Behaviour{ServerAge: simulator.ServerAgeOld, Latency: time.Second}
	if err := json.Unmarshal([]byte(`{"putReply":"string","ttlLag":"1m"}`), &b); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, b, simulator.Behaviour{
		ServerAge: simulator.ServerAgeOld, Latency: time.Second, PutReply: simulator.PutReplyString, TTLLag: time.Minute,
	})
	for _, document := range []string{`{"nope":1}`, `{"latency":5}`, `{"latency":"-1s"}`, `{"latency":"soon"}`, `[]`} {
		if json.Unmarshal([]byte(document), &b) == nil {
			t.Errorf("%s is accepted", document)
		}
	}
}

func TestBehaviourValidate(t *testing.T) {
	for name, b := range map[string]simulator.Behaviour{
		"unknown option":    {PutReply: "shout"},
		"negative duration": {ReadLag: -1},
		"negative number":   {ReadLagReads: -1},
		"negative page":     {MaxPageSize: -1},
	} {
		if b.Validate() == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := (simulator.Behaviour{}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestBehaviourNamesTheDefaults(t *testing.T) {
	got := simulator.New().Behaviour()
	wantEqual(t, got.ServerAge, simulator.ServerAgeNew)
	wantEqual(t, got.RateLimitForm, simulator.RateLimitPlain)
}
