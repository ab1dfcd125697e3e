package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// What the story's overrides are called and say.
const (
	organization  = "harnessdelegate_tag_override.organization"
	paymentsGPU   = "harnessdelegate_tag_override.payments_gpu"
	wholeAccount  = "harnessdelegate_tag_override.whole_account"
	platformImage = "registry.example.com/platform/delegate:24.04.82804"
	gpuImage      = "registry.example.com/payments/delegate-gpu:24.04.82804"
	curlImage     = "harness/delegate:24.03.82600"
	// ofOthers is an override that Terraform doesn't know and that stays.
	ofOthers = "default/search: registry.example.com/search/delegate:24.09.83900 until 2025-01-19"
)

// The warnings that the story meets.
const (
	otherImage  = "Delegates Get Another Image"
	pastSupport = "Delegate Version Past End of Support"
	expired     = "Tag Override Expired"
)

// overrides is the chapter about overrides alone. Its steps build on each other.
func overrides() chapter {
	const configuration = "examples/complete"
	steps := []step{
		{
			"Which delegate has Harness released?",
			"provider.tf and released.tf of " + configuration + ". It is 15 May 2024.",
			lookUp,
		},
		{
			"Pin an organization and a project",
			"pins.tf: an image for all delegates of an organization, and another for those\nof one project that carry the tag \"gpu\". The plan warns of each delegate that\nis told another image by that.",
			pin,
		},
		{
			"Nothing is left to do",
			"A second plan is empty. So it is after each apply that follows; the demo makes sure\nof that without showing it.",
			nothingToDo,
		},
		{
			"A change behind Terraform's back",
			"On 24 May somebody sets another image for the organization, with curl. The next\nplan is made on 27 May.",
			drift,
		},
		{
			"Time for a renewal",
			"It is 28 October. Harness has released another delegate, and the organization's\npin ends in less than renew_before_days. The project's pin doesn't ask for renewal.",
			renewal,
		},
		{
			"Too late for a renewal",
			"It is 18 November. The project's pin has ended a week ago, unrenewed.",
			expiry,
		},
		{
			"Adopt what somebody has set with curl",
			"On 20 November there are two overrides that Terraform doesn't know. One, for the\nwhole account, shall be managed from now on: import.tf names it by its slot, and\nTerraform writes the rest.",
			adopt,
		},
		{
			"Which image does a delegate get, and why?",
			"images.tf asks for two delegates.",
			answer,
		},
		{
			"Clear away",
			"What Terraform has set or adopted goes; what belongs to others stays.",
			destroy,
		},
	}
	return chapter{
		title:         "Which image delegates run",
		configuration: configuration,
		open:          func(context.Context, *stage) ([]step, error) { return steps, nil },
	}
}

func lookUp(ctx context.Context, s *stage) error {
	if err := s.use("provider.tf", "released.tf"); err != nil {
		return err
	}
	if _, err := s.show(ctx, installation, 0, "init"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{}); err != nil {
		return err
	}
	if err := s.applyForGood(ctx); err != nil {
		return err
	}
	var found struct {
		BaseImage string `json:"base_image"`
	}
	if err := s.output(ctx, "released", &found); err != nil {
		return err
	}
	return expectEqual("image released", []string{found.BaseImage}, []string{"harness/delegate:" + released})
}

