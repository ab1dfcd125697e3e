package fleet

import (
	"errors"
	"sync"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// errBudget stands for a scope that wasn't asked for.
var errBudget = errors.New("not looked at, to keep the number of requests small")

// allowance counts the scopes that may be asked about. A scope that was taken
// before costs nothing, since the client remembers the answer. A nil one has no
// end.
type allowance struct {
	mu    sync.Mutex
	left  int
	taken map[delegate.Scope]bool
}

func (a *allowance) take(scope delegate.Scope) bool {
	if a == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.taken[scope] {
		return true
	}
	if a.left <= 0 {
		return false
	}
	a.left--
	if a.taken == nil {
		a.taken = map[delegate.Scope]bool{}
	}
	a.taken[scope] = true
	return true
}
