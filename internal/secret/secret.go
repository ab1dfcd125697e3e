// Package secret keeps texts that must not be shown from being shown.
package secret

import (
	"fmt"
	"io"
)

// Text is a text that formats as asterisks, so that it can't slip into a log
// or an error by way of the struct that holds it.
type Text string

// Redacted stands where a secret would.
const Redacted = "***"

// String hides the secret.
func (Text) String() string { return Redacted }

// Format hides the secret from every verb, also from one that doesn't fit.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// MarshalText hides the secret from encoders.
func (Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
