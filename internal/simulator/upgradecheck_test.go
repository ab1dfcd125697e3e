package simulator_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// claims are those of an upgrader at the simulated time.
func (m *manager) claims() jwt.Claims {
	now := m.Now()
	return jwt.Claims{
		Issuer: "upgrader", Subject: account, Audience: jwt.Audience{"manager"}, ID: "1",
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(30 * time.Minute)),
	}
}

// value looks up a delegate token.
func (m *manager) value(tokenName string) string {
	m.t.Helper()
	for _, token := range m.DelegateTokens(account) {
		if token.Name == tokenName {
			return token.Value
		}
	}
	m.t.Fatalf("there is no token %s", tokenName)
	return ""
}

func secretOf(t *testing.T, value string) []byte {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func signed(t *testing.T, secret []byte, claims jwt.Claims) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func encrypted(t *testing.T, secret []byte, claims jwt.Claims) string {
	t.Helper()
	contentKey, err := hex.DecodeString(string(secret))
	if err != nil {
		t.Fatal(err)
	}
	encrypter, err := jose.NewEncrypter(jose.A128GCM, jose.Recipient{Algorithm: jose.DIRECT, Key: contentKey}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.Encrypted(encrypter).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// check asks as an upgrader with a delegate token does.
func (m *manager) check(tokenName, query string) answer {
	m.t.Helper()
	text := encrypted(m.t, secretOf(m.t, m.value(tokenName)), m.claims())
	return m.send("GET", checkPath+"?"+query, "", http.Header{"Authorization": {"Delegate " + text}})
}

// imageOf asks for the image of a group.
func (m *manager) imageOf(tokenName, group string) string {
	m.t.Helper()
	var got struct{ ImageTag string }
	m.check(tokenName, "accountId="+account+"&currentDelegateImageTag=none&delegateGroupName="+group).resource(&got)
	return got.ImageTag
}

func TestUpgraderProvesItselfWithTheDelegateToken(t *testing.T) {
	secret := secretOf(t, tokenValue)
	other := []byte("ffffffffffffffffffffffffffffffff")
	at := func(d time.Duration) *jwt.NumericDate { return jwt.NewNumericDate(start.Add(d)) }
	none := func(*jwt.Claims) {}
	tests := map[string]struct {
		seal   func(*testing.T, []byte, jwt.Claims) string
		secret []byte
		edit   func(*jwt.Claims)
		status int
		code   string
	}{
		"encrypted":                        {encrypted, secret, none, 200, ""},
		"signed with the secret":           {signed, secret, none, 200, ""},
		"signed with the value":            {signed, []byte(tokenValue), none, 200, ""},
		"encrypted with another secret":    {encrypted, other, none, 401, "INVALID_TOKEN"},
		"signed with another secret":       {signed, other, none, 401, "INVALID_TOKEN"},
		"for another account":              {signed, secret, func(c *jwt.Claims) { c.Subject = "x" }, 401, "INVALID_TOKEN"},
		"without expiry":                   {signed, secret, func(c *jwt.Claims) { c.Expiry = nil }, 401, "INVALID_TOKEN"},
		"expired":                          {encrypted, secret, func(c *jwt.Claims) { c.Expiry = at(-time.Second) }, 401, "EXPIRED_TOKEN"},
		"expiring this second":             {encrypted, secret, func(c *jwt.Claims) { c.Expiry = at(0) }, 200, ""},
		"not valid yet":                    {signed, secret, func(c *jwt.Claims) { c.NotBefore = at(time.Hour) }, 401, "INVALID_TOKEN"},
		"from a clock half a minute ahead": {signed, secret, func(c *jwt.Claims) { c.NotBefore = at(30 * time.Second) }, 200, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			claims := m.claims()
			test.edit(&claims)
			m.wantAuthorized("Delegate "+test.seal(t, test.secret, claims), test.status, test.code)
		})
	}
}

func TestAuthorizationHeaderOfAnotherForm(t *testing.T) {
	tests := map[string]struct {
		header string
		status int
		code   string
	}{
		"no header":              {"", 500, "UNKNOWN_ERROR"},
		"not a JWT":              {"Delegate nonsense", 401, "INVALID_TOKEN"},
		"five parts of nonsense": {"Delegate a.b.c.d.e", 401, "INVALID_TOKEN"},
		"the token itself":       {"Delegate " + tokenValue, 401, "INVALID_TOKEN"},
		"another scheme":         {"Bearer " + signed(t, []byte(tokenValue), newManager(t).claims()), 401, "INVALID_TOKEN"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			newManager(t).wantAuthorized(test.header, test.status, test.code)
		})
	}
}

// wantAuthorized asks with an Authorization header, where a token with the value tokenValue is known.
func (m *manager) wantAuthorized(authorization string, status int, code string) {
	m.t.Helper()
	m.AddDelegateToken(simulator.DelegateToken{AccountID: account, Name: "t", Value: tokenValue})
	header := http.Header{}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	got := m.send("GET", checkPath+"?accountId="+account+"&currentDelegateImageTag=x&delegateGroupName=d1", "", header)
	got.wantStatus(status)
	if code != "" && !strings.Contains(got.body, `"code":"`+code+`"`) {
		m.t.Errorf("body %s lacks code %s", got.body, code)
	}
}

func TestUpgraderParametersMustNotBeEmpty(t *testing.T) {
	m := newManager(t)
	const good = "currentDelegateImageTag=x&delegateGroupName=d1"
	m.check("default_token", good).wantError(400, "INVALID_REQUEST", "query param accountId: must not be empty")
	m.check("default_token", good+"&accountId=nope").wantError(401, "INVALID_TOKEN", invalidToken)
	m.check("default_token", "delegateGroupName=d1&accountId="+account).
		wantError(400, "INVALID_REQUEST", "query param currentDelegateImageTag: must not be empty")
	m.check("default_token", "currentDelegateImageTag=x&accountId="+account).
		wantError(500, "UNKNOWN_ERROR", "Oops, something went wrong on our end. Please contact Harness Support.")
}

func TestRevokedDelegateTokenOpensNothing(t *testing.T) {
	m := newManager(t)
	m.AddDelegateToken(simulator.DelegateToken{AccountID: account, Name: "t", Value: tokenValue})
	m.call("PUT", tokenPath, "tokenName=t").wantStatus(200)
	const query = "accountId=" + account + "&currentDelegateImageTag=x&delegateGroupName=d1"
	m.check("t", query).wantError(401, "REVOKED_TOKEN", "Token is revoked.")

	text := signed(t, []byte(tokenValue), m.claims())
	m.Advance(30 * day)
	m.send("GET", checkPath+"?"+query, "", http.Header{"Authorization": {"Delegate " + text}}).wantError(401, "INVALID_TOKEN", invalidToken)
}

func TestShouldUpgradeComparesTexts(t *testing.T) {
	m := newManager(t)
	for current, want := range map[string]bool{
		latestImage:                         false,
		"harness/delegate:24.04.82804-x":    true,
		"harness/delegate:25.01.84800":      true,
		"docker.io/" + latestImage:          true,
		"mirror.example.com/" + latestImage: true,
	} {
		var got struct{ ShouldUpgrade bool }
		m.check("default_token", "accountId="+account+"&delegateGroupName=d1&currentDelegateImageTag="+current).resource(&got)
		if got.ShouldUpgrade != want {
			t.Errorf("shouldUpgrade for %s is %t, want %t", current, got.ShouldUpgrade, want)
		}
	}
}

func TestUpgraderCallIsRecordedOnEveryGroupOfTheName(t *testing.T) {
	m := newManager(t)
	for _, d := range []simulator.Delegate{
		{AccountID: account, Name: "d1"},
		{AccountID: account, OrgID: "default", Name: "d1"},
		{AccountID: account, Name: "d2"},
	} {
		m.AddDelegate(d)
	}
	seen := func() []bool {
		marks := []bool{}
		for _, d := range m.Delegates(account) {
			marks = append(marks, d.UpgraderLastUpdated.Equal(m.Now()))
		}
		return marks
	}
	wantEqual(t, seen(), []bool{false, false, false})
	m.imageOf("default_token", "d1")
	wantEqual(t, seen(), []bool{true, true, false})

	m.Advance(time.Minute)
	m.imageOf("default_token", "d2-abcdef")
	wantEqual(t, seen(), []bool{false, false, true})
}

func TestOldUpgraderIsNotRecorded(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1"})
	m.put("delegateTag=a:1")
	text := signed(t, []byte(m.value("default_token")), m.claims())
	header := func() http.Header { return http.Header{"Authorization": {"Delegate " + text}} }
	m.send("GET", "/api/upgrade-check/delegate?accountId="+account+"&currentDelegateImageTag=a:1", "", header()).
		want(200, `{"metaData":{},"resource":{"imageTag":"a:1","shouldUpgrade":false},"responseMessages":[]}`)
	wantEqual(t, m.Delegates(account)[0].UpgraderLastUpdated.IsZero(), true)
	m.send("GET", "/gateway/api/upgrade-check/upgrader?accountId="+account+"&currentUpgraderImageTag=harness/upgrader:1", "", header()).
		want(200, `{"metaData":{},"resource":{"imageTag":"harness/upgrader:latest","shouldUpgrade":true},"responseMessages":[]}`)
}

func TestScopeAndTagsComeFromTheGroupOfTokenAndName(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: "d1", Tags: []string{"t1"}})
	m.put("delegateTag=p1&orgIdentifier=default&projectIdentifier=payments")
	m.put("delegateTag=a2&tags=t1")
	wantEqual(t, m.imageOf("default_token_default/payments", "d1"), "a2")
	wantEqual(t, m.imageOf("default_token", "d1"), latestImage)
}

func TestRunUpgraderMovesTheReplicas(t *testing.T) {
	m := newManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: account, Name: "d1", Replicas: []simulator.Replica{
		{Image: "old:24.03.82600"}, {Image: "registry.example.com:5000/d:24.05.83001@sha256:abc"},
	}})
	m.put("delegateTag=registry.example.com:5000/d:24.05.83001@sha256:abc")
	m.Advance(time.Hour)
	wantEqual(t, m.RunUpgrader(account, "d1"), 1)
	d := m.Delegates(account)[0]
	for _, r := range d.Replicas {
		wantEqual(t, r.Version, "24.05.83001")
	}
	wantEqual(t, []time.Time{d.Replicas[0].CreatedAt, d.Replicas[1].CreatedAt}, []time.Time{m.Now(), start})
	wantEqual(t, d.UpgraderLastUpdated, m.Now())
	wantEqual(t, m.RunUpgrader(account, "nope"), 0)
}
