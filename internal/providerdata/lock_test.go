package providerdata_test

import (
	"sync"
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// Many take overlapping keys in different orders: the counters are right, which
// the race detector would doubt otherwise, and nobody waits for ever.
func TestLock(t *testing.T) {
	t.Parallel()
	data := &providerdata.Data{}
	counters := map[string]*int{"a": new(int), "b": new(int), "c": new(int)}
	orders := [][]string{{"a", "b"}, {"b", "a", "b"}, {"c", "b"}, {"a", "c"}, {}}
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			keys := orders[i%len(orders)]
			defer data.Lock(keys...)()
			for _, key := range keys {
				*counters[key]++
			}
		})
	}
	group.Wait()
	if *counters["a"] != 60 || *counters["b"] != 80 || *counters["c"] != 40 {
		t.Errorf("a %d, b %d, c %d", *counters["a"], *counters["b"], *counters["c"])
	}
}
