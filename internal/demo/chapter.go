package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// chapter is a part of the demo about one folder of examples, in a workspace of
// its own.
type chapter struct {
	title string
	// configuration is the folder, seen from the root of the repository.
	configuration string
	// open makes what the chapter needs beside the Manager, and gives its steps.
	// It fails with missing where this machine hasn't got that.
	open func(context.Context, *stage) ([]step, error)
}

// step is shown under a heading of its own.
type step struct {
	title string
	// about tells what is going to be seen.
	about string
	play  func(context.Context, *stage) error
}

// missing is why a chapter can't be played on this machine.
type missing struct{ reason error }

func (m missing) Error() string { return m.reason.Error() }

func (m missing) Unwrap() error { return m.reason }

// notCleared is what went wrong with clearing away.
type notCleared struct{ err error }

func (n notCleared) Error() string { return "not everything was cleared away: " + n.err.Error() }

func (n notCleared) Unwrap() error { return n.err }

// show is all chapters, one after the other.
type show struct {
	screen  *screen
	manager *manager
	// dir gets a folder for each chapter.
	dir string
	// binary is the provider's.
	binary string
	// env is added to the environment of each run of Terraform.
	env []string
	// steps counts those that were played.
	steps int
	// left are the chapters left out, each with the reason.
	left []string
}

// play goes through the chapters up to the first step that fails.
func (s *show) play(ctx context.Context, chapters []chapter) error {
	for i, chapter := range chapters {
		s.screen.printf("\n")
		s.screen.strong(fmt.Sprintf("=== Chapter %d: %s", i+1, chapter.title))
		if err := s.perform(ctx, chapter); err != nil {
			return err
		}
	}
	s.screen.printf("\nEach of the %d steps went as it should, and neither the API key nor a delegate token appeared anywhere.\n", s.steps)
	for _, left := range s.left {
		s.screen.alarm(left)
	}
	return nil
}

// perform plays one chapter, and clears it away whatever becomes of it.
func (s *show) perform(ctx context.Context, c chapter) (err error) {
	stage, err := s.stage(c)
	if err != nil {
		return err
	}
	defer func() {
		if failed := stage.clearAway(ctx); failed != nil {
			err = errors.Join(err, notCleared{failed})
		}
	}()
	steps, err := c.open(ctx, stage)
	var lacking missing
	if errors.As(err, &lacking) {
		left := fmt.Sprintf("LEFT OUT: the chapter %q, because %s", c.title, lacking)
		s.left = append(s.left, left)
		s.screen.alarm(left)
		return nil
	}
	if err != nil {
		return fmt.Errorf("preparing the chapter %q: %w", c.title, err)
	}
	for _, step := range steps {
		s.steps++
		s.screen.printf("\n")
		s.screen.strong(fmt.Sprintf("%d. %s", s.steps, step.title))
		s.screen.printf("\n%s\n", step.about)
		if err := step.play(ctx, stage); err != nil {
			return fmt.Errorf("step %d, %q, went wrong: %w", s.steps, step.title, err)
		}
	}
	return errors.Join(stage.expectAllUsed(), stage.expectNoSecret())
}

// stage is an empty workspace for a chapter.
func (s *show) stage(c chapter) (*stage, error) {
	terraform, err := tfcli.New(filepath.Join(s.dir, filepath.Base(c.configuration)), tfcli.Source, s.binary)
	if err != nil {
		return nil, err
	}
	terraform.Env = append(terraform.Env, s.env...)
	return &stage{
		screen: s.screen, manager: s.manager, terraform: terraform, configuration: c.configuration,
		secrets: s.manager.secrets(),
	}, nil
}

// clearTime is how long it may take to clear a chapter away.
const clearTime = time.Minute

// inTheEnd has something cleared away when the chapter is over, or has failed,
// or was interrupted. What was made last goes first.
func (s *stage) inTheEnd(do func(context.Context) error) { s.clearing = append(s.clearing, do) }

func (s *stage) clearAway(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), clearTime)
	defer cancel()
	var failed []error
	for i := len(s.clearing) - 1; i >= 0; i-- {
		failed = append(failed, s.clearing[i](ctx))
	}
	return errors.Join(failed...)
}
