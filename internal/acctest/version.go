package acctest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// Feature is something that came to Terraform and OpenTofu later than this
// provider asks for.
type Feature struct {
	name string
	// The minor versions of Terraform 1 and OpenTofu 1 that brought it; 0 is none
	// so far.
	terraform, opentofu int
}

// What tests ask for.
var (
	ImportByIdentity = Feature{"import by identity", 12, 12}
	Query            = Feature{"terraform query", 14, 0}
	Actions          = Feature{"actions", 14, 0}
	// OpenTofu 1.12 hands a provider's function nothing at all where null is meant.
	NullArguments = Feature{"null as an argument of a provider's function", 8, 0}
)

// Need skips the test where the program that runs doesn't have the feature.
func Need(tb testing.TB, feature Feature) {
	tb.Helper()
	is := cli()
	if is.err != nil {
		tb.Fatal(is.err)
	}
	since := map[string]int{"Terraform": feature.terraform, "OpenTofu": feature.opentofu}[is.program]
	if since == 0 || is.minor < since {
		tb.Skipf("SKIPPED: %s 1.%d has no %s; Terraform has it from 1.%d on", is.program, is.minor, feature.name, feature.terraform)
	}
}

// installed is the program that runs, and its minor version.
type installed struct {
	program string
	minor   int
	err     error
}

var cli = sync.OnceValue(func() (is installed) {
	var result tfcli.Result
	if result, is.err = (&tfcli.Workspace{}).Run(context.Background(), "version"); is.err != nil {
		return is
	}
	found := regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v1\.(\d+)\.`).FindStringSubmatch(result.Stdout)
	if found == nil {
		is.err = fmt.Errorf("no version of Terraform or OpenTofu is in: %s", result.Output())
		return is
	}
	is.program = found[1]
	is.minor, is.err = strconv.Atoi(found[2])
	return is
})
