package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// screen shows the story, and remembers everything that was printed on the way,
// also what it doesn't show.
type screen struct {
	out   io.Writer
	color bool
	seen  strings.Builder
	// err is the first error of writing.
	err error
}

// printf shows a text.
func (s *screen) printf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.remember(text)
	if _, err := io.WriteString(s.out, text); err != nil && s.err == nil {
		s.err = fmt.Errorf("writing to the screen: %w", err)
	}
}

// remember takes note of a text that is not shown.
func (s *screen) remember(text string) { s.seen.WriteString(text) }

// strong shows a line in bold where that is possible.
func (s *screen) strong(text string) {
	if s.color {
		text = "\x1b[1m" + text + reset
	}
	s.printf("%s\n", text)
}

// alarm shows a text that nobody is to overlook.
func (s *screen) alarm(text string) {
	const width = 80
	bar := strings.Repeat("!", width)
	s.printf("\n%s\n", bar)
	s.strong(text)
	s.printf("%s\n", bar)
}

// terminal shows a part of Terraform's output. Colours end with it.
func (s *screen) terminal(text string) {
	if s.color {
		text += reset
	}
	s.printf("%s", text)
}

// reset ends bold and colours.
const reset = "\x1b[0m"

// escape is a colour or another mode of a terminal.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

func plain(text string) string { return escape.ReplaceAllString(text, "") }

// view picks what is shown of Terraform's output.
type view func(output string) string

// installation shows which providers terraform init has installed.
func installation(output string) string {
	return linesWhere(output, func(line string) bool { return strings.HasPrefix(line, "- Installed ") })
}

// summary shows what happens to which resource, without the attributes.
func summary(output string) string {
	return linesWhere(output, func(line string) bool {
		return strings.HasPrefix(line, "  # ") || strings.HasPrefix(line, "Plan: ")
	})
}

// warningsOnly shows the warnings, which come last, with the frames that they
// have in colour.
func warningsOnly(output string) string {
	lines := strings.SplitAfter(output, "\n")
	first := slices.IndexFunc(lines, func(line string) bool { return warning.MatchString(plain(line)) })
	if first < 0 {
		return ""
	}
	if first > 0 && strings.HasPrefix(plain(lines[first-1]), "╷") {
		first--
	}
	return compose(paragraphs(strings.Join(lines[first:], "")))
}

// linesWhere keeps the lines that the condition, which sees no colours, holds
// for.
func linesWhere(output string, keep func(line string) bool) string {
	var kept strings.Builder
	for line := range strings.Lines(output) {
		if keep(plain(line)) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// news shows what an apply says beside the plan before it: neither warnings
// again, nor the output values, which come whether they have changed or not.
func news(plan string) view {
	return func(output string) string {
		output, _, _ = strings.Cut(output, "Outputs:\n")
		said := paragraphs(plan)
		return compose(slices.DeleteFunc(paragraphs(output), func(paragraph string) bool {
			return slices.Contains(said, paragraph)
		}))
	}
}

// quiet leaves out what repeats itself with each run and says nothing of
// overrides.
func quiet(output string) string { return compose(paragraphs(output)) }

// paragraphs are the parts between blank lines, and the framed messages, that
// are worth showing.
func paragraphs(output string) []string {
	var shown, paragraph []string
	end := func() {
		if len(paragraph) > 0 && !isBoilerplate(paragraph) {
			shown = append(shown, strings.Join(paragraph, "\n"))
		}
		paragraph = nil
	}
	for line := range strings.SplitSeq(output, "\n") {
		text := plain(line)
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "╷") {
			end()
		}
		if !isNoise(text) {
			paragraph = append(paragraph, line)
		}
		if strings.HasPrefix(text, "╵") {
			end()
		}
	}
	end()
	return shown
}

func compose(paragraphs []string) string {
	if len(paragraphs) == 0 {
		return ""
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}

// isNoise tells of a line that is blank or reports nothing but progress.
func isNoise(line string) bool {
	return strings.TrimSpace(line) == "" || containsAny(line, ": Refreshing state...", ": Reading...", ": Read complete after")
}

// isBoilerplate tells of a paragraph that explains Terraform.
func isBoilerplate(lines []string) bool {
	return containsAny(
		plain(strings.Join(lines, "\n")),
		"Terraform has compared your real infrastructure",
		"Terraform used the selected providers",
		"Terraform will perform the following actions:",
		"You can apply this plan to save these new output values",
		"Unless you have made equivalent changes",
		"Warning: "+configGeneration,
		"Generating configuration during import",
		"─────",
	)
}

func containsAny(text string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
