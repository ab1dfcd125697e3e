package providerdata

import (
	"slices"
	"sync"
)

// Lock keeps everybody else of this run from what the keys name until the
// returned function is called. Operations of one run go on side by side, and two
// of them may concern the same object: one resource lets go of it while another
// one takes it over.
func (d *Data) Lock(keys ...string) (unlock func()) {
	// In order and once each, so that no two wait for each other.
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	held := make([]*sync.Mutex, 0, len(keys))
	for _, key := range keys {
		value, _ := d.locks.LoadOrStore(key, &sync.Mutex{})
		if mutex, ok := value.(*sync.Mutex); ok {
			mutex.Lock()
			held = append(held, mutex)
		}
	}
	return func() {
		for _, mutex := range held {
			mutex.Unlock()
		}
	}
}
