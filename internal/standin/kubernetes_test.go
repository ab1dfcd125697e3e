package standin_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"
)

// configFor is config.yaml for a Manager at this address.
func configFor(address string, more ...string) string {
	return strings.Replace(goodConfig, "https://app.harness.io", address, 1) + strings.Join(more, "")
}

func TestScopedOverrideReachesTheDeployment(t *testing.T) {
	m := newManager(t)
	m.override(t, "own.example.com/delegate:24.03.82600")
	tests := map[string]struct{ token, want string }{
		"with the token of the delegate":  {projectToken, "own.example.com/delegate:24.03.82600"},
		"with a token of another's scope": {accountToken, latestImage},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, "harness/delegate:24.01.81000")
			ended := c.run(configFor(m.url), m.token(t, test.token))
			wantEqual(t, ended.exitCode, 0)
			wantContains(t, ended.output, "the delegate runs harness/delegate:24.01.81000", "set the delegate to "+test.want)
			c.wantImage(test.want, 1)
			wantEqual(t, m.Delegates(account)[0].UpgraderLastUpdated.IsZero(), false)
		})
	}
}

func TestWhatIsLeftAlone(t *testing.T) {
	const mirror = "registryMirror: us.gsr.io/gcr-mirror\n"
	tests := map[string]struct{ image, more, says string }{
		"the image that it should be":        {latestImage, "", "it is to stay"},
		"the mirror's copy of it":            {"us.gsr.io/gcr-mirror/" + latestImage, mirror, "it is to stay"},
		"every image in a dry run":           {"old:1", "dryRun: true\n", "dry run: it would be set to " + latestImage},
		"every image in a dry run, mirrored": {"old:1", "dryRun: true\n" + mirror, "dry run: it would be set to us.gsr.io/gcr-mirror/" + latestImage},
	}
	m := newManager(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, test.image)
			config, extra := configFor(m.url, test.more), []string{}
			if strings.Contains(test.more, "dryRun") {
				config = strings.Replace(config, "dryRun: false\n", "", 1)
				extra = append(extra, "STANDIN_SELF_UPGRADE=true")
			}
			ended := c.run(config, m.token(t, accountToken), extra...)
			wantEqual(t, ended.exitCode, 0)
			wantContains(t, ended.output, test.says)
			c.wantImage(test.image, 0)
		})
	}
}

func TestMirrorIsPutInFront(t *testing.T) {
	m, c := newManager(t), newCluster(t, latestImage)
	ended := c.run(configFor(m.url, "registryMirror: us.gsr.io/gcr-mirror\n"), m.token(t, accountToken))
	// The Manager finds nothing to upgrade, since it compares what is on Docker Hub.
	wantContains(t, ended.output, "it is to stay")
	c.wantImage(latestImage, 0)

	m.Release(account, "24.05.83001")
	wantEqual(t, c.run(configFor(m.url, "registryMirror: us.gsr.io/gcr-mirror\n"), m.token(t, accountToken)).exitCode, 0)
	c.wantImage("us.gsr.io/gcr-mirror/harness/delegate:24.05.83001", 1)
}

func TestUpgraderFailsWithAReason(t *testing.T) {
	m := newManager(t)
	good, token := configFor(m.url), m.token(t, accountToken)
	tests := map[string]struct {
		config, token string
		forbid        bool
		want          string
	}{
		"wrong token":         {good, strings.Repeat("x", 44), false, "401 Unauthorized, INVALID_TOKEN"},
		"token cut short":     {good, "x", false, "UPGRADER_TOKEN is too short"},
		"no token":            {good, "", false, "UPGRADER_TOKEN is missing"},
		"malformed":           {good + "surprise: 1\n", token, false, "field surprise not found"},
		"no such container":   {strings.Replace(good, "Name: delegate", "Name: nope", 1), token, false, "there is no container nope"},
		"no such Deployment":  {strings.Replace(good, "Name: d1", "Name: d2", 1), token, false, "deployments/d2 is not known"},
		"forbidden":           {good, token, true, "403: deployments.apps is forbidden"},
		"manager away":        {configFor("http://127.0.0.1:1"), token, false, "connection refused"},
		"not the manager":     {configFor(m.url + "/elsewhere"), token, false, "404 Not Found"},
		"no certificate file": {good + "clientCertificateFilePath: /a\nclientCertificateKeyFilePath: /b\n", token, false, "loading the client certificate"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, "old:1")
			c.forbid = test.forbid
			ended := c.run(test.config, test.token)
			wantEqual(t, ended.exitCode, 1)
			wantContains(t, ended.lastLine(), "upgrader failed: ", test.want)
			c.wantImage("old:1", 0)
		})
	}
}

