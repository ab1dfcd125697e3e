package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	paymentsPin  = "harnessdelegate_tag_override.payments"
	upgradeImage = "registry.example.com/payments/delegate:24.09.83900"
	// failedCheck is the headline of Terraform for a check block that doesn't hold.
	failedCheck = "Check block assertion failed"
)

// fleet is the chapter about all delegates: how long they are supported, what an
// override would change, and whether it has.
func fleet() chapter {
	return chapter{
		title:         "All delegates at a glance",
		configuration: "examples/modules/fleet-report/example",
		open: func(_ context.Context, s *stage) ([]step, error) {
			if err := openFleet(s); err != nil {
				return nil, err
			}
			return []step{
				{
					"Which delegates lose support, and which have no upgrader?",
					"Two more delegates have come. The module examples/modules/fleet-report asks for all of\nthem; its checks warn, and its table is for people.",
					report,
				},
				{
					"What would another image change?",
					"The project's delegates are to run an image of a supported version. The plan tells\nwhom that concerns, before anything is written.",
					foresee,
				},
				{
					"Upgrade, and wait until it is done",
					"The override is set, and the upgraders do their next run. harnessdelegate_delegate waits\nuntil every replica runs the image.",
					upgradeAndVerify,
				},
				{
					"Clear away",
					"Without the override, the delegates are told the release again. The plan warns.",
					unpin,
				},
			}, nil
		},
	}
}

// openFleet adds delegates that tell the cases apart, and the module, which the
// example expects in the folder above it.
func openFleet(s *stage) error {
	now := s.manager.Now()
	replica := func(image string) simulator.Replica {
		return simulator.Replica{Image: image, Alive: true, CreatedAt: now.AddDate(0, -1, 0)}
	}
	s.manager.AddDelegate(simulator.Delegate{
		AccountID: account, OrgID: "default", ProjectID: "search", Name: "search-delegate", UpgraderLastUpdated: now,
		Replicas: slices.Repeat([]simulator.Replica{replica("registry.example.com/search/delegate:24.09.83900")}, 2),
	})
	s.manager.AddDelegate(simulator.Delegate{
		AccountID: account, Name: "shared-delegate", Replicas: []simulator.Replica{replica("harness/delegate:24.06.83304")},
	})
	s.terraform.Env = append(s.terraform.Env, "TF_VAR_now="+now.Format(time.RFC3339))
	files, err := filepath.Glob(filepath.Join(s.configuration, "..", "*.tf"))
	if err != nil {
		return fmt.Errorf("looking for the module: %w", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading the module: %w", err)
		}
		if err := s.terraform.Write(filepath.Join("..", filepath.Base(file)), string(text)); err != nil {
			return fmt.Errorf("copying the module: %w", err)
		}
	}
	return nil
}

// expectReport shows the table, and checks what it says of each delegate.
func expectReport(ctx context.Context, s *stage, want ...string) error {
	result, err := s.show(ctx, func(table string) string { return "\n" + table }, 0, "output", "-raw", "table")
	if err != nil {
		return err
	}
	var rows []string
	for line := range strings.Lines(plain(result.Stdout)) {
		if strings.Contains(line, "-delegate ") || strings.Contains(line, "-trainer ") {
			rows = append(rows, strings.Join(strings.Fields(line), " "))
		}
	}
	return expectEqual("delegates in the table", rows, want)
}

func report(ctx context.Context, s *stage) error {
	if err := s.use("main.tf"); err != nil {
		return err
	}
	if _, err := s.show(ctx, installation, 0, "init"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{shown: warningsOnly, warnings: []string{failedCheck, failedCheck}}); err != nil {
		return err
	}
	if _, err := s.run(ctx, 0, "apply", planFile); err != nil {
		return err
	}
	return expectReport(ctx, s,
		"default/payments/payments-delegate 24.04.82804 ended 2024-10-01 yes",
		"default/payments/payments-trainer 24.04.82804 ended 2024-10-01 yes",
		"default/search/search-delegate 24.09.83900 until 2025-03-01 yes",
		"shared-delegate 24.06.83304 ends 2024-12-01 NO",
	)
}

// pinFile holds the project's delegates to an image.
const pinFile = `resource "harnessdelegate_tag_override" "payments" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "` + upgradeImage + `"

  valid_for_days    = 90
  renew_before_days = 30
}
`

func foresee(ctx context.Context, s *stage) error {
	if err := writeShown(s, "pin.tf", pinFile); err != nil {
		return err
	}
	return s.plan(ctx, planned{
		changes:  []string{"create " + paymentsPin},
		warnings: []string{failedCheck, failedCheck, otherImage},
	})
}

// verifyFile waits for both delegates of the project.
const verifyFile = `data "harnessdelegate_delegate" "payments" {
  for_each = toset(["payments-delegate", "payments-trainer"])

  org_id     = "default"
  project_id = "payments"
  name       = each.key
  wait_for { image = harnessdelegate_tag_override.payments.delegate_tag }
}

output "versions" {
  value = { for name, d in data.harnessdelegate_delegate.payments : name => "${d.version}, ${d.support_status}" }
}
`

func upgradeAndVerify(ctx context.Context, s *stage) error {
	held := []string{"default/payments: " + upgradeImage + " until 2025-02-18", ofOthers}
	if err := s.apply(ctx, held...); err != nil {
		return err
	}
	s.screen.printf("\nNow their upgraders ask the Manager, and set what they are told.\n")
	for _, name := range []string{"payments-delegate", "payments-trainer"} {
		s.manager.RunUpgrader(account, name)
	}
	if err := writeShown(s, "verify.tf", verifyFile); err != nil {
		return err
	}
	waits := func(output string) string {
		return linesWhere(output, func(line string) bool { return strings.HasPrefix(line, "data.harnessdelegate_delegate.") })
	}
	if _, err := s.show(ctx, waits, 0, "apply", "-auto-approve"); err != nil {
		return err
	}
	var versions map[string]string
	if err := s.output(ctx, "versions", &versions); err != nil {
		return err
	}
	const upgraded = "24.09.83900, supported"
	if err := expectEqual("versions", []string{versions["payments-delegate"], versions["payments-trainer"]}, []string{upgraded, upgraded}); err != nil {
		return err
	}
	return expectReport(ctx, s,
		"default/payments/payments-delegate 24.09.83900 until 2025-03-01 yes",
		"default/payments/payments-trainer 24.09.83900 until 2025-03-01 yes",
		"default/search/search-delegate 24.09.83900 until 2025-03-01 yes",
		"shared-delegate 24.06.83304 ends 2024-12-01 NO",
	)
}

func unpin(ctx context.Context, s *stage) error {
	if err := s.plan(ctx, planned{
		args:     []string{"-destroy"},
		shown:    func(output string) string { return summary(output) + "\n" + warningsOnly(output) },
		changes:  []string{"delete " + paymentsPin},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	return s.apply(ctx, ofOthers)
}

// writeShown puts a file into the workspace, and shows it.
func writeShown(s *stage, name, text string) error {
	if err := s.terraform.Write(name, text); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	s.screen.printf("\n%s:\n\n%s", name, text)
	return nil
}
