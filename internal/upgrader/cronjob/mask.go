package cronjob

import (
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// leastSecret is the length from which on a secret is masked. Shorter ones are
// parts of ordinary words: masking them would make messages unreadable, and tell
// by the gaps what the secret is.
const leastSecret = 6

// mask replaces secrets in texts that others have written: webhooks, programs.
type mask struct{ replacer *strings.Replacer }

// newMask knows a secret as it is and as it stands in a Secret.
func newMask(secrets ...secret.Text) mask {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= leastSecret {
			pairs = append(pairs, string(s), secret.Redacted, encode(string(s)), secret.Redacted)
		}
	}
	return mask{strings.NewReplacer(pairs...)}
}

func (m mask) text(text string) string { return m.replacer.Replace(text) }

// failure masks what the other side has said. What is being done and what to do
// next are our own words; where they quote others, those who write them mask the
// quotation. The cause is left out if it holds a secret: others may print it.
func (m mask) failure(f *spec.Failure) *spec.Failure {
	f.Reason = m.text(f.Reason)
	if f.Err != nil && m.text(f.Err.Error()) != f.Err.Error() {
		f.Err = nil
	}
	return f
}

// failures masks several before one's advice quotes the others.
func (m mask) failures(all []*spec.Failure) []*spec.Failure {
	for _, f := range all {
		if f != nil {
			_ = m.failure(f) // it changes f itself
		}
	}
	return all
}