func TestUpgraderNeedsAMode(t *testing.T) {
	upgrader, _ := programs(t)
	process, output := command(t.Context(), upgrader, map[string]string{"STANDIN_ROOT": t.TempDir()})
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := finish(t, process, output, "")
	wantEqual(t, ended.exitCode, 1)
	wantContains(t, ended.lastLine(), "neither UPGRADER_WORKLOAD_NAME", "nor /etc/config/config.yaml")
}

func TestSelfUpgradeIsOptional(t *testing.T) {
	m := newManager(t)
	for name, test := range map[string]struct {
		extra []string
		want  string
	}{
		"off": {nil, "harness/upgrader:1"},
		"on":  {[]string{"STANDIN_SELF_UPGRADE=true"}, "harness/upgrader:2"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, latestImage)
			wantEqual(t, c.run(configFor(m.url), m.token(t, accountToken), test.extra...).exitCode, 0)
			c.mu.Lock()
			defer c.mu.Unlock()
			wantEqual(t, c.cronJobs, map[string]string{"d1": "harness/upgrader:0", "d1-upgrader-job": test.want})
		})
	}
}

func TestUpgraderFollowsTheManagersClock(t *testing.T) {
	for name, moved := range map[string]time.Duration{"ahead": 100 * 24 * time.Hour, "behind": -100 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			m, c := newManager(t), newCluster(t, "old:1")
			m.Advance(moved)
			ended := c.run(configFor(m.url), m.token(t, accountToken))
			wantEqual(t, ended.exitCode, 0)
			wantContains(t, ended.output, "the Manager's clock shows")
			c.wantImage(latestImage, 1)
		})
	}
}

func TestCallsOfTheManagerGoThroughTheProxy(t *testing.T) {
	m := newManager(t)
	at, err := url.Parse(m.url)
	if err != nil {
		t.Fatal(err)
	}
	var passed []string
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		if user, password, _ := request.BasicAuth(); user != "me" || password != "p@ss" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		passed = append(passed, r.URL.Host+r.URL.Path)
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	host, port, _ := strings.Cut(strings.TrimPrefix(proxy.URL, "http://"), ":")
	settings := "proxyScheme: http\nproxyHost: " + host + "\nproxyPort: \"" + port + "\"\nproxyUser: me\n"
	// Nobody but the proxy knows this name.
	unknown := "http://manager.invalid"

	c := newCluster(t, "old:1")
	ended := c.run(configFor(unknown, settings, "proxyPassword: p@ss\n"), m.token(t, accountToken))
	wantEqual(t, ended.exitCode, 0)
	wantEqual(t, passed, []string{"manager.invalid/api/upgrade-check/delegate-v2"})
	c.wantImage(latestImage, 1)

	ended = c.run(configFor(unknown, settings, "proxyPassword: hidden\n"), m.token(t, accountToken))
	wantEqual(t, ended.exitCode, 1)
	wantContains(t, ended.lastLine(), "407")
	if strings.Contains(ended.output, "hidden") {
		t.Errorf("the password was printed:\n%s", ended.output)
	}

	ended = c.run(configFor(m.url, settings, "proxyPassword: hidden\nproxyManager: \"false\"\n"), m.token(t, accountToken))
	wantEqual(t, ended.exitCode, 0)
	wantEqual(t, len(passed), 1)
}

func TestUpgraderShowsItsCertificate(t *testing.T) {
	m := unserved()
	server := httptest.NewUnstartedServer(m)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()

	// The server's own certificate does for the client, too.
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	c := newCluster(t, "old:1")
	c.write("/etc/mtls/client.crt", certificate)
	c.write("/etc/mtls/client.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	const mtls = "clientCertificateFilePath: /etc/mtls/client.crt\nclientCertificateKeyFilePath: /etc/mtls/client.key\n"

	ended := c.run(configFor(server.URL, mtls), m.token(t, accountToken))
	wantEqual(t, ended.exitCode, 1)
	wantContains(t, ended.lastLine(), "unknown authority")

	c.write("/ca-bundle/ca.pem", certificate)
	ended = c.run(configFor(server.URL), m.token(t, accountToken))
	wantEqual(t, ended.exitCode, 1)
	wantContains(t, ended.lastLine(), "certificate required")

	wantEqual(t, c.run(configFor(server.URL, mtls), m.token(t, accountToken)).exitCode, 0)
	c.wantImage(latestImage, 1)
}
