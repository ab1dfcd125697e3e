package delegates

import (
	"regexp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// filter says which delegates of a list are wanted. A zero field wants all. The
// filtering is done here, so that data sources with different filters share one
// list, and because the Manager takes no filter for a list with child scopes.
type filter struct {
	name        string
	nameRegex   *regexp.Regexp
	tags        delegate.Tags
	kind        string
	connected   *bool
	autoUpgrade string
}

func (f filter) keeps(d harness.ListedDelegate) bool {
	return (f.name == "" || f.name == d.Name) &&
		(f.nameRegex == nil || f.nameRegex.MatchString(d.Name)) &&
		(f.kind == "" || f.kind == d.Type) &&
		(f.connected == nil || *f.connected == d.Connected) &&
		(f.autoUpgrade == "" || f.autoUpgrade == d.AutoUpgrade) &&
		(len(f.tags) == 0 || len(f.tags.Without(d.Tags)) == 0)
}
