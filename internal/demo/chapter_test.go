package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rehearsal is a show of chapters in which nobody runs Terraform.
type rehearsal struct {
	*show
	t      *testing.T
	played []string
}

func newRehearsal(t *testing.T) *rehearsal {
	t.Helper()
	manager, err := startManager(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := manager.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	binary := filepath.Join(dir, "provider")
	if err := os.WriteFile(binary, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return &rehearsal{show: &show{screen: &screen{out: io.Discard}, manager: manager, dir: dir, binary: binary}, t: t}
}

// chapter is one whose steps fail with the errors given, and which is cleared
// away in the end.
func (r *rehearsal) chapter(title string, failures ...error) chapter {
	return chapter{title: title, configuration: filepath.Join(r.t.TempDir(), title), open: func(_ context.Context, s *stage) ([]step, error) {
		s.inTheEnd(func(context.Context) error { return r.note(title+" cleared", nil) })
		s.inTheEnd(func(ctx context.Context) error { return r.note(title+" clearing", ctx.Err()) })
		var steps []step
		for _, failure := range failures {
			steps = append(steps, step{title: title, play: func(context.Context, *stage) error { return r.note(title, failure) }})
		}
		return steps, nil
	}}
}

func (r *rehearsal) note(what string, err error) error {
	r.played = append(r.played, what)
	return err
}

func TestShow_play(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t)
	errOdd := errors.New("odd")
	err := r.play(t.Context(), []chapter{r.chapter("first", nil, nil), r.chapter("second", errOdd, nil), r.chapter("third", nil)})
	if !errors.Is(err, errOdd) || !strings.Contains(err.Error(), `step 3, "second"`) {
		t.Errorf("got the error %v", err)
	}
	want := []string{"first", "first", "first clearing", "first cleared", "second", "second clearing", "second cleared"}
	if !slices.Equal(r.played, want) {
		t.Errorf("got%s\nwant%s", listed(r.played), listed(want))
	}
}

// What a machine lacks is told where the chapter would be, and at the end.
func TestShow_play_missing(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t)
	lacking := chapter{title: "docks", configuration: "docks", open: func(context.Context, *stage) ([]step, error) {
		return nil, missing{errors.New("there are no ships")}
	}}
	if err := r.play(t.Context(), []chapter{lacking, r.chapter("other", nil)}); err != nil {
		t.Fatal(err)
	}
	const told = `LEFT OUT: the chapter "docks", because there are no ships`
	seen := r.screen.seen.String()
	if strings.Count(seen, told) != 2 || strings.LastIndex(seen, told) < strings.Index(seen, "Each of the 1 steps") {
		t.Errorf("%q isn't told twice, at last in the end:\n%s", told, seen)
	}
}

// An interruption keeps nothing from being cleared away, and doesn't hide what
// could not be.
func TestShow_play_interrupted(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t)
	ctx, cancel := context.WithCancel(t.Context())
	c := r.chapter("stopped", nil)
	open := c.open
	errStuck := errors.New("stuck")
	c.open = func(ctx context.Context, s *stage) ([]step, error) {
		s.inTheEnd(func(context.Context) error { return errStuck })
		cancel()
		steps, _ := open(ctx, s)
		return steps, ctx.Err()
	}
	err := interruptedOr(ctx, r.play(ctx, []chapter{c}))
	if !errors.Is(err, errStuck) || !strings.Contains(err.Error(), "interrupted; not everything was cleared away: stuck") {
		t.Errorf("got the error %v", err)
	}
	if want := []string{"stopped clearing", "stopped cleared"}; !slices.Equal(r.played, want) {
		t.Errorf("played %q, want %q", r.played, want)
	}
}
