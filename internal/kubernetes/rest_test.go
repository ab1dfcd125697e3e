package kubernetes

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// writeKubeconfig writes a kubeconfig for the server. It has the contexts
// "main", which is current, and "other"; other's user has the token "other".
func writeKubeconfig(tb testing.TB, name string, server *apiServer, user string) string {
	tb.Helper()
	return write(tb, name, fmt.Sprintf(`
apiVersion: v1
kind: Config
current-context: main
clusters:
- {name: here, cluster: {server: "%s", certificate-authority-data: "%s"}}
- {name: nowhere, cluster: {server: "https://127.0.0.1:1"}}
users:
- {name: me, user: {%s}}
- {name: other, user: {token: other}}
contexts:
- {name: main, context: {cluster: here, user: me}}
- {name: other, context: {cluster: here, user: other}}
- {name: lost, context: {cluster: nowhere, user: me}}
`, server.URL, base64.StdEncoding.EncodeToString([]byte(server.authority())), user))
}

func TestWhoToBe(t *testing.T) {
	server := newTLSServer(t)
	program := &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: program(t), Args: []string{"an-argument"}, Env: map[string]string{"GREETING": "hello"}}
	own := Config{Host: server.URL, ClusterCACertificate: server.authority()}
	file := writeKubeconfig(t, "config", server, "token: kubeconfig")
	for name, tc := range map[string]struct {
		config Config
		want   string
	}{
		"nobody":                     {own, ""},
		"a token":                    {with(own, func(c *Config) { c.Token = "s3cret" }), "Bearer s3cret"},
		"a name and a password":      {with(own, func(c *Config) { c.Username, c.Password = "me", "s3cret" }), "Basic bWU6czNjcmV0"},
		"a program's answer":         {with(own, func(c *Config) { c.Exec = program }), "Bearer hello-an-argument"},
		"the kubeconfig's":           {Config{ConfigPath: file}, "Bearer kubeconfig"},
		"one of several kubeconfigs": {Config{ConfigPaths: []string{filepath.Join(t.TempDir(), "absent"), file}}, "Bearer kubeconfig"},
		"another context's":          {Config{ConfigPath: file, ConfigContext: "other"}, "Bearer other"},
		"another user":               {Config{ConfigPath: file, ConfigContextAuthInfo: "other"}, "Bearer other"},
		"another cluster":            {Config{ConfigPath: file, ConfigContext: "lost", ConfigContextCluster: "here"}, "Bearer kubeconfig"},
		"another address":            {Config{ConfigPath: file, ConfigContext: "lost", Host: server.URL, ClusterCACertificate: server.authority()}, "Bearer kubeconfig"},
		"a token over a kubeconfig":  {Config{ConfigPath: file, Token: "s3cret"}, "Bearer s3cret"},
		"a name over a kubeconfig":   {Config{ConfigPath: file, Username: "me", Password: "s3cret"}, "Basic bWU6czNjcmV0"},
		"a program over a kubeconfig": {
			Config{ConfigPath: file, Exec: program}, "Bearer hello-an-argument",
		},
		"a token over the kubeconfig's name":    {Config{ConfigPath: writeKubeconfig(t, "basic", server, "username: u, password: p"), Token: "s3cret"}, "Bearer s3cret"},
		"a token over the kubeconfig's program": {Config{ConfigPath: writeKubeconfig(t, "exec", server, "exec: {apiVersion: client.authentication.k8s.io/v1, command: /nowhere, interactiveMode: Never}"), Token: "s3cret"}, "Bearer s3cret"},
	} {
		t.Run(name, func(t *testing.T) {
			mustList(t, mustNew(t, tc.config))
			if got := server.last(t).Header.Get("Authorization"); got != tc.want {
				t.Errorf("the server is shown %q, want %q", got, tc.want)
			}
		})
	}
}

func with(config Config, change func(*Config)) Config {
	change(&config)
	return config
}

// program is a program that answers as client-go wants it. It is this test's
// own binary, by another name.
func program(tb testing.TB) string {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), programName)
	if err := os.Symlink(self, path); err != nil {
		tb.Fatal(err)
	}
	return path
}

