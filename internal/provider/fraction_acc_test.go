package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// A fraction in an argument that takes whole numbers is one error, which says so,
// with the line.
func TestAccProvider_fractions(t *testing.T) {
	m := acctest.NewManager(t)
	block := func(head, arguments string) string { return m.Config(head + " {\n" + arguments + "\n}\n") }
	const (
		pin      = `resource "harnessdelegate_tag_override" "it"`
		shutdown = `resource "harnessdelegate_graceful_shutdown" "it"`
		one      = `data "harnessdelegate_delegate" "it"`
		image    = "delegate_tag = \"harness/delegate:24.04.82804\"\n"
		workload = "namespace = \"a\"\nname = \"b\"\n"
	)
	for name, tc := range map[string]struct{ config, want string }{
		"max_retries":       {m.ConfigWith("max_retries = 1.5", override), "max_retries is 1.5"},
		"valid_for_days":    {block(pin, image+"valid_for_days = 365/2\nrenew_before_days = 30"), "valid_for_days is 182.5"},
		"renew_before_days": {block(pin, image+"renew_before_days = 10/3"), "renew_before_days is 3.33333333333…"},
		"termination_grace_period_seconds": {
			block(shutdown, workload+"termination_grace_period_seconds = 1.5\nlongest_task_seconds = 1"), "termination_grace_period_seconds is 1.5",
		},
		"longest_task_seconds": {
			block(shutdown, workload+"termination_grace_period_seconds = 1\nlongest_task_seconds = 100.5"), "longest_task_seconds is 100.5",
		},
		"min_replicas": {block(one, "name = \"a\"\nwait_for {\n  min_replicas = 1.5\n}"), "wait_for.min_replicas is 1.5"},
	} {
		t.Run(name, func(t *testing.T) {
			said := ""
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				ErrorCheck: func(err error) error {
					said = strings.Join(strings.Fields(err.Error()), " ")
					return nil
				},
				Steps: []resource.TestStep{{Config: tc.config}},
			})
			if strings.Count(said, "Error: ") != 1 {
				t.Errorf("there is not one error: %s", said)
			}
			for _, want := range []string{"Error: Not a Whole Number", "on terraform_plugin_test.tf line", tc.want + ", but must be a whole number."} {
				if !strings.Contains(said, want) {
					t.Errorf("%q is missing in: %s", want, said)
				}
			}
		})
	}
}
