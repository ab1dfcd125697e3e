package harness_test

import (
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

func TestParseEndpoint(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"the default":             {harness.DefaultEndpoint, "https://app.harness.io/gateway"},
		"without the gateway":     {"https://app.harness.io", "https://app.harness.io"},
		"a slash at the end":      {"https://app.harness.io/", "https://app.harness.io"},
		"gateway and slashes":     {"https://app.harness.io/gateway//", "https://app.harness.io/gateway"},
		"a vanity address":        {"https://acme.harness.io/gateway", "https://acme.harness.io/gateway"},
		"a port":                  {"https://harness.example.com:8443", "https://harness.example.com:8443"},
		"a path of a proxy":       {"https://proxy.example.com/harness/gateway", "https://proxy.example.com/harness/gateway"},
		"a path that ends in -ng": {"https://proxy.example.com/harness-ng", "https://proxy.example.com/harness-ng"},
		"plain http":              {"http://localhost:8080", "http://localhost:8080"},
		"IPv6":                    {"http://[::1]:8080/", "http://[::1]:8080"},
		"blanks around":           {"  https://app.harness.io \n", "https://app.harness.io"},
		"scheme in upper case":    {"HTTPS://app.harness.io", "https://app.harness.io"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := harness.ParseEndpoint(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			again, err := harness.ParseEndpoint(got.String())
			if err != nil || again.String() != got.String() {
				t.Errorf("read once more it is %v (%v)", again, err)
			}
		})
	}
}

func TestParseEndpointRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"empty":                {"", `"" has no scheme https:// or http://`},
		"blank":                {"  ", `"  " has no scheme https:// or http://`},
		"no scheme":            {"app.harness.io/gateway", `"app.harness.io/gateway" has no scheme https:// or http://`},
		"host and port alone":  {"localhost:8080", `"localhost:8080" has no scheme https:// or http://`},
		"another scheme":       {"ftp://app.harness.io", `"ftp://app.harness.io" has no scheme https:// or http://`},
		"no host":              {"https:///gateway", `"https:///gateway" has no host`},
		"a port without host":  {"https://:8443", `"https://:8443" has no host`},
		"one slash":            {"https:/app.harness.io", `"https:/app.harness.io" has no host`},
		"not a URL":            {"https://app.harness.io:port", `"https://app.harness.io:port" is not a URL: parse "https://app.harness.io:port": invalid port ":port" after host`},
		"a query":              {"https://app.harness.io/?accountId=x", `"https://app.harness.io/?accountId=x" has a query or a fragment, so it is not the address of a Manager`},
		"a page":               {"https://app.harness.io/ng/account/aBc/home", `"https://app.harness.io/ng/account/aBc/home" names a page or an API path; leave out everything from "/ng/account/aBc/home" on`},
		"a page of old":        {"https://app.harness.io/ng/#/account/aBc", `"https://app.harness.io/ng/#/account/aBc" has a query or a fragment, so it is not the address of a Manager`},
		"an API path":          {"https://app.harness.io/gateway/ng/api/", `"https://app.harness.io/gateway/ng/api/" names a page or an API path; leave out everything from "/ng/api" on`},
		"the bare ng":          {"https://app.harness.io/ng", `"https://app.harness.io/ng" names a page or an API path; leave out everything from "/ng" on`},
		"a user, not repeated": {"https://ci:s3cret@app.harness.io", `the endpoint holds a user name; the API key is the only credential`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := harness.ParseEndpoint(tc.text)
			if err == nil {
				t.Fatalf("it reads as %q, want an error", got)
			}
			if err.Error() != tc.want {
				t.Errorf("got  %s\nwant %s", err, tc.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestSendsKeyInClear(t *testing.T) {
	for address, want := range map[string]bool{
		"https://app.harness.io":    false,
		"https://10.0.0.7":          false,
		"http://localhost:8080":     false,
		"http://127.0.0.1:8080":     false,
		"http://127.8.9.10":         false,
		"http://[::1]:8080":         false,
		"http://app.harness.io":     true,
		"http://10.0.0.7:8080":      true,
		"http://[2001:db8::1]":      true,
		"http://localhost.evil.com": true,
		"http://127.0.0.1.evil.com": true,
		"http://0.0.0.0:8080":       true,
	} {
		t.Run(address, func(t *testing.T) {
			endpoint, err := harness.ParseEndpoint(address)
			if err != nil {
				t.Fatal(err)
			}
			if got := harness.SendsKeyInClear(endpoint); got != want {
				t.Errorf("got %t, want %t", got, want)
			}
		})
	}
}
