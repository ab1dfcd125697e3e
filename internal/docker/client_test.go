package docker

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// engine is a Docker Engine that tells its version and nothing else.
type engine struct {
	*httptest.Server
	// apiVersion is the highest that it knows.
	apiVersion string

	mu    sync.Mutex
	asked []string
	agent string
}

func newEngine(tb testing.TB) *engine {
	tb.Helper()
	e := &engine{apiVersion: "1.41"}
	e.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.asked, e.agent = append(e.asked, r.URL.Path), r.UserAgent()
		e.mu.Unlock()
		w.Header().Set("Api-Version", e.apiVersion)
		if strings.HasSuffix(r.URL.Path, "/version") {
			_, _ = io.WriteString(w, `{"Version":"20.10.24"}`)
		}
	}))
	e.Config.ErrorLog = log.New(&bytes.Buffer{}, "", 0)
	tb.Cleanup(e.Close)
	return e
}

func (e *engine) paths() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.asked...)
}

// onSocket lets the engine listen at a socket, and gives its path.
func (e *engine) onSocket(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(shortDir(tb), "docker.sock")
	listener, err := (&net.ListenConfig{}).Listen(tb.Context(), "unix", path)
	if err != nil {
		tb.Fatal(err)
	}
	e.Listener = listener
	e.Start()
	return path
}

// address is the engine's at TCP, in another scheme.
func (e *engine) address(scheme string) string { return scheme + "://" + e.Listener.Addr().String() }

// authority is what the engine's certificate is verified by.
func (e *engine) authority() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificate().Raw}))
}

func mustNew(tb testing.TB, config Config) *Client {
	tb.Helper()
	made, err := New(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = made.Moby().Close() })
	return made
}

// ask asks the engine for its version.
func ask(ctx context.Context, c *Client) error {
	answer, err := c.Moby().ServerVersion(ctx, client.ServerVersionOptions{})
	if err == nil && answer.Version != "20.10.24" {
		return fmt.Errorf("it says that its version is %q", answer.Version)
	}
	return err
}

