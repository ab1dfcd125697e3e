package upgrader_test

import (
	"flag"
	"os"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// binary is the provider, built for the tests that run it as Terraform does.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// Many of these tests wait more than they work. An explicit -parallel counts.
	_ = flag.Set("test.parallel", "4")
	defer kubetest.StopShared()
	return acctest.RunWithBinary(m, &binary)
}
