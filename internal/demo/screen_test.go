package main

import (
	"errors"
	"strings"
	"testing"
)

// planOutput is what Terraform prints for a plan with one change.
const planOutput = `override.x: Refreshing state... [id=a/untagged]

Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  ~ update in-place

Terraform will perform the following actions:

  # override.x will be updated in-place
  ~ resource "override" "x" {
      ~ status = "expiring" -> "active"
    }

Plan: 0 to add, 1 to change, 0 to destroy.

Warning: Old

  with override.x

─────────────────────────────────────────────────────────────────────────────

Saved.
`

func TestQuiet(t *testing.T) {
	t.Parallel()
	const want = `  # override.x will be updated in-place
  ~ resource "override" "x" {
      ~ status = "expiring" -> "active"
    }

Plan: 0 to add, 1 to change, 0 to destroy.

Warning: Old

  with override.x

Saved.
`
	if got := quiet(planOutput); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := quiet("\n\n"); got != "" {
		t.Errorf("got %q of nothing", got)
	}
}

func TestQuiet_keepsFramedMessagesApart(t *testing.T) {
	t.Parallel()
	const output = "done\n\x1b[33m╷\x1b[0m\n│ Warning: Old\n│ \n│ text\n\x1b[33m╵\x1b[0m\x1b[1m\nApply complete!\n"
	const want = "done\n\n\x1b[33m╷\x1b[0m\n│ Warning: Old\n│ \n│ text\n\x1b[33m╵\x1b[0m\x1b[1m\n\nApply complete!\n"
	if got := quiet(output); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	const output = "override.x: Modifying...\n\nWarning: Old\n\n  with override.x\n\nWarning: New\n\nApply complete!\n\nOutputs:\n\nname = 1\n"
	const want = "override.x: Modifying...\n\nWarning: New\n\nApply complete!\n"
	if got := news(planOutput)(output); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	const want = "  # override.x will be updated in-place\nPlan: 0 to add, 1 to change, 0 to destroy.\n"
	if got := summary(planOutput); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWarningsOnly(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		planOutput: "Warning: Old\n\n  with override.x\n\nSaved.\n",
		"done\n\x1b[33m╷\x1b[0m\n│ \x1b[1mWarning: \x1b[0mOld\n│ text\n\x1b[33m╵\x1b[0m\n": "\x1b[33m╷\x1b[0m\n│ \x1b[1mWarning: \x1b[0mOld\n│ text\n\x1b[33m╵\x1b[0m\n",
		"No Warning: here\n": "",
	} {
		if got := warningsOnly(output); got != want {
			t.Errorf("got %q of %q, want %q", got, output, want)
		}
	}
}

func TestInstallation(t *testing.T) {
	t.Parallel()
	const line = "- Installed harnessdelegate/harnessdelegate v0.1.0 (unauthenticated)\n"
	if got := installation("Initializing...\n- Installing harnessdelegate/harnessdelegate v0.1.0...\n" + line + "\nWarning: x\n"); got != line {
		t.Errorf("got %q, want %q", got, line)
	}
}

func TestScreen(t *testing.T) {
	t.Parallel()
	for color, want := range map[bool]string{
		false: "title\ntext\n",
		true:  "\x1b[1mtitle\x1b[0m\ntext\n\x1b[0m",
	} {
		var out strings.Builder
		s := &screen{out: &out, color: color}
		s.strong("title")
		s.terminal("text\n")
		s.remember("hidden")
		if out.String() != want || s.err != nil {
			t.Errorf("got %q and the error %v, want %q", out.String(), s.err, want)
		}
		if got := s.seen.String(); got != want+"hidden" {
			t.Errorf("remembered %q", got)
		}
	}
}

func TestScreen_tellsThatItCannotWrite(t *testing.T) {
	t.Parallel()
	s := &screen{out: brokenPipe{}}
	s.printf("text")
	if !errors.Is(s.err, errBroken) {
		t.Errorf("got the error %v", s.err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }
