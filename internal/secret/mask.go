package secret

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// minMasked is the number of characters from which on a secret is masked. A
// shorter one is part of ordinary words: masking it would make messages
// unreadable, and the gaps would tell what the secret is.
const minMasked = 6

// Mask replaces secrets in texts that others have written: servers, webhooks,
// programs. The zero value replaces nothing.
type Mask struct {
	forms    []string
	replacer *strings.Replacer
}

// NewMask masks the secrets given, but for those that are too short.
func NewMask(secrets ...Text) Mask { return Mask{}.With(secrets...) }

// With is the same mask with more secrets.
func (m Mask) With(secrets ...Text) Mask {
	all := slices.Clone(m.forms)
	for _, s := range secrets {
		if utf8.RuneCountInString(string(s)) >= minMasked {
			all = append(all, forms(string(s))...)
		}
	}
	// The longest first: one secret may be part of another.
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	all = slices.Compact(all)
	pairs := make([]string, 0, 2*len(all))
	for _, form := range all {
		pairs = append(pairs, form, Redacted)
	}
	return Mask{forms: all, replacer: strings.NewReplacer(pairs...)}
}

// Hide is the text with asterisks in place of each secret.
func (m Mask) Hide(text string) string {
	if m.replacer == nil {
		return text
	}
	return m.replacer.Replace(text)
}

// forms are the ways in which a secret stands in texts of others: as it is, in
// base64 as in the data of a Kubernetes Secret, decoded as the UI's manifest
// hands a token to its pod, quoted, and escaped as in a URL.
func forms(s string) []string {
	quoted, escaped := strconv.Quote(s), url.QueryEscape(s)
	return []string{
		s, base64.StdEncoding.EncodeToString([]byte(s)), decodedToken(s),
		quoted[1 : len(quoted)-1], escaped, strings.ReplaceAll(escaped, "+", "%20"),
	}
}
