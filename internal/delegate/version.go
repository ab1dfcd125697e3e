package delegate

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Harness publishes for how many months after its release a delegate image
// gets product fixes (end of support) and security fixes (end of life).
const (
	MonthsToEndOfSupport = 6
	MonthsToEndOfLife    = 8
)

// DefaultRepository is where Harness publishes delegate images, and what the
// Manager answers with when no override applies.
const DefaultRepository = "harness/delegate"

// Why a text is not a version of the form yy.mm.build[.variant].
var (
	// ErrLegacyVersion marks the mutable images of old (1.0.76600), to which
	// Harness's support policy does not apply.
	ErrLegacyVersion = errors.New("a legacy delegate version, to which the support policy doesn't apply")
	// ErrNotAVersion marks every other text, "latest" among them.
	ErrNotAVersion = errors.New("not a delegate version of the form yy.mm.build, such as 24.04.82804 or 24.04.82804.minimal")
)

var (
	versionForm = regexp.MustCompile(`^(\d{2})\.(\d{2})\.(\d{5,12})(?:[.-]([0-9A-Za-z][0-9A-Za-z._-]*))?$`)
	legacyForm  = regexp.MustCompile(`^1\.\d+\.\d+`)
	// otherSuffix is a version with a suffix that doesn't follow the form: a valid
	// tag of an image, and no version.
	otherSuffix = regexp.MustCompile(`^(\d{2}\.\d{2}\.\d{5,12})(\D.*)$`)
)

// Version is the version of a delegate image as its tag tells it:
// yy.mm.build[.variant].
type Version struct {
	// Year and Month are those of the release; Year has four digits.
	Year  int
	Month time.Month
	// Build grows with every release, over months and years alike.
	Build int64
	// Variant is what follows the build: "minimal", or "ubi9-beta". It says
	// nothing about age.
	Variant string

	text string
}

// ParseVersion reads a version as it stands in an image tag. The error wraps
// ErrLegacyVersion or ErrNotAVersion.
func ParseVersion(text string) (Version, error) {
	parts := versionForm.FindStringSubmatch(text)
	if parts == nil {
		if legacyForm.MatchString(text) {
			return Version{}, fmt.Errorf("%q is %w", text, ErrLegacyVersion)
		}
		if suffix := otherSuffix.FindStringSubmatch(text); suffix != nil {
			return Version{}, fmt.Errorf("%q is %w; the suffix %q must be removed, or be a variant of letters and digits after \".\" or \"-\"",
				text, ErrNotAVersion, suffix[2])
		}
		return Version{}, fmt.Errorf("%q is %w", text, ErrNotAVersion)
	}
	// The form leaves digits only, and few enough of them for the types.
	year, _ := strconv.Atoi(parts[1])
	month, _ := strconv.Atoi(parts[2])
	build, _ := strconv.ParseInt(parts[3], 10, 64)
	if month < 1 || month > 12 {
		return Version{}, fmt.Errorf("%q is %w: there is no month %s", text, ErrNotAVersion, parts[2])
	}
	return Version{
		Year:    2000 + year,
		Month:   time.Month(month),
		Build:   build,
		Variant: parts[4],
		text:    text,
	}, nil
}

// String is the text that the version was read from.
func (v Version) String() string { return v.text }

// Compare orders versions by age: negative when v is older than w. Only the
// build counts, because a late patch of an old month carries a newer build.
func (v Version) Compare(w Version) int { return cmp.Compare(v.Build, w.Build) }

// EndOfSupport is the first moment (UTC) at which the image gets no product
// fixes any more: the start of the sixth month after the release month.
func (v Version) EndOfSupport() time.Time { return v.monthsOn(MonthsToEndOfSupport) }

// EndOfLife is the first moment (UTC) at which the image gets no security
// fixes any more: the start of the eighth month after the release month.
func (v Version) EndOfLife() time.Time { return v.monthsOn(MonthsToEndOfLife) }

// monthsOn counts from the first of the month, where no month is too short.
func (v Version) monthsOn(months int) time.Time {
	return time.Date(v.Year, v.Month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, months, 0)
}
