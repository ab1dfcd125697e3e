package delegate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func TestParseImage(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want delegate.Image
		// version is the delegate version that the tag tells, if any.
		version string
	}{
		"published image": {
			text:    "harness/delegate:24.04.82804",
			want:    delegate.Image{Form: delegate.ImageTagged, Registry: "docker.io", Repository: "harness/delegate", Tag: "24.04.82804"},
			version: "24.04.82804",
		},
		"registry": {
			text:    "registry.example.com/team/delegate:24.04.82804.minimal",
			want:    delegate.Image{Form: delegate.ImageTagged, Registry: "registry.example.com", Repository: "registry.example.com/team/delegate", Tag: "24.04.82804.minimal"},
			version: "24.04.82804.minimal",
		},
		"registry with a port": {
			text:    "registry.example.com:5000/delegate:24.04.82804",
			want:    delegate.Image{Form: delegate.ImageTagged, Registry: "registry.example.com:5000", Repository: "registry.example.com:5000/delegate", Tag: "24.04.82804"},
			version: "24.04.82804",
		},
		"registry with a port, no tag": {
			text: "localhost:5000/delegate",
			want: delegate.Image{Form: delegate.ImageUntagged, Registry: "localhost:5000", Repository: "localhost:5000/delegate"},
		},
		"registry at an IPv6 address": {
			text:    "[2001:db8::1]:5000/delegate:24.04.82804",
			want:    delegate.Image{Form: delegate.ImageTagged, Registry: "[2001:db8::1]:5000", Repository: "[2001:db8::1]:5000/delegate", Tag: "24.04.82804"},
			version: "24.04.82804",
		},
		"tag of one's own": {
			text: "acme/delegate:blue-7",
			want: delegate.Image{Form: delegate.ImageTagged, Registry: "docker.io", Repository: "acme/delegate", Tag: "blue-7"},
		},
		"tag with upper case": {
			text: "acme/delegate:Blue",
			want: delegate.Image{Form: delegate.ImageTagged, Registry: "docker.io", Repository: "acme/delegate", Tag: "Blue"},
		},
		"latest": {
			text: "harness/delegate:latest",
			want: delegate.Image{Form: delegate.ImageLatest, Registry: "docker.io", Repository: "harness/delegate", Tag: "latest"},
		},
		"tag that only begins like latest": {
			text: "harness/delegate:latest-1",
			want: delegate.Image{Form: delegate.ImageTagged, Registry: "docker.io", Repository: "harness/delegate", Tag: "latest-1"},
		},
		// A typing error, but a host name to a container runtime.
		"capital in the first part": {
			text:    "Harness/delegate:24.04.82804",
			want:    delegate.Image{Form: delegate.ImageTagged, Registry: "Harness", Repository: "Harness/delegate", Tag: "24.04.82804"},
			version: "24.04.82804",
		},
		"legacy": {
			text: "harness/delegate:1.0.76600",
			want: delegate.Image{Form: delegate.ImageTagged, Registry: "docker.io", Repository: "harness/delegate", Tag: "1.0.76600"},
		},
		"digest": {
			text: "harness/delegate@" + digest,
			want: delegate.Image{Form: delegate.ImageDigest, Registry: "docker.io", Repository: "harness/delegate", Digest: digest},
		},
		"tag and digest": {
			text:    "harness/delegate:24.04.82804@" + digest,
			want:    delegate.Image{Form: delegate.ImageDigest, Registry: "docker.io", Repository: "harness/delegate", Tag: "24.04.82804", Digest: digest},
			version: "24.04.82804",
		},
		"latest and digest": {
			text: "harness/delegate:latest@" + digest,
			want: delegate.Image{Form: delegate.ImageDigest, Registry: "docker.io", Repository: "harness/delegate", Tag: "latest", Digest: digest},
		},
		"repository alone": {
			text: "harness/delegate",
			want: delegate.Image{Form: delegate.ImageUntagged, Registry: "docker.io", Repository: "harness/delegate"},
		},
		"repository of one part": {
			text: "delegate",
			want: delegate.Image{Form: delegate.ImageUntagged, Registry: "docker.io", Repository: "delegate"},
		},
		"bare version": {
			text:    "24.04.82804",
			want:    delegate.Image{Form: delegate.ImageBareTag, Tag: "24.04.82804"},
			version: "24.04.82804",
		},
		"bare version with a variant": {
			text:    "24.04.82804.minimal",
			want:    delegate.Image{Form: delegate.ImageBareTag, Tag: "24.04.82804.minimal"},
			version: "24.04.82804.minimal",
		},
		"bare latest": {
			text: "latest",
			want: delegate.Image{Form: delegate.ImageBareTag, Tag: "latest"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseImage(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(delegate.Image{})); diff != "" {
				t.Errorf("parts of %q (-want +got):\n%s", tc.text, diff)
			}
			if got.String() != tc.text {
				t.Errorf("it prints as %q, want the text it was read from, %q", got, tc.text)
			}
			version, ok := got.Version()
			if ok != (tc.version != "") || version.String() != tc.version {
				t.Errorf("its version is %q (%t), want %q", version, ok, tc.version)
			}
			if short, okShort := delegate.ImageVersion(tc.text); okShort != ok || short != version {
				t.Errorf("ImageVersion says %q (%t), the image itself %q (%t)", short, okShort, version, ok)
			}
		})
	}
}

func TestParseImageRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		// says is a part of the reason.
		says string
	}{
		"empty":                      {"", "invalid reference format"},
		"upper case":                 {"harness/Delegate:24.04.82804", "lowercase"},
		"URL-encoded":                {"us.gcr.io%2Fharness%2Fdelegate%3A24.04.82804", `it is URL-encoded; write "us.gcr.io/harness/delegate:24.04.82804" instead`},
		"URL-encoded, small letters": {"harness%2fdelegate:24.04.82804", `it is URL-encoded; write "harness/delegate:24.04.82804" instead`},
		"URL-encoded, no image":      {"harness%2FDelegate%3A24.04.82804", "must be lowercase"},
		"a percent sign":             {"harness/delegate:50%", "invalid reference format"},
		"a blank":                    {"harness/delegate :24.04.82804", "invalid reference format"},
		"a blank at the end":         {"harness/delegate:24.04.82804 ", "invalid reference format"},
		"a newline at the end":       {"harness/delegate:24.04.82804\n", "invalid reference format"},
		"an empty tag":               {"harness/delegate:", "invalid reference format"},
		"two tags":                   {"harness/delegate:a:b", "invalid reference format"},
		"a scheme":                   {"https://registry.example.com/delegate:1", "invalid reference format"},
		"an empty part":              {"harness//delegate:1", "invalid reference format"},
		"a slash at the end":         {"harness/delegate/", "invalid reference format"},
		"a digest that is too short": {"harness/delegate@sha256:0123", "invalid"},
		"a digest alone":             {"@" + digest, "invalid reference format"},
		"64 hexadecimal digits":      {strings.TrimPrefix(digest, "sha256:"), "hexadecimal"},
		"a tag that is too long":     {"harness/delegate:" + strings.Repeat("a", 129), "invalid reference format"},
		"a name that is too long":    {strings.Repeat("a/", 130) + "a:1", "255"},
		"a placeholder left over":    {"${var.image}", "invalid reference format"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := delegate.ParseImage(tc.text)
			if err == nil {
				t.Fatalf("ParseImage(%q) = %+v, want an error", tc.text, got)
			}
			if !strings.Contains(err.Error(), "is not an image reference") || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("the error must say that it is no image reference and why (%q): %v", tc.says, err)
			}
			if version, ok := delegate.ImageVersion(tc.text); ok {
				t.Errorf("ImageVersion finds %q in it", version)
			}
		})
	}
}

func TestVersionOf(t *testing.T) {
	for text, want := range map[string]string{
		"24.04.82804":                                         "24.04.82804",
		"24.04.82804.minimal":                                 "24.04.82804.minimal",
		"harness/delegate:24.04.82804.minimal":                "24.04.82804.minimal",
		"registry.example.com:5000/team/delegate:24.04.82804": "24.04.82804",
		"harness/delegate:24.04.82804@" + digest:              "24.04.82804",
	} {
		if got, err := delegate.VersionOf(text); err != nil || got.String() != want {
			t.Errorf("VersionOf(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                              `"" is not a delegate version of the form`,
		"latest":                        `"latest" is not a delegate version of the form`,
		"1.0.76600":                     `"1.0.76600" is a legacy delegate version`,
		"24.13.82804":                   "there is no month 13",
		"harness":                       `"harness" is not a delegate version of the form`,
		"harness/delegate":              `image "harness/delegate" has no tag`,
		"harness/delegate@" + digest:    "has no tag, which would tell its version",
		"harness/delegate:latest":       `the tag of image "harness/delegate:latest": "latest" is not a delegate version`,
		"harness/delegate:1.0.76600":    `the tag of image "harness/delegate:1.0.76600": "1.0.76600" is a legacy`,
		"registry.example.com:5000/app": "has no tag",
		"harness/Delegate:24.04.82804":  "is not an image reference",
	} {
		if got, err := delegate.VersionOf(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("VersionOf(%q) = %q, %v; want an error with %q", text, got, err, want)
		}
		if _, ok := delegate.ImageVersion(text); ok {
			t.Errorf("ImageVersion finds one in %q", text)
		}
	}
}

func TestPublishedImage(t *testing.T) {
	if got := delegate.PublishedImage("24.04.82804.minimal"); got != "harness/delegate:24.04.82804.minimal" {
		t.Errorf("got %q", got)
	}
}

func FuzzVersionOf(f *testing.F) {
	for _, seed := range []string{
		"24.04.82804", "harness/delegate:24.04.82804.minimal", "registry.example.com:5000/team/delegate:24.04.82804",
		"harness/delegate:24.04.82804@" + digest, "harness/delegate:latest", "harness/delegate", "1.0.76600", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		version, err := delegate.VersionOf(text)
		if err != nil {
			return
		}
		if !strings.Contains(text, version.String()) {
			t.Errorf("%q tells %s, which isn't in it", text, version)
		}
		if again, err := delegate.VersionOf("harness/delegate:" + version.String()); err != nil || again != version {
			t.Errorf("%s of %q is another version as a tag: %s, %v", version, text, again, err)
		}
	})
}

func FuzzParseImage(f *testing.F) {
	for _, seed := range []string{
		"harness/delegate:24.04.82804", "registry.example.com:5000/team/delegate:latest", "harness/delegate", "24.04.82804", "latest",
		"harness/delegate:24.04.82804@" + digest, "docker.io/library/delegate:1", "index.docker.io/harness/delegate", "docker.io/library/latest", "docker.io/library/24.04.82804", "docker.io/0.0/0", "Harness/delegate", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		image, err := delegate.ParseImage(text)
		if err != nil {
			return
		}
		if image.String() != text {
			t.Errorf("%q prints as %q", text, image)
		}
		if (image.Form == delegate.ImageDigest) != (image.Digest != "") || (image.Form == delegate.ImageUntagged) != (image.Tag == "" && image.Digest == "") ||
			(image.Form == delegate.ImageBareTag) != (image.Repository == "") {
			t.Errorf("form and parts of %q disagree: %+v", text, image)
		}
		// The same image put together from its parts.
		rebuilt := image.Repository
		if rebuilt != "" && !strings.Contains(rebuilt, "/") {
			// In full, since the short name alone may look like a bare tag.
			rebuilt = "docker.io/library/" + rebuilt
		}
		if image.Tag != "" {
			rebuilt += ":" + image.Tag
		}
		if image.Digest != "" {
			rebuilt += "@" + image.Digest
		}
		again, err := delegate.ParseImage(strings.TrimPrefix(rebuilt, ":"))
		if err != nil {
			t.Fatalf("%q was read, but not its parts %q: %v", text, rebuilt, err)
		}
		if diff := cmp.Diff(image, again, cmpopts.IgnoreUnexported(delegate.Image{})); diff != "" {
			t.Errorf("%q and %q differ:\n%s", text, rebuilt, diff)
		}
	})
}
