package spec

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Mark recognises a secret without holding it: a digest with a salt, from which
// the secret can't be told, nor that two upgraders have the same one.
type Mark struct {
	Salt string `json:"salt"`
	Sum  string `json:"sum"`
}

const saltBytes = 16

// NewMark makes the mark of a secret.
func NewMark(text secret.Text) Mark {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	return Mark{Salt: hex.EncodeToString(salt), Sum: digest(salt, text)}
}

// Matches tells whether it is the mark of that secret. The zero mark matches
// nothing.
func (m Mark) Matches(text secret.Text) bool {
	salt, err := hex.DecodeString(m.Salt)
	if err != nil || m.IsZero() {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(digest(salt, text)), []byte(m.Sum)) == 1
}

// IsZero tells that it is the mark of nothing.
func (m Mark) IsZero() bool { return m.Sum == "" }

func digest(salt []byte, text secret.Text) string {
	sum := hmac.New(sha256.New, salt)
	_, _ = fmt.Fprint(sum, string(text))
	return hex.EncodeToString(sum.Sum(nil))
}
