package secret_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

func TestMask(t *testing.T) {
	t.Parallel()
	const shown = "MmY2YjA5ODhiNmZiMzM3MDA3M2MzZDA1MDViYWVlNTk="
	for name, tc := range map[string]struct {
		secrets    []secret.Text
		text, want string
	}{
		"as it is":               {[]secret.Text{"sesame"}, "TOKEN=sesame refused", "TOKEN=*** refused"},
		"in base64":              {[]secret.Text{"sesame"}, "data: c2VzYW1l", "data: ***"},
		"more than once":         {[]secret.Text{"sesame"}, "sesame, sesame", "***, ***"},
		"a token, decoded":       {[]secret.Text{shown}, "2f6b0988b6fb3370073c3d0505baee59 is revoked", "*** is revoked"},
		"quoted":                 {[]secret.Text{`pass"word`}, `"pass\"word"`, `"***"`},
		"in a URL":               {[]secret.Text{"p@ss word"}, "http://me:p%40ss%20word@proxy?p=p%40ss+word", "http://me:***@proxy?p=***"},
		"one within another":     {[]secret.Text{"sesame", "open-sesame!"}, "open-sesame! or sesame", "*** or ***"},
		"six characters":         {[]secret.Text{"äöüßÄÖ"}, "no äöüßÄÖ", "no ***"},
		"three, in six bytes":    {[]secret.Text{"äöü"}, "no äöü", "no äöü"},
		"five characters":        {[]secret.Text{"abcde"}, "abcde", "abcde"},
		"a short one, in base64": {[]secret.Text{"a"}, "YQ==", "YQ=="},
		"an empty one":           {[]secret.Text{""}, "text", "text"},
		"none":                   {nil, "text", "text"},
		"given twice":            {[]secret.Text{"sesame", "sesame"}, "sesame", "***"},
	} {
		if got := secret.NewMask(tc.secrets...).Hide(tc.text); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestMask_with(t *testing.T) {
	t.Parallel()
	var none secret.Mask
	first := none.With("sesame")
	second := first.With("open-sesame!")
	for name, tc := range map[string]struct {
		mask secret.Mask
		want string
	}{
		"zero value":     {none, "sesame and open-sesame!"},
		"first":          {first, "*** and open-***!"},
		"first and more": {second, "*** and ***"},
	} {
		if got := tc.mask.Hide("sesame and open-sesame!"); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