func TestSocket(t *testing.T) {
	e := newEngine(t)
	path := e.onSocket(t)
	c := mustNew(t, Config{Host: "unix://" + path, UserAgent: "terraform-provider-harnessdelegate/1.2.3"})
	if n := len(e.paths()); n != 0 {
		t.Errorf("%d requests before anybody asks", n)
	}
	if err := ask(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if c.Host() != "unix://"+path || e.agent != "terraform-provider-harnessdelegate/1.2.3" {
		t.Errorf("the host is %s, the client calls itself %q", c.Host(), e.agent)
	}
}

// Engines of years are in use, and know none of the newer versions of the API.
func TestVersionIsNegotiated(t *testing.T) {
	t.Setenv("DOCKER_API_VERSION", "1.50")
	for offered, want := range map[string]string{"1.40": "/v1.40/version", "1.41": "/v1.41/version", "9.99": "/v" + client.MaxAPIVersion + "/version"} {
		e := newEngine(t)
		e.apiVersion = offered
		if err := ask(t.Context(), mustNew(t, Config{Host: "unix://" + e.onSocket(t)})); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(e.paths(), " "); got != "/_ping "+want {
			t.Errorf("an engine that offers %s is asked for %s, want %s", offered, got, want)
		}
	}
}

func TestTCP(t *testing.T) {
	e := newEngine(t)
	e.Start()
	for _, scheme := range []string{"tcp", "http"} {
		if err := ask(t.Context(), mustNew(t, Config{Host: e.address(scheme)})); err != nil {
			t.Error(err)
		}
	}
	if err := ask(t.Context(), mustNew(t, Config{Host: e.address("tcp") + "/below/here"})); err != nil {
		t.Error(err)
	}
	paths := e.paths()
	if got := paths[len(paths)-1]; got != "/below/here/v1.41/version" {
		t.Errorf("below a path, it is asked for %s", got)
	}
}

func TestPorts(t *testing.T) {
	for _, tc := range []struct {
		config Config
		want   string
	}{
		{Config{Host: "tcp://docker.example.com"}, "tcp://docker.example.com:2375"},
		{Config{Host: "tcp://docker.example.com", TLSVerify: true, ConfigDir: t.TempDir()}, "tcp://docker.example.com:2376"},
		{Config{Host: "tcp://[::1]"}, "tcp://[::1]:2375"},
		{Config{Host: "https://docker.example.com/prefix"}, "tcp://docker.example.com:443/prefix"},
		{Config{Host: "http://docker.example.com"}, "tcp://docker.example.com:80"},
		{Config{Host: "tcp://docker.example.com:1234"}, "tcp://docker.example.com:1234"},
		{Config{Host: "ssh://me@docker.example.com:22/run/docker.sock"}, "ssh://me@docker.example.com:22/run/docker.sock"},
		{Config{}, client.DefaultDockerHost},
		{Config{Context: "default"}, client.DefaultDockerHost},
		{Config{Context: "default", Host: "tcp://docker.example.com"}, "tcp://docker.example.com:2375"},
	} {
		if got := mustNew(t, tc.config).Host(); got != tc.want {
			t.Errorf("%+v: the host is %s, want %s", tc.config, got, tc.want)
		}
	}
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

// folderOf is a folder of files, by their paths within it.
func folderOf(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// contextOf is a context called "work" in a folder of the Docker CLI.
func contextOf(tb testing.TB, host string, skipVerify bool, certificates map[string]string) string {
	tb.Helper()
	meta, err := json.Marshal(map[string]any{
		"Name": "work", "Metadata": map[string]any{},
		"Endpoints": map[string]any{"docker": map[string]any{"Host": host, "SkipTLSVerify": skipVerify}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256([]byte("work"))
	id := hex.EncodeToString(sum[:])
	files := map[string]string{"contexts/meta/" + id + "/meta.json": string(meta)}
	for name, content := range certificates {
		files["contexts/tls/"+id+"/docker/"+name] = content
	}
	return folderOf(tb, files)
}

func TestTLS(t *testing.T) {
	mine, stranger := newPair(t), newPair(t)
	e := newEngine(t)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(mine.certificate))
	e.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12}
	e.StartTLS()

	all := map[string]string{"ca.pem": e.authority(), "cert.pem": mine.certificate, "key.pem": mine.key}
	material := Config{CAMaterial: e.authority(), CertMaterial: mine.certificate, KeyMaterial: secret.Text(mine.key)}
	with := func(config Config, change func(*Config)) Config {
		change(&config)
		return config
	}
	tcp := e.address("tcp")
	for name, tc := range map[string]struct {
		config Config
		ok     bool
	}{
		"material":                           {with(material, func(c *Config) { c.Host = tcp }), true},
		"material, by https":                 {with(material, func(c *Config) { c.Host = e.address("https") }), true},
		"a folder":                           {Config{Host: tcp, CertPath: folderOf(t, all)}, true},
		"the Docker CLI's own":               {Config{Host: tcp, TLSVerify: true, ConfigDir: folderOf(t, all)}, true},
		"the Docker CLI's own, not demanded": {Config{Host: tcp, ConfigDir: folderOf(t, all)}, false},
		"a context's":                        {Config{Context: "work", ConfigDir: contextOf(t, tcp, false, all)}, true},
		"a context's, not the host's":        {Config{Host: "tcp://127.0.0.1:1", Context: "work", ConfigDir: contextOf(t, tcp, false, all)}, true},
		"material over a context's": {
			with(material, func(c *Config) {
				c.Context, c.ConfigDir = "work", contextOf(t, tcp, false, map[string]string{"ca.pem": stranger.certificate})
			}), true,
		},
		"a context that verifies nothing": {
			Config{Context: "work", ConfigDir: contextOf(t, tcp, true, map[string]string{"cert.pem": mine.certificate, "key.pem": mine.key})}, true,
		},
		"a context that verifies nothing, but it is demanded": {
			Config{TLSVerify: true, Context: "work", ConfigDir: contextOf(t, tcp, true, map[string]string{"cert.pem": mine.certificate, "key.pem": mine.key})}, false,
		},
		// Without an authority it must not be "no verification".
		"no authority":             {with(material, func(c *Config) { c.Host, c.CAMaterial = tcp, "" }), false},
		"no authority in a folder": {Config{Host: tcp, CertPath: folderOf(t, map[string]string{"cert.pem": mine.certificate, "key.pem": mine.key})}, false},
		"another authority":        {with(material, func(c *Config) { c.Host, c.CAMaterial = tcp, stranger.certificate }), false},
		"no certificate":           {Config{Host: tcp, CAMaterial: e.authority()}, false},
		"another's certificate": {
			with(material, func(c *Config) {
				c.Host, c.CertMaterial, c.KeyMaterial = tcp, stranger.certificate, secret.Text(stranger.key)
			}), false,
		},
		"nothing": {Config{Host: tcp}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := ask(t.Context(), mustNew(t, tc.config)); (err == nil) != tc.ok {
				t.Errorf("got %v, want it to work: %t", err, tc.ok)
			}
		})
	}
}

// wantProblem wants one problem, with these arguments.
func wantProblem(tb testing.TB, err error, text string, arguments ...string) {
	tb.Helper()
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 1 {
		tb.Fatalf("got %v, want one problem", err)
	}
	if got := strings.Join(problems[0].Arguments, " "); got != strings.Join(arguments, " ") {
		tb.Errorf("it is about %s, want %v", got, arguments)
	}
	if !strings.Contains(problems[0].Text, text) {
		tb.Errorf("%q is missing in: %s", text, problems[0].Text)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	mine := newPair(t)
	for name, tc := range map[string]struct {
		config   Config
		argument string
		want     string
	}{
		"no folder":                 {Config{Host: "tcp://h", CertPath: "/nowhere"}, "cert_path", "There is neither ca.pem nor cert.pem nor key.pem in /nowhere."},
		"a folder without a key":    {Config{Host: "tcp://h", CertPath: folderOf(t, map[string]string{"cert.pem": mine.certificate})}, "cert_path", "cert.pem: It needs the key"},
		"a folder with another key": {Config{Host: "tcp://h", CertPath: folderOf(t, map[string]string{"cert.pem": mine.certificate, "key.pem": newPair(t).key})}, "cert_path", "cert.pem: It and the key are no certificate"},
		"a folder with no PEM":      {Config{Host: "tcp://h", CertPath: folderOf(t, map[string]string{"ca.pem": "s3cret"})}, "cert_path", "ca.pem: There is no certificate in it"},
		"no context":                {Config{Context: "work", ConfigDir: t.TempDir()}, "context", `There is no context "work"`},
		"a context of no use":       {Config{Context: "work", ConfigDir: contextOf(t, "ftp://u:s3cret@h", false, nil)}, "context", `its scheme is "ftp"`},
		"plain, with certificates":  {Config{Host: "http://h", CertPath: folderOf(t, map[string]string{"ca.pem": mine.certificate})}, "host", "http:// is without encryption"},
		"plain, TLS being demanded": {Config{Host: "http://h", TLSVerify: true, ConfigDir: t.TempDir()}, "host", "http:// is without encryption"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(tc.config)
			wantProblem(t, err, tc.want, tc.argument)
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("it shows a secret: %v", err)
			}
		})
	}
}

func TestHomeInPaths(t *testing.T) {
	e := newEngine(t)
	e.StartTLS()
	home := folderOf(t, map[string]string{"certificates/ca.pem": e.authority()})
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := ask(t.Context(), mustNew(t, Config{Host: e.address("tcp"), CertPath: "~/certificates"})); err != nil {
		t.Error(err)
	}
}

func TestClientHidesCredentials(t *testing.T) {
	config := Config{KeyMaterial: "s3cret", RegistryAuth: []RegistryAuth{{Address: "a", Username: "u", Password: "s3cret"}, {Address: "b", ConfigFileContent: "s3cret"}}}
	c := &Client{host: "tcp://docker.example.com", registries: registries{entries: config.RegistryAuth}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, c); strings.Contains(got, "s3cret") || !strings.Contains(got, c.host) {
			t.Errorf("%s shows %s", verb, got)
		}
		if got := fmt.Sprintf(verb, config); strings.Contains(got, "s3cret") {
			t.Errorf("%s shows %s", verb, got)
		}
	}
}
