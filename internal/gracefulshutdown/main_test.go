package gracefulshutdown_test

import (
	"os"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// binary is the provider, built for the tests that run it as Terraform does.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	defer kubetest.StopShared()
	return acctest.RunWithBinary(m, &binary)
}
