package secret

import (
	"crypto/subtle"
	"encoding/base64"
	"regexp"
)

// tokenSecret is what a delegate token encodes.
var tokenSecret = regexp.MustCompile(`^[0-9A-Fa-f]{32}$`)

// SameToken tells whether two texts are one delegate token. The UI, the API and
// the Docker command show a token as the base64 text of 32 hexadecimal digits.
// The UI's Kubernetes manifest puts that text straight under the data of a
// Secret, so that Kubernetes decodes it and the pod gets the digits. The Manager
// accepts both. Any other text is only equal to itself.
func SameToken(a, b Text) bool {
	return subtle.ConstantTimeCompare([]byte(decodedToken(string(a))), []byte(decodedToken(string(b)))) == 1
}

// decodedToken is the digits that a token encodes. A text that encodes none is
// returned as it is; the digits themselves are such a text, though they are valid
// base64, too.
func decodedToken(text string) string {
	if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && tokenSecret.Match(decoded) {
		return string(decoded)
	}
	return text
}
