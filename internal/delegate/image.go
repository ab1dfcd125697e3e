package delegate

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/distribution/reference"
)

// ImageForm says how an image is named, which decides what an upgrader can do
// with it.
type ImageForm string

// The forms of an image's name.
const (
	// ImageTagged names a repository and a tag other than "latest".
	ImageTagged ImageForm = "tagged"
	// ImageLatest names a repository and the tag "latest".
	ImageLatest ImageForm = "latest"
	// ImageDigest pins the content by digest, with or without a tag.
	ImageDigest ImageForm = "digest"
	// ImageUntagged names a repository alone; container runtimes read that as
	// "latest".
	ImageUntagged ImageForm = "untagged"
	// ImageBareTag is a version without a repository ("24.04.82804").
	ImageBareTag ImageForm = "bare_tag"
)

// Image is a container image reference as an override holds it.
type Image struct {
	Form ImageForm
	// Registry is the host that the image is pulled from; empty for a bare tag.
	Registry string
	// Repository is the name with its registry, which is left out for Docker
	// Hub where the rest says as much; empty for a bare tag.
	Repository string
	// Tag and Digest are empty where the reference has none.
	Tag    string
	Digest string

	text string
}

// ParseImage reads an image reference by the grammar that registries and
// container runtimes share. A version without a repository is accepted as a
// bare tag. The error says what is wrong with the text.
func ParseImage(text string) (Image, error) {
	if !strings.ContainsAny(text, "/:@") {
		if _, err := ParseVersion(text); err == nil || text == "latest" {
			return Image{Form: ImageBareTag, Tag: text, text: text}, nil
		}
	}
	// The way container runtimes read it: a first part with a dot, a colon or a
	// capital is a registry, and one is Docker Hub's where none is named.
	named, err := reference.ParseNormalizedNamed(text)
	if err != nil {
		return Image{}, notAnImage(text, err)
	}
	image := Image{Form: ImageUntagged, Registry: reference.Domain(named), Repository: shortName(named), text: text}
	if tagged, ok := named.(reference.Tagged); ok {
		image.Tag = tagged.Tag()
		image.Form = ImageTagged
		if image.Tag == "latest" {
			image.Form = ImageLatest
		}
	}
	if digested, ok := named.(reference.Digested); ok {
		image.Digest = digested.Digest().String()
		image.Form = ImageDigest
	}
	return image, nil
}

// notAnImage says why a text isn't an image reference. Examples in Harness's
// documentation are parts of URLs, and escaped accordingly.
func notAnImage(text string, err error) error {
	if decoded, escaped := url.PathUnescape(text); escaped == nil && decoded != text {
		if _, invalid := reference.ParseNormalizedNamed(decoded); invalid == nil {
			return fmt.Errorf("%q is not an image reference: it is URL-encoded; write %q instead", text, decoded)
		}
	}
	return fmt.Errorf("%q is not an image reference: %w", text, err)
}

// shortName is the name without Docker Hub's registry, unless what is left would
// read as another registry's image: docker.io/0.0/app is not 0.0/app.
func shortName(named reference.Named) string {
	short := reference.FamiliarName(named)
	if again, err := reference.ParseNormalizedNamed(short); err != nil || again.Name() != named.Name() {
		return named.Name()
	}
	return short
}

// String is the text that the image was read from.
func (i Image) String() string { return i.text }

// Version is the delegate version that the tag tells, if it tells one.
func (i Image) Version() (Version, bool) {
	v, err := ParseVersion(i.Tag)
	return v, err == nil
}

// VersionOf reads the delegate version from a version by itself or from an
// image reference, whose tag tells it. The error says why the text tells none.
func VersionOf(text string) (Version, error) {
	if !strings.ContainsAny(text, "/:@") {
		return ParseVersion(text)
	}
	image, err := ParseImage(text)
	if err != nil {
		return Version{}, err
	}
	if image.Tag == "" {
		return Version{}, fmt.Errorf("image %q has no tag, which would tell its version", text)
	}
	version, err := ParseVersion(image.Tag)
	if err != nil {
		return Version{}, fmt.Errorf("the tag of image %q: %w", text, err)
	}
	return version, nil
}

// ImageVersion is the delegate version that an image reference tells, if the
// text is a reference and tells one.
func ImageVersion(text string) (Version, bool) {
	version, err := VersionOf(text)
	return version, err == nil
}

// PublishedImage is the image that Harness publishes for a version text, which
// is also what the Manager tells upgraders where no override applies.
func PublishedImage(version string) string { return DefaultRepository + ":" + version }
