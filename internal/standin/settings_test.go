package standin_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

func goodSettings() map[string]string {
	return map[string]string{
		"ACCOUNT_ID":             account,
		"MANAGER_HOST_AND_PORT":  "https://app.harness.io",
		"UPGRADER_WORKLOAD_NAME": "docker-delegate",
		"UPGRADER_TOKEN":         "a delegate token that is long enough",
	}
}

func decode(environment map[string]string) (standin.Settings, error) {
	return standin.DecodeSettings(func(name string) (string, bool) {
		value, found := environment[name]
		return value, found
	})
}

func TestDecodeSettingsHasTheDocumentedDefaults(t *testing.T) {
	s, err := decode(goodSettings())
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, s.StopTimeout, time.Hour)
	wantEqual(t, s.HealthOnly, false)
	at := time.Date(2025, time.January, 1, 10, 20, 30, 0, time.UTC)
	wantEqual(t, s.Schedule.Next(at), time.Date(2025, time.January, 1, 11, 0, 0, 0, time.UTC))
}

func TestDecodeSettings(t *testing.T) {
	environment := goodSettings()
	maps.Copy(environment, map[string]string{
		"SCHEDULE": "*/15 * * * *", "CONTAINER_STOP_TIMEOUT": "2700", "DISABLE_AUTO_UPGRADE": "true",
		"PROXY_HOST": "p", "PROXY_PORT": "3128", "PROXY_SCHEME": "https", "PROXY_USER": "u", "PROXY_PASSWORD": "s",
	})
	s, err := decode(environment)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, s.StopTimeout, 45*time.Minute)
	wantEqual(t, s.HealthOnly, true)
	at := time.Date(2025, time.January, 1, 10, 20, 30, 0, time.UTC)
	wantEqual(t, s.Schedule.Next(at), time.Date(2025, time.January, 1, 10, 30, 0, 0, time.UTC))
	wantEqual(t, s.Proxy, standin.Proxy{Scheme: "https", Host: "p", Port: "3128", User: "u", Password: "s"})
}

func TestDecodeSettingsRefuses(t *testing.T) {
	tests := map[string]struct{ name, value, want string }{
		"no account":                {"ACCOUNT_ID", "", "ACCOUNT_ID is missing"},
		"no manager":                {"MANAGER_HOST_AND_PORT", "", "MANAGER_HOST_AND_PORT is missing"},
		"a manager without scheme":  {"MANAGER_HOST_AND_PORT", "app.harness.io:443", "MANAGER_HOST_AND_PORT"},
		"no workload":               {"UPGRADER_WORKLOAD_NAME", "", "UPGRADER_WORKLOAD_NAME is missing"},
		"no token":                  {"UPGRADER_TOKEN", "", "UPGRADER_TOKEN is missing"},
		"a schedule of six fields":  {"SCHEDULE", "0 0 */1 * * *", "SCHEDULE"},
		"an empty schedule":         {"SCHEDULE", "", "SCHEDULE"},
		"a time-out with a unit":    {"CONTAINER_STOP_TIMEOUT", "45m", "CONTAINER_STOP_TIMEOUT"},
		"a negative time-out":       {"CONTAINER_STOP_TIMEOUT", "-1", "CONTAINER_STOP_TIMEOUT"},
		"a time-out beyond measure": {"CONTAINER_STOP_TIMEOUT", "2147483648", "CONTAINER_STOP_TIMEOUT"},
		"a switch of another kind":  {"DISABLE_AUTO_UPGRADE", "yes", "DISABLE_AUTO_UPGRADE"},
		"a proxy without host":      {"PROXY_PORT", "3128", "host is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			environment := goodSettings()
			environment[test.name] = test.value
			_, err := decode(environment)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestProxyOnTheWayToTheManager(t *testing.T) {
	proxy := standin.Proxy{Host: "p", Port: "3128"}
	for manager, want := range map[string]bool{"": true, "true": true, "false": false} {
		proxy.Manager = manager
		address, err := proxy.URL()
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, address != nil, want)
	}
}
