package tagoverride_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// refused applies a configuration that must fail with the phrases.
func refused(t *testing.T, config string, phrases ...string) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: config, ExpectError: saying(phrases...)}},
	})
}

// Mistakes in the configuration are told without asking the Manager.
func TestAccTagOverride_invalidConfiguration(t *testing.T) {
	m := acctest.NewManager(t)
	for name, test := range map[string]struct {
		arguments []string
		words     string
	}{
		"no image":                     {[]string{""}, `The argument "delegate_tag" is required`},
		"empty image":                  {[]string{image("")}, `delegate_tag must be an image reference`},
		"capitals in the repository":   {[]string{image("registry.example.com/Harness/delegate:1")}, "repository name (Harness/delegate) must be lowercase"},
		"blank in the image":           {[]string{image("harness/delegate: 24.04.82804")}, "invalid reference format"},
		"project without organization": {[]string{image(imageA), `project_id = "payments"`}, `Attribute "org_id" must be specified when "project_id" is specified`},
		"name for an identifier":       {[]string{image(imageA), `org_id = "My Org"`}, "must be an identifier, not a name"},
		"slash in the account":         {[]string{image(imageA), `account_id = "a/b"`}, "has no slashes or blanks"},
		"no days":                      {[]string{image(imageA), "valid_for_days = 0"}, "value must be between 1 and 180, got: 0"},
		"too many days":                {[]string{image(imageA), "valid_for_days = 181"}, "value must be between 1 and 180, got: 181"},
		"renewal at every plan":        {[]string{image(imageA), "valid_for_days = 30", "renew_before_days = 30"}, "Set renew_before_days to less than 30, or valid_for_days to more than 30."},
		"renewal beyond the limit":     {[]string{image(imageA), "renew_before_days = 400"}, "value must be between 1 and 179, got: 400"},
		"renewal of what is let go":    {[]string{image(imageA), "valid_till_next_release = true", "renew_before_days = 30"}, "Remove one of them."},
		"empty tag":                    {[]string{image(imageA), `tags = [""]`}, "string length must be at least 1"},
		"null tag":                     {[]string{image(imageA), `tags = [null]`}, "Null"},
		"no duration":                  {[]string{image(imageA), `timeouts { create = "soon" }`}, "soon"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, m.Config(override("pin", test.arguments...)), test.words) })
	}
	if sent := m.Counters()[simulator.CounterTotal]; sent != 0 {
		t.Errorf("%d requests were sent", sent)
	}
}

func TestAccTagOverride_missingSettings(t *testing.T) {
	for _, variable := range []string{"HARNESS_ENDPOINT", "HARNESS_ACCOUNT_ID", "HARNESS_PLATFORM_API_KEY"} {
		t.Setenv(variable, "")
	}
	m := acctest.NewManager(t)
	pinned := override("pin", image(imageA))
	refused(t, fmt.Sprintf("provider \"harnessdelegate\" {\n  endpoint = %q\n  account_id = %q\n}\n%s", m.URL, acctest.Account, pinned),
		`Set "platform_api_key" in the provider block, or the environment variable HARNESS_PLATFORM_API_KEY.`)
	refused(t, fmt.Sprintf("provider \"harnessdelegate\" {\n  endpoint = %q\n  platform_api_key = %q\n}\n%s", m.URL, acctest.APIKey, pinned),
		`Set "account_id" here or in the provider block, or the environment variable HARNESS_ACCOUNT_ID.`)
}

func TestAccTagOverride_managerRefuses(t *testing.T) {
	m := acctest.NewManager(t)
	m.AddKey(simulator.Key{Token: "pat.viewer", AccountID: acctest.Account, Principal: "viewer", Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}}})
	m.AddKey(simulator.Key{Token: "pat.blind", AccountID: acctest.Account, Principal: "blind", Grants: []simulator.Grant{}})
	m.AddKey(simulator.Key{Token: "pat.expired", AccountID: acctest.Account, Expired: true})
	with := func(key string, arguments ...string) string {
		return fmt.Sprintf("provider \"harnessdelegate\" {\n  endpoint = %q\n  account_id = %q\n  platform_api_key = %q\n}\n", m.URL, acctest.Account, key) +
			override("pin", append(arguments, image(imageA))...)
	}
	for name, test := range map[string]struct {
		config string
		words  []string
	}{
		"expired key": {with("pat.expired"), []string{"Unable to Create Tag Override", "answered 401", `Check "platform_api_key" in the provider block (HARNESS_PLATFORM_API_KEY)`}},
		"no permission to edit": {with("pat.viewer", inPayments), []string{
			"answered 403", `lacks the permission core_delegate_edit on delegate for project "payments" of organization "default" in account "` + acctest.Account + `"`,
		}},
		"no permission to view": {with("pat.blind", inPayments), []string{"core_delegate_view"}},
		"unknown organization":  {with(acctest.APIKey, `org_id = "nowhere"`), []string{`There is no organization "nowhere"`, `"org_id" takes the identifier`}},
		"unknown project":       {with(acctest.APIKey, `org_id = "default"`, `project_id = "nowhere"`), []string{`There is no project "nowhere" in organization "default"`}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, test.config, test.words...) })
	}
	if err := m.Holds()(nil); err != nil {
		t.Error(err)
	}
}

