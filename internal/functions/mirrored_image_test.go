package functions_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

func TestMirroredImage(t *testing.T) {
	const mirror = "us.example.com/gcr-mirror"
	for _, tc := range []struct {
		image  string
		mirror any
		want   string
	}{
		{"harness/delegate:24.04.82804", mirror, mirror + "/harness/delegate:24.04.82804"},
		{"harness/delegate:24.04.82804.minimal", "registry.example.com:5000", "registry.example.com:5000/harness/delegate:24.04.82804.minimal"},
		{"harness/delegate:24.04.82804", nil, "harness/delegate:24.04.82804"},
		{"registry.example.com/team/delegate:24.04.82804", mirror, "registry.example.com/team/delegate:24.04.82804"},
		{"docker.io/harness/delegate:24.04.82804", mirror, "docker.io/harness/delegate:24.04.82804"},
		{mirror + "/harness/delegate:24.04.82804", mirror, mirror + "/harness/delegate:24.04.82804"},
		{"harness/delegate@" + digest, mirror, "harness/delegate@" + digest},
	} {
		got, failure := call(t, functions.NewMirroredImage(), tc.image, tc.mirror)
		if failure != nil {
			t.Errorf("%q, %v: %s", tc.image, tc.mirror, failure)
		} else if got != tc.want {
			t.Errorf("%q, %v: got %q, want %q", tc.image, tc.mirror, got, tc.want)
		}
	}
}

func TestMirroredImage_refuses(t *testing.T) {
	const image = "harness/delegate:24.04.82804"
	no := func(mirror string) string {
		return `"` + mirror + `" is not a registry mirror such as registry.example.com/mirror: `
	}
	refuses(t, functions.NewMirroredImage(), []refusal{
		{"an empty image", []any{"", "registry.example.com"}, 0, `"" is not an image reference: invalid reference format`},
		{"a version", []any{"24.04.82804", "registry.example.com"}, 0, `"24.04.82804" has no repository in front of the tag; the published image is harness/delegate:24.04.82804`},
		{"an empty mirror", []any{image, ""}, 1, no("") + "it is empty"},
		{"a mirror's URL", []any{image, "https://registry.example.com"}, 1, no("https://registry.example.com") + "it has a scheme, which an image's name can't have"},
		{"a mirror with a slash", []any{image, "registry.example.com/"}, 1, no("registry.example.com/") + "it ends with a slash, and the upgrader adds one"},
		{"no name", []any{image, "a b"}, 1, no("a b") + `"a b/harness/delegate:24.04.82804" is not an image reference: invalid reference format`},
	})
}
