package main

import (
	"fmt"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
)

// sample is the values that repeated measurements gave.
type sample []float64

// median is the middle value: unlike the mean it doesn't care how far off a
// disturbed measurement is. It is 0 for an empty sample.
func (s sample) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// text shows the median, and the range if there is one.
func (s sample) text(digits int) string {
	switch {
	case len(s) == 0:
		return ""
	case slices.Min(s) == slices.Max(s):
		return fmt.Sprintf("%.*f", digits, s[0])
	default:
		return fmt.Sprintf("%.*f (%.*f..%.*f)", digits, s.median(), digits, slices.Min(s), digits, slices.Max(s))
	}
}

// byTurns takes measurements in turn, so that each meets the same disturbances,
// in the order given and then backwards, so that none is always the first. A
// first round that isn't counted fills the caches.
func byTurns[T any](rounds int, takes ...func() (T, error)) ([][]T, error) {
	taken := make([][]T, len(takes))
	for round := range rounds + 1 {
		for turn := range takes {
			i := turn
			if round%2 == 1 {
				i = len(takes) - 1 - turn
			}
			value, err := takes[i]()
			if err != nil {
				return nil, err
			}
			if round > 0 {
				taken[i] = append(taken[i], value)
			}
		}
	}
	return taken, nil
}

// each makes a sample of one number of each measurement.
func each[T any](taken []T, number func(T) float64) sample {
	values := make(sample, len(taken))
	for i, one := range taken {
		values[i] = number(one)
	}
	return values
}

func seconds(c cost) float64 { return c.wall.Seconds() }

func milliseconds(c cost) float64 { return c.wall.Seconds() * 1000 }

func cpuSeconds(c cost) float64 { return c.cpu.Seconds() }

func cpuMilliseconds(c cost) float64 { return c.cpu.Seconds() * 1000 }

func mebibytes(used usage.Total) float64 { return float64(used.MaxRSS) / 1024 }
