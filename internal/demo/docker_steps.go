package main

import (
	"context"
	"fmt"
	"strings"
)

// held is what the Manager holds while the delegate is to run an image.
func (d *dockerScene) held(image string) []string {
	return []string{"default/payments {" + d.name + "}: " + image + " until 2025-05-19", ofOthers}
}

// showContainers shows the containers there are.
func (d *dockerScene) showContainers(ctx context.Context, s *stage) ([]string, error) {
	found, err := d.containers(ctx)
	if err == nil {
		s.screen.printf("\nContainers:%s\n", listed(found))
	}
	return found, err
}

// expectContainers shows the containers, and checks them.
func (d *dockerScene) expectContainers(ctx context.Context, s *stage, want ...string) error {
	found, err := d.showContainers(ctx, s)
	if err != nil {
		return err
	}
	return expectEqual("containers", found, want)
}

func (d *dockerScene) delegateRuns(image string) string {
	return describeContainer(d.name, image, "running")
}

func (d *dockerScene) upgraderRuns() string {
	return describeContainer(d.upgrader(), d.own, "running")
}

func (d *dockerScene) deploy(ctx context.Context, s *stage) error {
	if err := s.use("provider.tf", "variables.tf", "main.tf"); err != nil {
		return err
	}
	if err := s.terraform.Write("demo_override.tf", d.elsewhere()); err != nil {
		return fmt.Errorf("writing demo_override.tf: %w", err)
	}
	s.screen.printf("\ndemo_override.tf:\n\n%s", d.elsewhere())
	if err := d.expectContainers(ctx, s, d.delegateRuns(d.first)); err != nil {
		return err
	}
	if _, err := s.show(ctx, installation, 0, "init"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{
		changes:  []string{"create " + dockerOverride, "create " + dockerUpgrader},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	if err := s.applyForGood(ctx, d.held(d.first)...); err != nil {
		return err
	}
	return d.expectContainers(ctx, s, d.delegateRuns(d.first), d.upgraderRuns())
}

func (d *dockerScene) upgrade(ctx context.Context, s *stage) error {
	if err := d.awaitRounds(ctx, 1); err != nil { // the one that it makes at its start
		return err
	}
	s.terraform.Env = append(s.terraform.Env, "TF_VAR_delegate_image="+d.second)
	if err := s.plan(ctx, planned{
		changes: []string{
			"update " + dockerOverride + ": delegate_tag " + d.first + " -> " + d.second + ", valid_until 2025-05-19T09:00:00Z -> (known after apply)",
		},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	if err := s.applyForGood(ctx, d.held(d.second)...); err != nil {
		return err
	}
	// Not checked: a round may be due by the upgrader's schedule just now.
	if _, err := d.showContainers(ctx, s); err != nil {
		return err
	}
	log, err := d.nextRound(ctx)
	if err != nil {
		return err
	}
	s.screen.printf("\nThe upgrader's next round, as it logs it:%s\n", listed(strings.Split(strings.TrimSpace(log), "\n")))
	return d.expectContainers(ctx, s, d.delegateRuns(d.second), d.upgraderRuns())
}

func (d *dockerScene) repair(ctx context.Context, s *stage) error {
	if err := d.stop(ctx, d.upgrader()); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{changes: []string{
		"update " + dockerUpgrader + ": drift [Container/" + d.upgrader() + ": is not running (exited with code 0 at TIME)] -> []",
	}}); err != nil {
		return err
	}
	if err := s.apply(ctx, d.held(d.second)...); err != nil {
		return err
	}
	if err := d.expectContainers(ctx, s, d.delegateRuns(d.second), d.upgraderRuns()); err != nil {
		return err
	}
	return nothingToDo(ctx, s)
}

func (d *dockerScene) destroy(ctx context.Context, s *stage) error {
	if err := s.plan(ctx, planned{
		args: []string{"-destroy"}, shown: summary,
		changes:  []string{"delete " + dockerOverride, "delete " + dockerUpgrader},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	if err := s.apply(ctx, ofOthers); err != nil {
		return err
	}
	return d.expectContainers(ctx, s, d.delegateRuns(d.second))
}
