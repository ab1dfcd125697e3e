package harness_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

func TestSecretHidesItself(t *testing.T) {
	key := secret.Text(apiKey)
	config := harness.Config{APIKey: key, UserAgent: "test/1.0"}
	holder := struct {
		Key     secret.Text
		Pointer *secret.Text
		List    []secret.Text
		Map     map[string]secret.Text
	}{key, &key, []secret.Text{key}, map[string]secret.Text{"key": key}}

	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%10.3s"} {
		for name, value := range map[string]any{"itself": key, "pointer": &key, "config": config, "holder": holder} {
			if got := fmt.Sprintf(form, value); leaks(got) {
				t.Errorf("%s of %s shows it: %s", form, name, got)
			}
		}
	}
	for name, value := range map[string]any{"itself": key, "holder": holder} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if leaks(string(encoded)) {
			t.Errorf("the JSON of %s shows it: %s", name, encoded)
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "key", key, "config", config)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "key", key)
	if leaks(log.String()) {
		t.Errorf("the log shows it: %s", log.String())
	}
	if got := fmt.Sprintf("%v %+v %#v", key, key, key); got != "*** *** ***" {
		t.Errorf("got %s, want asterisks", got)
	}
	if string(key) != apiKey {
		t.Error("asked for as a string, it must be there")
	}
}

// leaks finds the canary, also as hexadecimal digits.
func leaks(text string) bool {
	return strings.Contains(text, "canary") ||
		strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", "canary"))
}
