package upgrader

import (
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// numbers are the first ones, each with its text, and how many of them were
// asked for.
func numbers(count int, asked *int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for i := range count {
			*asked++
			if !yield(i, strconv.Itoa(i)) {
				return
			}
		}
	}
}

// However long each takes, results come in order, and no more are made at a time
// than may be.
func TestInOrderOf(t *testing.T) {
	t.Parallel()
	for _, atATime := range []int{1, 3, 8} {
		var mutex sync.Mutex
		var asked, running, most int
		waiting := make(chan struct{})
		got := slices.Collect(inOrderOf(atATime, numbers(20, &asked), func(i int, text string) string {
			mutex.Lock()
			running++
			most = max(most, running)
			full := running == atATime
			mutex.Unlock()
			if i < atATime { // the first ones wait for each other
				if full {
					close(waiting)
				}
				<-waiting
			}
			mutex.Lock()
			defer mutex.Unlock()
			running--
			return text
		}))
		want := []string{}
		for i := range 20 {
			want = append(want, strconv.Itoa(i))
		}
		if !slices.Equal(got, want) || most != atATime {
			t.Errorf("%d at a time: got %q, with %d at a time", atATime, got, most)
		}
	}
}

// Who has had enough makes it stop.
func TestInOrderOf_stops(t *testing.T) {
	t.Parallel()
	asked := 0
	for range inOrderOf(3, numbers(20, &asked), func(i int, _ string) int { return i }) {
		break
	}
	if asked != 3 {
		t.Errorf("%d were asked for, want 3", asked)
	}
	if got := slices.Collect(inOrderOf(3, numbers(0, &asked), func(i int, _ string) int { return i })); len(got) > 0 {
		t.Errorf("of nothing comes %v", got)
	}
}
