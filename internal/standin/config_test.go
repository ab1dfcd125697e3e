package standin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

const goodConfig = `mode: Delegate
dryRun: false
workloadName: d1
namespace: harness-delegate-ng
containerName: delegate
delegateConfig:
  accountId: aBcDeFgHiJkLmNoPqRsTuV
  managerHost: https://app.harness.io
`

func TestDecodeConfig(t *testing.T) {
	config, err := standin.DecodeConfig([]byte(goodConfig + `registryMirror: us.gsr.io/gcr-mirror
clientCertificateFilePath: /etc/mtls/client.crt
clientCertificateKeyFilePath: /etc/mtls/client.key
proxyScheme: https
proxyHost: proxy.example.com
proxyPort: 3128
proxyUser: me
proxyPassword: "p@ss word"
proxyManager: true
`))
	if err != nil {
		t.Fatal(err)
	}
	no := false
	wantEqual(t, config, standin.Config{
		Mode: "Delegate", DryRun: &no, WorkloadName: "d1", Namespace: "harness-delegate-ng", ContainerName: "delegate",
		RegistryMirror:            "us.gsr.io/gcr-mirror",
		DelegateConfig:            standin.DelegateConfig{AccountID: "aBcDeFgHiJkLmNoPqRsTuV", ManagerHost: "https://app.harness.io"},
		ClientCertificateFilePath: "/etc/mtls/client.crt", ClientCertificateKeyFilePath: "/etc/mtls/client.key",
		ProxyScheme: "https", ProxyHost: "proxy.example.com", ProxyPort: "3128",
		ProxyUser: "me", ProxyPassword: "p@ss word", ProxyManager: "true",
	})
	proxy, err := config.Proxy().URL()
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, proxy.String(), "https://me:p%40ss%20word@proxy.example.com:3128")
}

func TestDecodeConfigRefuses(t *testing.T) {
	without := func(line string) string {
		before, after, found := strings.Cut(goodConfig, line+"\n")
		if !found {
			t.Fatalf("the configuration has no line %q", line)
		}
		return before + after
	}
	tests := map[string]struct{ text, want string }{
		"nothing":                   {"", "empty"},
		"no YAML":                   {"mode: [", "yaml"},
		"a list":                    {"- mode", "cannot unmarshal"},
		"an unknown key":            {goodConfig + "image: x\n", "image not found"},
		"a key in another case":     {strings.Replace(goodConfig, "workloadName", "workloadname", 1), "workloadname not found"},
		"a mirror at a wrong level": {goodConfig + "  registryMirror: x\n", "registryMirror not found"},
		"a key twice":               {goodConfig + "mode: Delegate\n", "already set"},
		"a second document":         {goodConfig + "---\n" + goodConfig, "more than one document"},
		"no mode":                   {without("mode: Delegate"), "mode is missing"},
		"another mode":              {strings.Replace(goodConfig, "Delegate\n", "Upgrader\n", 1), `"Upgrader"`},
		"no dryRun":                 {without("dryRun: false"), "dryRun is missing"},
		"dryRun not a boolean":      {strings.Replace(goodConfig, "false", "never", 1), "cannot unmarshal"},
		"no workload":               {without("workloadName: d1"), "workloadName is missing"},
		"no namespace":              {without("namespace: harness-delegate-ng"), "namespace is missing"},
		"no container":              {without("containerName: delegate"), "containerName is missing"},
		"no account":                {without("  accountId: aBcDeFgHiJkLmNoPqRsTuV"), "delegateConfig.accountId is missing"},
		"no manager":                {without("  managerHost: https://app.harness.io"), "delegateConfig.managerHost is missing"},
		"a manager without scheme":  {strings.Replace(goodConfig, "https://", "", 1), "managerHost"},
		"a manager with a user":     {strings.Replace(goodConfig, "https://", "https://me@", 1), "more than"},
		"a certificate without key": {goodConfig + "clientCertificateFilePath: /a\n", "go together"},
		"a key without certificate": {goodConfig + "clientCertificateKeyFilePath: /a\n", "go together"},
		"a proxy without port":      {goodConfig + "proxyHost: p\n", "not a port"},
		"a proxy at port 0":         {goodConfig + "proxyHost: p\nproxyPort: 0\n", "not a port"},
		"a proxy without host":      {goodConfig + "proxyPort: 1\n", "host is missing"},
		"a proxy with a bad host":   {goodConfig + "proxyHost: http://p\nproxyPort: 1\n", "not the name of a host"},
		"a proxy of another scheme": {goodConfig + "proxyHost: p\nproxyPort: 1\nproxyScheme: socks5\n", "socks5"},
		"a password without user":   {goodConfig + "proxyHost: p\nproxyPort: 1\nproxyPassword: hidden\n", "no user"},
		"proxyManager not boolean":  {goodConfig + "proxyManager: maybe\n", "maybe"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := standin.DecodeConfig([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want one with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// FuzzDecodeConfig looks for files that are taken though an upgrader could not work with them.
func FuzzDecodeConfig(f *testing.F) {
	f.Add([]byte(goodConfig))
	f.Add([]byte(goodConfig + "proxyHost: p\nproxyPort: 1\nproxyUser: u\nproxyPassword: \"%\"\n"))
	f.Add([]byte("mode: &a [*a]"))
	f.Add([]byte(goodConfig + "---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		config, err := standin.DecodeConfig(text)
		if err != nil {
			return
		}
		if config.Mode != "Delegate" || config.DryRun == nil || config.WorkloadName == "" || config.Namespace == "" || config.ContainerName == "" {
			t.Errorf("took %+v", config)
		}
		if _, err := standin.ParseManagerHost(config.DelegateConfig.ManagerHost); err != nil {
			t.Errorf("took a manager that cannot be reached: %v", err)
		}
		if _, err := config.Proxy().URL(); err != nil {
			t.Errorf("took a proxy that cannot be reached: %v", err)
		}
	})
}

func TestProgramsAreMadeOnce(t *testing.T) {
	upgrader, delegate := programs(t)
	again, _ := programs(t)
	wantEqual(t, again, upgrader)
	for _, path := range []string{upgrader, delegate} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o100 == 0 || info.Size() == 0 {
			t.Errorf("%s is no program: %v", filepath.Base(path), info)
		}
	}
}
