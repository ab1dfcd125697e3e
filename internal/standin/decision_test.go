package standin_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

func TestDecide(t *testing.T) {
	const mirror = "us.gsr.io/gcr-mirror"
	tests := map[string]struct {
		current, answered string
		should            bool
		mirror            string
		want              standin.Decision
	}{
		"as it should be":           {"harness/delegate:2", "harness/delegate:2", false, "", standin.Decision{Image: "harness/delegate:2"}},
		"a newer one":               {"harness/delegate:1", "harness/delegate:2", true, "", standin.Decision{Image: "harness/delegate:2", Replace: true}},
		"an older one":              {"harness/delegate:2", "harness/delegate:1", true, "", standin.Decision{Image: "harness/delegate:1", Replace: true}},
		"from the mirror":           {"harness/delegate:1", "harness/delegate:2", true, mirror, standin.Decision{Image: mirror + "/harness/delegate:2", Replace: true}},
		"already from the mirror":   {mirror + "/harness/delegate:2", "harness/delegate:2", true, mirror, standin.Decision{Image: mirror + "/harness/delegate:2"}},
		"own image past the mirror": {"harness/delegate:1", "own.example.com/d:2", true, mirror, standin.Decision{Image: "own.example.com/d:2", Replace: true}},
		"the Manager says no":       {"harness/delegate:1", "harness/delegate:2", false, "", standin.Decision{Image: "harness/delegate:2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			wantEqual(t, standin.Decide(test.current, standin.Answer{ImageTag: test.answered, ShouldUpgrade: test.should}, test.mirror), test.want)
		})
	}
}

func TestMirrored(t *testing.T) {
	for image, want := range map[string]string{
		"harness/delegate":              "m/harness/delegate",
		"harness/delegate:1":            "m/harness/delegate:1",
		"harness/delegate@sha256:a":     "m/harness/delegate@sha256:a",
		"harness/delegate-minimal:1":    "harness/delegate-minimal:1",
		"harness/delegate/x:1":          "harness/delegate/x:1",
		"docker.io/harness/delegate:1":  "docker.io/harness/delegate:1",
		"example.com/harness/delegate":  "example.com/harness/delegate",
		"harness/upgrader:latest":       "harness/upgrader:latest",
		"m/harness/delegate:1":          "m/harness/delegate:1",
		"m.example.com:5000/delegate:1": "m.example.com:5000/delegate:1",
	} {
		wantEqual(t, standin.Mirrored(image, "m/"), want)
		wantEqual(t, standin.Mirrored(image, ""), image)
	}
}

func TestWithTag(t *testing.T) {
	for image, want := range map[string]string{
		"a":                 "a:latest",
		"a:1":               "a:1",
		"h:5000/a":          "h:5000/a:latest",
		"h:5000/a:1":        "h:5000/a:1",
		"a@sha256:b":        "a@sha256:b",
		"h:5000/a@sha256:b": "h:5000/a@sha256:b",
	} {
		wantEqual(t, standin.WithTag(image), want)
	}
}

func TestOwnCronJob(t *testing.T) {
	jobs := []string{"d1", "d1-upgrader-job", "d1-upgrader", "other"}
	for pod, want := range map[string]string{
		"d1-upgrader-job-29000000-x7k2p": "d1-upgrader-job",
		"d1-upgrader-29000000-x7k2p":     "d1-upgrader",
		"d1":                             "",
		"d2-29000000-x7k2p":              "",
	} {
		got, found := standin.OwnCronJob(pod, jobs)
		wantEqual(t, got, want)
		wantEqual(t, found, want != "")
	}
}

func TestRetiredContainersAreKnownAgain(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef"
	name := standin.RetiredName("d1", id)
	wantEqual(t, name, "d1-old-0123456789ab")
	successor, retired := standin.SuccessorOf(name, id)
	wantEqual(t, successor, "d1")
	wantEqual(t, retired, true)
	// Whoever chose such a name for a container didn't know its ID.
	if _, retired := standin.SuccessorOf(name, "f"+id); retired {
		t.Error("a container counts as retired by the ID of another")
	}
}

func TestIsDelegate(t *testing.T) {
	environment := []string{"PATH=/bin", "DELEGATE_NAME=d1"}
	wantEqual(t, standin.IsDelegate(environment, "d1"), true)
	wantEqual(t, standin.IsDelegate(environment, "d"), false)
	wantEqual(t, standin.IsDelegate([]string{"X_DELEGATE_NAME=d1"}, "d1"), false)
}
