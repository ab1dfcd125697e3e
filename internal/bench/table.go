package main

import (
	"fmt"
	"io"
	"strings"
)

// measure is one line of the result.
type measure struct {
	name string
	// digits are shown after the point.
	digits int
	// ours and empty are the values of both providers; either may be missing.
	ours, empty sample
	// target is what the provider should reach, if anything.
	target target
}

// ratio compares both medians. It is 0 if there is nothing to compare.
func (m measure) ratio() float64 {
	if len(m.ours) == 0 || m.empty.median() == 0 {
		return 0
	}
	return m.ours.median() / m.empty.median()
}

// cells are the columns of the line.
func (m measure) cells() []string {
	ratio := ""
	if m.ratio() > 0 {
		ratio = fmt.Sprintf("%.2f", m.ratio())
	}
	return []string{m.name, m.ours.text(m.digits), m.empty.text(m.digits), ratio, m.target.text, m.target.verdict(m)}
}

// target is a limit for a line; the zero value is none.
type target struct {
	text  string
	holds func(measure) bool
}

// atMost limits our median.
func atMost(limit float64) target {
	return target{
		text:  fmt.Sprintf("<= %g", limit),
		holds: func(m measure) bool { return m.ours.median() <= limit },
	}
}

// exactly is a value that our median must have.
func exactly(value float64) target {
	return target{
		text:  fmt.Sprintf("= %g", value),
		holds: func(m measure) bool { return m.ours.median() == value },
	}
}

// ratioAtMost limits the ratio of both medians.
func ratioAtMost(limit float64) target {
	return target{
		text:  fmt.Sprintf("ratio <= %g", limit),
		holds: func(m measure) bool { return m.ratio() <= limit },
	}
}

func (t target) verdict(m measure) string {
	switch {
	case t.holds == nil:
		return ""
	case t.holds(m):
		return "within target"
	default:
		return "over target"
	}
}

// table is all lines, in sections.
type table struct {
	lines [][]string
	// left is what could not be measured on this machine, and why.
	left []string
}

// leaveOut notes what can't be measured, for the last lines.
func (t *table) leaveOut(what string, reason error) {
	t.left = append(t.left, fmt.Sprintf("LEFT OUT: %s, because %v", what, reason))
}

// section starts a group of lines.
func (t *table) section(title string) {
	t.lines = append(t.lines, nil, []string{strings.ToUpper(title)})
}

// add appends a line.
func (t *table) add(m measure) { t.lines = append(t.lines, m.cells()) }

// print writes the table with aligned columns.
func (t *table) print(w io.Writer) error {
	header := []string{"measure", "ours", "empty provider", "ratio", "target", "verdict"}
	lines := append([][]string{header}, t.lines...)
	widths := make([]int, len(header))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, line := range lines {
		var text strings.Builder
		for i, cell := range line {
			_, _ = fmt.Fprintf(&text, "%-*s  ", widths[i], cell)
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(text.String(), " ")); err != nil {
			return fmt.Errorf("printing the table: %w", err)
		}
	}
	for _, left := range t.left {
		if _, err := fmt.Fprintf(w, "\n%s\n", left); err != nil {
			return fmt.Errorf("printing the table: %w", err)
		}
	}
	return nil
}
