package cronjob

import (
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// mask hides secrets in what failures quote of others.
type mask struct{ secret.Mask }

func newMask(secrets ...secret.Text) mask { return mask{secret.NewMask(secrets...)} }

// failure masks what the other side has said. What is being done and what to do
// next are our own words; where they quote others, those who write them mask the
// quotation. The cause is left out if it holds a secret: others may print it.
func (m mask) failure(f *spec.Failure) *spec.Failure {
	f.Reason = m.Hide(f.Reason)
	if f.Err != nil && m.Hide(f.Err.Error()) != f.Err.Error() {
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
