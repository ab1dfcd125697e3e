package kubetest

import (
	"context"
	"sync"
	"testing"
)

// shared is the control plane that the tests of a package have in common.
var shared struct {
	mutex   sync.Mutex
	cluster *Cluster
	err     error
}

// Shared returns the control plane that the tests of this process have in
// common, and starts it for the first of them. Where there can be none, the test
// is skipped.
func Shared(tb testing.TB) *Cluster {
	tb.Helper()
	if err := Supported(); err != nil {
		tb.Skip(err)
	}
	shared.mutex.Lock()
	defer shared.mutex.Unlock()
	if shared.cluster == nil && shared.err == nil {
		// It outlives this test.
		shared.cluster, shared.err = Start(context.Background())
	}
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.cluster
}

// StopShared ends the shared control plane, if there is one. It is for the end
// of TestMain; without it, the control plane ends with the process.
func StopShared() {
	shared.mutex.Lock()
	defer shared.mutex.Unlock()
	if shared.cluster != nil {
		shared.cluster.Stop()
		shared.cluster = nil
	}
}

// Run is for TestMain of packages that need nothing else there: it runs the
// tests and stops the shared control plane.
func Run(m *testing.M) int {
	defer StopShared()
	return m.Run()
}
