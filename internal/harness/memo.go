package harness

import (
	"context"
	"maps"
	"sync"
	"time"
)

// memo remembers what was read under a key, and lets readers that come while a
// read is under way share it. Failures are not remembered. The zero value is
// ready.
type memo[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]*memoEntry[V]
}

type memoEntry[V any] struct {
	began time.Time
	done  chan struct{}
	value V
	err   error
}

// get returns what is known under the key, or reads it. The read goes on when
// the reader that began it gives up, since others may wait for it.
func (m *memo[K, V]) get(ctx context.Context, key K, read func(context.Context) (V, error)) (V, error) {
	m.mu.Lock()
	entry, known := m.entries[key]
	if !known {
		if m.entries == nil {
			m.entries = make(map[K]*memoEntry[V])
		}
		entry = &memoEntry[V]{began: time.Now(), done: make(chan struct{})}
		m.entries[key] = entry
		go func() {
			entry.value, entry.err = read(context.WithoutCancel(ctx))
			if entry.err != nil {
				m.drop(key, entry)
			}
			close(entry.done)
		}()
	}
	m.mu.Unlock()

	select {
	case <-entry.done:
		return entry.value, entry.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// forget drops what is known under the key, unless the read began no longer
// than age ago. A read that is under way still answers those who wait for it,
// but nobody else.
func (m *memo[K, V]) forget(key K, age time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if entry, known := m.entries[key]; known && time.Since(entry.began) >= age {
		delete(m.entries, key)
	}
}

// forgetAll is forget for every key.
func (m *memo[K, V]) forgetAll(age time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.entries, func(_ K, entry *memoEntry[V]) bool { return time.Since(entry.began) >= age })
}

func (m *memo[K, V]) drop(key K, entry *memoEntry[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries[key] == entry {
		delete(m.entries, key)
	}
}

// keyedLock is a mutex per key whose waiters give up with their context. The
// zero value is ready. Keys stay in memory: there are as many as scopes.
type keyedLock[K comparable] struct {
	mu    sync.Mutex
	locks map[K]chan struct{}
}

// lock waits for the key and returns how to give it back.
func (l *keyedLock[K]) lock(ctx context.Context, key K) (unlock func(), err error) {
	l.mu.Lock()
	if l.locks == nil {
		l.locks = make(map[K]chan struct{})
	}
	held, ok := l.locks[key]
	if !ok {
		held = make(chan struct{}, 1)
		l.locks[key] = held
	}
	l.mu.Unlock()

	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