const programName = "get-credentials"

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != programName {
		os.Exit(m.Run())
	}
	var asked struct {
		Spec struct{ Interactive bool }
	}
	if err := json.Unmarshal([]byte(os.Getenv("KUBERNETES_EXEC_INFO")), &asked); err != nil || asked.Spec.Interactive {
		os.Exit(3)
	}
	_, _ = fmt.Fprintf(os.Stdout, `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s"}}`,
		os.Getenv("GREETING"), strings.Join(os.Args[1:], " "))
}

// A program that isn't there is found before anything is asked.
func TestProgramThatIsMissing(t *testing.T) {
	server := newTLSServer(t)
	_, err := New(Config{
		Host: server.URL, ClusterCACertificate: server.authority(),
		Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1", Command: "/nowhere/get-token", Args: []string{"--password=s3cret"}},
	})
	wantProblem(t, err, `The program "/nowhere/get-token" that gives the credentials isn't there`, "exec.command")
	_, err = New(Config{ConfigPath: writeKubeconfig(t, "exec", server,
		"exec: {apiVersion: client.authentication.k8s.io/v1, command: /nowhere, interactiveMode: Never, installHint: Install it.}")})
	wantProblem(t, err, `The program "/nowhere" that gives the credentials isn't there, or can't be run: stat /nowhere: no such file or directory. Install it.`, "config_path")
}

// pair is a certificate and its key, as PEM.
type pair struct{ certificate, key string }

func newPair(tb testing.TB) pair {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "me"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		tb.Fatal(err)
	}
	return pair{
		certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})),
		key:         string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
	}
}

func TestClientCertificates(t *testing.T) {
	mine, theirs := newPair(t), newPair(t)
	server := newAPIServer(t)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(mine.certificate))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = quiet()
	server.StartTLS()

	own := Config{Host: server.URL, ClusterCACertificate: server.authority()}
	file := writeKubeconfig(t, "config", server, fmt.Sprintf("client-certificate-data: %s, client-key-data: %s",
		base64.StdEncoding.EncodeToString([]byte(theirs.certificate)), base64.StdEncoding.EncodeToString([]byte(theirs.key))))
	for name, tc := range map[string]struct {
		config Config
		ok     bool
	}{
		"mine":                       {with(own, func(c *Config) { c.ClientCertificate, c.ClientKey = mine.certificate, secret.Text(mine.key) }), true},
		"mine over the kubeconfig's": {Config{ConfigPath: file, ClientCertificate: mine.certificate, ClientKey: secret.Text(mine.key)}, true},
		"the kubeconfig's":           {Config{ConfigPath: file}, false},
		"none":                       {own, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := list(t.Context(), mustNew(t, tc.config)); (err == nil) != tc.ok {
				t.Errorf("got %v, want it to work: %t", err, tc.ok)
			}
		})
	}
}

func TestHowTheServerIsVerified(t *testing.T) {
	server := newAPIServer(t)
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	stranger := newPair(t).certificate
	file := writeKubeconfig(t, "config", server, "token: kubeconfig")
	for name, tc := range map[string]struct {
		config Config
		ok     bool
	}{
		"by its authority":                         {Config{Host: server.URL, ClusterCACertificate: server.authority()}, true},
		"without a scheme, by its authority":       {Config{Host: strings.TrimPrefix(server.URL, "https://"), ClusterCACertificate: server.authority()}, true},
		"by the system's authorities":              {Config{Host: server.URL}, false},
		"by another authority":                     {Config{Host: server.URL, ClusterCACertificate: stranger}, false},
		"by another authority over a kubeconfig's": {Config{ConfigPath: file, ClusterCACertificate: stranger}, false},
		"not at all":                               {Config{Host: server.URL, Insecure: true}, true},
		"not at all, over a kubeconfig's":          {Config{ConfigPath: file, Insecure: true}, true},
		"under a name of its certificate":          {Config{Host: server.URL, ClusterCACertificate: server.authority(), TLSServerName: "example.com"}, true},
		"under another name":                       {Config{Host: server.URL, ClusterCACertificate: server.authority(), TLSServerName: "cluster.test"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := list(t.Context(), mustNew(t, tc.config)); (err == nil) != tc.ok {
				t.Errorf("got %v, want it to work: %t", err, tc.ok)
			}
		})
	}
}

