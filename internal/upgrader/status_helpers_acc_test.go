package upgrader_test

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const statusAddress = "data.harnessdelegate_upgrader_status.it"

// status is a data block with the arguments, which is read after the upgrader
// that the configuration makes, if it makes one.
func (a arguments) status() string {
	return fmt.Sprintf("data \"harnessdelegate_upgrader_status\" \"it\" {\n%s}\n", a.body("  ", ""))
}

// ofIt are the arguments of the status of the upgrader in most configurations.
func ofIt() arguments {
	return arguments{"id": address + ".id", "depends_on": "[" + address + "]"}
}

// statusIs are checks of the status, by the paths of attributes.
func statusIs(want map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for path, check := range want {
		checks = append(checks, statecheck.ExpectKnownValue(statusAddress, pathOf(path), check))
	}
	return checks
}
