package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// planFile is where plans are saved, so that what is applied is what was shown.
const planFile = "tfplan"

// changesExit is Terraform's exit code for a plan with changes, if it is asked
// for a detailed one.
const changesExit = 2

// stage is where a chapter plays.
type stage struct {
	screen    *screen
	manager   *manager
	terraform *tfcli.Workspace
	// configuration is the folder that the chapter is about.
	configuration string
	// secrets must appear nowhere.
	secrets []string
	// planned is what Terraform printed when it made the last plan.
	planned  string
	clearing []func(context.Context) error
}

// use puts files of the configuration into the workspace.
func (s *stage) use(names ...string) error {
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(s.configuration, name))
		if err != nil {
			return fmt.Errorf("reading the configuration (the demo has to be started in the repository's root folder): %w", err)
		}
		if err := s.terraform.Write(name, string(text)); err != nil {
			return fmt.Errorf("copying the configuration: %w", err)
		}
	}
	return nil
}

// run runs Terraform behind the scene, and expects an exit code.
func (s *stage) run(ctx context.Context, exitCode int, args ...string) (tfcli.Result, error) {
	result, err := s.terraform.Run(ctx, args...)
	s.screen.remember(result.Output())
	if err != nil {
		return result, err
	}
	if result.ExitCode != exitCode {
		return result, fmt.Errorf("terraform %s ended with exit code %d instead of %d:\n%s",
			strings.Join(args, " "), result.ExitCode, exitCode, result.Output())
	}
	return result, nil
}

// show runs Terraform on the scene.
func (s *stage) show(ctx context.Context, shown view, exitCode int, args ...string) (tfcli.Result, error) {
	s.screen.printf("\n")
	s.screen.strong("$ terraform " + strings.Join(args, " "))
	result, err := s.run(ctx, exitCode, args...)
	if err != nil {
		return result, err
	}
	s.screen.terminal(shown(result.Output()))
	return result, nil
}

// planned is what a plan has to come to.
type planned struct {
	// args are those of terraform plan, beside what every plan gets.
	args []string
	// shown is quiet if it is nil.
	shown view
	// changes are as describePlan has them.
	changes []string
	// warnings are the headlines, sorted.
	warnings []string
}

// plan shows a plan that has changes, of resources or of output values.
func (s *stage) plan(ctx context.Context, want planned) error {
	shown := quiet
	if want.shown != nil {
		shown = want.shown
	}
	args := append([]string{"plan", "-out=" + planFile, "-detailed-exitcode"}, want.args...)
	result, err := s.show(ctx, shown, changesExit, args...)
	if err != nil {
		return err
	}
	s.planned = result.Output()
	saved, err := s.run(ctx, 0, "show", "-json", planFile)
	if err != nil {
		return err
	}
	plan, err := decodePlan(saved.Stdout)
	if err != nil {
		return err
	}
	changes, err := describePlan(plan)
	if err != nil {
		return err
	}
	if err := expectEqual("changes in the plan", timeless(changes), want.changes); err != nil {
		return err
	}
	return expectEqual("warnings of the plan", warningsIn(s.planned), want.warnings)
}

// apply shows how the last plan is applied, and what the Manager holds then.
func (s *stage) apply(ctx context.Context, held ...string) error {
	if _, err := s.show(ctx, news(s.planned), 0, "apply", planFile); err != nil {
		return err
	}
	now := s.manager.held()
	s.screen.printf("\nThe Manager now holds%s\n", listed(now))
	return expectEqual("overrides that the Manager holds", now, held)
}

// applyForGood is apply, after which nothing may be left to do.
func (s *stage) applyForGood(ctx context.Context, held ...string) error {
	if err := s.apply(ctx, held...); err != nil {
		return err
	}
	_, err := s.run(ctx, 0, "plan", "-detailed-exitcode")
	return err
}

// output reads an output value.
func (s *stage) output(ctx context.Context, name string, value any) error {
	result, err := s.run(ctx, 0, "output", "-json", name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(result.Stdout), value); err != nil {
		return fmt.Errorf("reading the output value %s: %w", name, err)
	}
	return nil
}

// expectAllUsed makes sure that the chapter leaves out no file of the
// configuration.
func (s *stage) expectAllUsed() error {
	files, err := filepath.Glob(filepath.Join(s.configuration, "*.tf"))
	if err != nil {
		return fmt.Errorf("looking for files left out: %w", err)
	}
	left := slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Stat(filepath.Join(s.terraform.Dir, filepath.Base(file)))
		return err == nil
	})
	return expectEqual("files that the chapter leaves out", left, nil)
}