func TestAccTagOverride_managerOutOfReach(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	m := acctest.NewManager(t)
	secure := httptest.NewTLSServer(m)
	t.Cleanup(secure.Close)
	// The server's log of refused handshakes is of no interest.
	secure.Config.ErrorLog = nil
	for name, test := range map[string]struct {
		endpoint string
		words    string
	}{
		"nothing listens":         {closed.URL, `Check "endpoint" in the provider block (HARNESS_ENDPOINT), the network, and the proxy settings`},
		"no such host":            {"https://manager.invalid", "No such host is known here."},
		"untrusted certificate":   {secure.URL, "add it to the system's store or name its file in SSL_CERT_FILE"},
		"no TLS on the other end": {"https" + m.URL[len("http"):], "the other side doesn't speak TLS"},
		"not an address":          {"app.harness.io", "has no scheme https:// or http://"},
		"a page of the product":   {"https://app.harness.io/ng/account/x/home", "names a page or an API path"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, fmt.Sprintf(`
provider "harnessdelegate" {
  endpoint         = %q
  account_id       = %q
  platform_api_key = %q
  max_retries      = 2
  retry_wait_min   = "1ms"
  retry_wait_max   = "2ms"
}
`, test.endpoint, acctest.Account, acctest.APIKey)+override("pin", image(imageA)), test.words)
		})
	}
}

// A Manager from before scoped overrides would set each for the whole account.
func TestAccTagOverride_oldManager(t *testing.T) {
	for _, answer := range []simulator.UnsupportedMethod{"500", "405", "not-found"} {
		t.Run(string(answer), func(t *testing.T) {
			m := acctest.NewManager(t)
			m.SetBehaviour(simulator.Behaviour{ServerAge: "old", UnsupportedMethod: answer})
			words := "does not list tag overrides"
			if answer == "500" {
				words = "Nothing was written. A self-managed Manager from before 2024 answers so, because it can't list them"
			}
			refused(t, m.Config(override("pin", inPayments, image(imageA))), words)
			if err := m.Sent(acctest.SetPath, 0)(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// A Manager that lists overrides but ignores their scope is found out by the
// read-back, and the user is told what it did and how to undo it.
func TestAccTagOverride_managerIgnoresTheScope(t *testing.T) {
	m := acctest.NewManager(t)
	m.SetBehaviour(simulator.Behaviour{ServerAge: "middle"})
	refused(t, m.Config(override("pin", inPayments, image(imageA))),
		"The Manager seems to have ignored the scope or the tags and set the override for the whole account")
	if err := m.Holds("account " + imageA)(nil); err != nil {
		t.Error(err)
	}
}

func TestAccTagOverride_managerDoesNothing(t *testing.T) {
	m := acctest.NewManager(t)
	m.SetBehaviour(simulator.Behaviour{PutEffect: "ignored"})
	refused(t, m.Config(override("pin", inPayments, image(imageA))), "holds nothing. Either somebody else wrote at the same time")
}

// A narrower limit of an older Manager is told at the attribute.
func TestAccTagOverride_managerHasNarrowerLimits(t *testing.T) {
	m := acctest.NewManager(t)
	m.Inject(simulator.Fault{
		Method: "PUT", Kind: simulator.FaultStatus, Status: 400,
		Body: `{"status":"FAILURE","code":"INVALID_REQUEST","message":"query param validForDays: must be between 0 and 90","errors":[{"fieldId":"query param validForDays","error":"must be between 0 and 90"}]}`,
	})
	refused(t, m.Config(override("pin", image(imageA))), `The Manager refuses the value of "valid_for_days": it must be between 0 and 90.`)
}

func TestAccTagOverride_rateLimitThatStays(t *testing.T) {
	m := acctest.NewManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 429})
	refused(t, m.ConfigWith("max_retries = 2", override("pin", image(imageA))), "Lower -parallelism")
}

func TestAccTagOverride_timeout(t *testing.T) {
	m := acctest.NewManager(t)
	m.Inject(simulator.Fault{Kind: simulator.FaultStatus, Status: 503})
	refused(t, m.ConfigWith("max_retries = 100", override("pin", image(imageA), `timeouts { create = "300ms" }`)), `Raise "timeouts" of this object`)
}
