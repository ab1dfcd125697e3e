package functions

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// versionParameter is the version that a function is about.
func versionParameter() function.Parameter {
	return function.StringParameter{
		Name: "version",
		MarkdownDescription: "A delegate version such as `24.04.82804` or `24.04.82804.minimal`, or an image whose tag is one, " +
			"such as `registry.example.com/payments/delegate:24.04.82804`.",
	}
}

// releaseDateParameter is variadic, because that is how a function takes an
// argument that can be left out. It takes null for the same.
func releaseDateParameter() function.Parameter {
	return function.StringParameter{
		Name:           "release_date",
		AllowNullValue: true,
		MarkdownDescription: "Release date of the image, optional: a date such as `2024-04-30`, or an RFC 3339 time, of which the day in UTC is used. " +
			"If omitted or null, the months are counted from the month in the version.",
	}
}

// windowOf reads the arguments of the two parameters above; the version is the
// first argument, and the release dates are the last from a position on.
func windowOf(version string, dates []*string, position int64) (delegate.Window, *function.FuncError) {
	parsed, err := delegate.VersionOf(version)
	if err != nil {
		return delegate.Window{}, invalid(0, err)
	}
	switch {
	case len(dates) > 1:
		return delegate.Window{}, function.NewArgumentFuncError(position+1, fmt.Sprintf("an image has one release date, and these are %d", len(dates)))
	case len(dates) == 0 || dates[0] == nil:
		return parsed.Window(), nil
	}
	released, err := delegate.ParseReleaseDate(*dates[0])
	if err != nil {
		return delegate.Window{}, invalid(position, err)
	}
	return delegate.WindowFrom(released), nil
}

// timeParameter is the moment that a function is asked about.
func timeParameter(what string) function.Parameter {
	return function.StringParameter{
		Name:                "time",
		MarkdownDescription: what + " (RFC 3339), such as `plantimestamp()` or `2024-04-30T12:00:00Z`.",
	}
}

func timeOf(text string, position int64) (time.Time, *function.FuncError) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, function.NewArgumentFuncError(position, fmt.Sprintf(
			"%q is not a time such as 2024-04-30T12:00:00Z (RFC 3339), which is what plantimestamp() gives", text))
	}
	return at, nil
}

// timeText is a time as all results have it.
func timeText(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// invalid says what is wrong with the argument at a position.
func invalid(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position, err.Error())
}
