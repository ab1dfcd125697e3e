package delegate_test

import (
	"strings"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// The stand-in for the upgrader reads the documentation for itself, and must
// come to the same image.
func TestMirrored(t *testing.T) {
	const mirror = "us.example.com/gcr-mirror"
	for image, want := range map[string]string{
		"harness/delegate:24.04.82804":                         mirror + "/harness/delegate:24.04.82804",
		"harness/delegate:24.04.82804.minimal":                 mirror + "/harness/delegate:24.04.82804.minimal",
		"harness/delegate:latest":                              mirror + "/harness/delegate:latest",
		"harness/delegate:24.04.82804@" + digest:               mirror + "/harness/delegate:24.04.82804@" + digest,
		"harness/delegate-extra:24.04.82804":                   "harness/delegate-extra:24.04.82804",
		"harness/delegate/extra:24.04.82804":                   "harness/delegate/extra:24.04.82804",
		"docker.io/harness/delegate:24.04.82804":               "docker.io/harness/delegate:24.04.82804",
		"registry.example.com/harness/delegate:24.04.82804":    "registry.example.com/harness/delegate:24.04.82804",
		"registry.example.com/team/delegate:24.04.82804":       "registry.example.com/team/delegate:24.04.82804",
		mirror + "/harness/delegate:24.04.82804":               mirror + "/harness/delegate:24.04.82804",
		"harness/upgrader:latest":                              "harness/upgrader:latest",
		"registry.example.com:5000/harness/delegate@" + digest: "registry.example.com:5000/harness/delegate@" + digest,
	} {
		if got := delegate.Mirrored(image, mirror); got != want {
			t.Errorf("Mirrored(%q) = %q, want %q", image, got, want)
		}
		if got := standin.Mirrored(image, mirror); got != want {
			t.Errorf("the stand-in makes %q of %q, want %q", got, image, want)
		}
	}
}

func TestCheckMirror(t *testing.T) {
	for _, mirror := range []string{"registry.example.com", "registry.example.com:5000", "us.example.com/gcr-mirror", "localhost:5000/a/b"} {
		if err := delegate.CheckMirror(mirror); err != nil {
			t.Errorf("%q: %v", mirror, err)
		}
	}
	for mirror, says := range map[string]string{
		"":                              "empty",
		"https://registry.example.com":  "has a scheme",
		"registry.example.com/":         "ends with a slash",
		"registry.example.com/Mirror":   "must be lowercase",
		"registry.example.com/a b":      "invalid reference format",
		"registry.example.com/mirror:1": "invalid reference format",
	} {
		if err := delegate.CheckMirror(mirror); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an error with %q", mirror, err, says)
		}
	}
}