func pin(ctx context.Context, s *stage) error {
	if err := s.use("pins.tf"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{
		changes:  []string{"create " + organization, "create " + paymentsGPU},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	return s.applyForGood(ctx,
		"default: "+platformImage+" until 2024-11-11",
		"default/payments {gpu}: "+gpuImage+" until 2024-11-11")
}

func nothingToDo(ctx context.Context, s *stage) error {
	_, err := s.show(ctx, quiet, 0, "plan", "-detailed-exitcode")
	return err
}

func drift(ctx context.Context, s *stage) error {
	s.manager.passTo(time.May, 24)
	if err := s.manager.put(simulator.Override{OrgID: "default", Version: curlImage}, 180); err != nil {
		return err
	}
	s.manager.passTo(time.May, 27)
	if err := s.plan(ctx, planned{
		changes: []string{
			"update " + organization + ": delegate_tag " + curlImage + " -> " + platformImage +
				", valid_until 2024-11-20T09:00:00Z -> (known after apply)",
		},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	return s.applyForGood(ctx,
		"default: "+platformImage+" until 2024-11-23",
		"default/payments {gpu}: "+gpuImage+" until 2024-11-11")
}

func renewal(ctx context.Context, s *stage) error {
	s.manager.passTo(time.October, 28)
	s.manager.Release(account, "24.09.83900")
	if err := s.plan(ctx, planned{
		changes: []string{
			"update " + organization + ": status expiring -> active, valid_until 2024-11-23T09:00:00Z -> (known after apply)",
		},
		warnings: []string{pastSupport},
	}); err != nil {
		return err
	}
	return s.applyForGood(ctx,
		"default: "+platformImage+" until 2025-04-26",
		"default/payments {gpu}: "+gpuImage+" until 2024-11-11")
}

func expiry(ctx context.Context, s *stage) error {
	s.manager.passTo(time.November, 18)
	if err := s.plan(ctx, planned{
		changes:  []string{"create " + paymentsGPU},
		warnings: []string{pastSupport, otherImage, expired},
	}); err != nil {
		return err
	}
	return s.applyForGood(ctx,
		"default: "+platformImage+" until 2025-04-26",
		"default/payments {gpu}: "+gpuImage+" until 2025-05-17")
}

func adopt(ctx context.Context, s *stage) error {
	s.manager.passTo(time.November, 20)
	if err := s.manager.put(simulator.Override{Version: curlImage}, 90); err != nil {
		return err
	}
	if err := s.manager.put(simulator.Override{OrgID: "default", ProjectID: "search", Version: "registry.example.com/search/delegate:24.09.83900"}, 60); err != nil {
		return err
	}
	block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", wholeAccount, account+"/untagged")
	if err := s.terraform.Write("import.tf", block); err != nil {
		return fmt.Errorf("writing the import block: %w", err)
	}
	s.screen.printf("\n%s", block)
	const generated = "adopted.tf"
	if err := s.plan(ctx, planned{
		args:    []string{"-generate-config-out=" + generated},
		changes: []string{"import " + wholeAccount},
	}); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(s.terraform.Dir, generated))
	if err != nil {
		return fmt.Errorf("reading the configuration that Terraform has written: %w", err)
	}
	s.screen.printf("\n%s:\n\n%s", generated, text)
	return s.applyForGood(ctx,
		"account: "+curlImage+" until 2025-02-18",
		"default: "+platformImage+" until 2025-04-26",
		"default/payments {gpu}: "+gpuImage+" until 2025-05-17",
		ofOthers)
}

func answer(ctx context.Context, s *stage) error {
	if err := s.use("images.tf"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{}); err != nil {
		return err
	}
	if err := s.applyForGood(ctx, s.manager.held()...); err != nil {
		return err
	}
	var images map[string]struct {
		Image string `json:"image"`
	}
	if err := s.output(ctx, "images", &images); err != nil {
		return err
	}
	s.screen.printf("\nNow their upgraders ask the Manager, and set what they are told:\n")
	before := s.manager.Delegates(account)
	for _, delegate := range before {
		s.manager.RunUpgrader(account, delegate.Name)
	}
	var told, set []string
	for i, delegate := range s.manager.Delegates(account) {
		change := delegate.Name + ": " + before[i].Replicas[0].Image + " -> "
		told = append(told, change+images[delegate.Name].Image)
		set = append(set, change+delegate.Replicas[0].Image)
	}
	s.screen.printf("%s\n", strings.TrimPrefix(listed(set), "\n"))
	return expectEqual("images, as Terraform tells them and as the Manager does", told, set)
}

func destroy(ctx context.Context, s *stage) error {
	if err := s.plan(ctx, planned{
		args:     []string{"-destroy"},
		shown:    summary,
		changes:  []string{"delete " + organization, "delete " + paymentsGPU, "delete " + wholeAccount},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	return s.apply(ctx, ofOthers)
}