func TestProxy(t *testing.T) {
	var through []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		through = append(through, r.Header.Get("Proxy-Authorization")+" "+r.URL.String())
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"kind":"SecretList","apiVersion":"v1","metadata":{},"items":[]}`)
	}))
	t.Cleanup(proxy.Close)
	mustList(t, mustNew(t, Config{Host: "http://cluster.test", ProxyURL: strings.Replace(proxy.URL, "://", "://u:p@", 1)}))
	if want := "Basic dTpw http://cluster.test/api/v1/namespaces/harness/secrets"; len(through) != 1 || through[0] != want {
		t.Errorf("through the proxy went %q, want %q", through, want)
	}
}

func TestHomeInPaths(t *testing.T) {
	server := newTLSServer(t)
	file := writeKubeconfig(t, "config", server, "token: kubeconfig")
	t.Setenv("HOME", filepath.Dir(file))
	t.Setenv("USERPROFILE", filepath.Dir(file))
	mustList(t, mustNew(t, Config{ConfigPath: "~/config"}))
	mustList(t, mustNew(t, Config{ConfigPaths: []string{"~/absent", "~/config"}}))
}

func TestKubeconfigsThatAreNone(t *testing.T) {
	server := newTLSServer(t)
	good := writeKubeconfig(t, "config", server, "token: s3cret")
	for name, tc := range map[string]struct {
		config   Config
		argument string
		want     string
	}{
		"absent":                 {Config{ConfigPath: "/nowhere/config"}, "config_path", "There is no such file: /nowhere/config."},
		"all absent":             {Config{ConfigPaths: []string{"/nowhere/a", "/nowhere/b"}}, "config_paths", "There is no such file: /nowhere/a, /nowhere/b."},
		"no YAML":                {Config{ConfigPath: write(t, "bad", "users: [s3cret")}, "config_path", "bad"},
		"empty":                  {Config{ConfigPath: write(t, "empty", "")}, "config_path", "no configuration has been provided"},
		"an absent context":      {Config{ConfigPath: good, ConfigContext: "absent"}, "config_context", "There is no context \"absent\" in " + good + ". It holds: lost, main, other."},
		"an absent user":         {Config{ConfigPath: good, ConfigContextAuthInfo: "absent"}, "config_context_auth_info", "There is no user \"absent\" in " + good + ". It holds: me, other."},
		"an absent cluster":      {Config{ConfigPath: good, ConfigContextCluster: "absent"}, "config_context_cluster", "There is no cluster \"absent\" in " + good + ". It holds: here, nowhere."},
		"an absent one of these": {Config{ConfigPaths: []string{good}, ConfigContext: "absent"}, "config_context", `There is no context "absent"`},
		"no current context":     {Config{ConfigPath: without(t, good, "current-context: main")}, "config_path", "has no current-context. Set config_context to one of: lost, main, other."},
		"a current one absent":   {Config{ConfigPath: without(t, good, "- {name: main, context: {cluster: here, user: me}}")}, "config_path", `There is no context "main"`},
		"a context's user":       {Config{ConfigPath: without(t, good, "- {name: me, user: {token: s3cret}}")}, "config_path", `There is no user "me"`},
		"an authority, no PEM": {
			Config{ConfigPath: write(t, "ca", strings.ReplaceAll(mustRead(t, good), base64.StdEncoding.EncodeToString([]byte(server.authority())), "czNjcmV0"))},
			"config_path", "is not usable as the kubeconfig has it: unable to load root certificates",
		},
		"a certificate, no PEM": {
			Config{ConfigPath: writeKubeconfig(t, "cert", server, "client-certificate-data: czNjcmV0, client-key-data: czNjcmV0")},
			"config_path", "is not usable as the kubeconfig has it: tls: failed to find any PEM data",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(tc.config, nil)
			wantProblem(t, err, tc.want, tc.argument)
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("it shows a secret: %v", err)
			}
		})
	}
}

func mustRead(tb testing.TB, path string) string {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// without is a copy of a file that lacks a line.
func without(tb testing.TB, path, line string) string {
	tb.Helper()
	content := mustRead(tb, path)
	if !strings.Contains(content, line+"\n") {
		tb.Fatalf("there is no line %q in %s", line, content)
	}
	return write(tb, "without", strings.Replace(content, line+"\n", "", 1))
}

// quiet is for servers whose clients are meant to fail.
func quiet() *log.Logger { return log.New(&bytes.Buffer{}, "", 0) }
