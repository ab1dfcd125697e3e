package main

import (
	"strings"
	"testing"
)

func TestSample(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values sample
		median float64
		text   string
	}{
		"none": {nil, 0, ""},
		"one":  {sample{1.26}, 1.26, "1.3"},
		"same": {sample{2, 2}, 2, "2.0"},
		"odd":  {sample{9, 1, 2}, 2, "2.0 (1.0..9.0)"},
		"even": {sample{4, 1, 3, 9}, 3.5, "3.5 (1.0..9.0)"},
	} {
		if got := test.values.median(); got != test.median {
			t.Errorf("%s: median %g, want %g", name, got, test.median)
		}
		if got := test.values.text(1); got != test.text {
			t.Errorf("%s: text %q, want %q", name, got, test.text)
		}
	}
}

func TestByTurns(t *testing.T) {
	t.Parallel()
	var order strings.Builder
	take := func(name string) func() (string, error) {
		return func() (string, error) {
			order.WriteString(name)
			return name, nil
		}
	}
	taken, err := byTurns(2, take("a"), take("b"))
	if err != nil {
		t.Fatal(err)
	}
	if got := order.String(); got != "abbaab" {
		t.Errorf("order %q", got)
	}
	if got := len(taken[0]) + len(taken[1]); got != 4 {
		t.Errorf("%d values, want 4: the first round is not counted", got)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var results table
	results.section("group")
	results.add(measure{name: "time", ours: sample{12}, empty: sample{10}, target: ratioAtMost(1.1)})
	results.add(measure{name: "size", digits: 1, ours: sample{3}, target: atMost(4)})
	results.add(measure{name: "writes", ours: sample{3}, target: exactly(4)})
	results.add(measure{name: "note", ours: sample{1, 3, 2}})
	var got strings.Builder
	if err := results.print(&got); err != nil {
		t.Fatal(err)
	}
	want := `measure  ours      empty provider  ratio  target        verdict

GROUP
time     12        10              1.20   ratio <= 1.1  over target
size     3.0                              <= 4          within target
writes   3                                = 4           over target
note     2 (1..3)
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
