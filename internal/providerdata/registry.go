package providerdata

import "sync"

// Registry keeps values of a run by their keys, for operations side by side. The
// zero value is empty and ready for use.
//
// Terraform plans and applies resources apart from each other. By a registry they
// notice that they concern the same object.
type Registry[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]V
}

// Claim keeps a value under a key unless there is one already. It returns the
// value that is kept, and whether it was there before.
func (r *Registry[K, V]) Claim(key K, value V) (kept V, claimed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if kept, claimed = r.entries[key]; claimed {
		return kept, true
	}
	r.set(key, value)
	return value, false
}

// Set keeps a value under a key in place of what was there.
func (r *Registry[K, V]) Set(key K, value V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set(key, value)
}

func (r *Registry[K, V]) set(key K, value V) {
	if r.entries == nil {
		r.entries = map[K]V{}
	}
	r.entries[key] = value
}

// Get is the value under a key, and whether there is one.
func (r *Registry[K, V]) Get(key K) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	value, found := r.entries[key]
	return value, found
}

// Has tells whether there is a value under a key.
func (r *Registry[K, V]) Has(key K) bool {
	_, found := r.Get(key)
	return found
}

// Shared is what the operations of one run share of a type, which is a feature's
// own. It begins as the zero value.
func Shared[T any](d *Data) *T {
	value, _ := d.shared.LoadOrStore(sharedKey[T]{}, new(T))
	shared, _ := value.(*T) // the key is of the same type
	return shared
}

// sharedKey is a type's key in the data.
type sharedKey[T any] struct{}
