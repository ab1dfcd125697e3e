package fleet

import (
	"errors"
	"sync"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// errBudget stands for a scope that wasn't asked for.
var errBudget = errors.New("not looked at, to keep the number of requests small")

// allowance counts the scopes that may be asked about. A scope that was taken
// before costs nothing: the client remembers the answer, and the allowance that
// there was none. A nil one has no end.
type allowance struct {
	mu    sync.Mutex
	left  int
	taken map[delegate.Scope]error
}

// take fails for a scope that must not be asked about, or has failed before.
func (a *allowance) take(scope delegate.Scope) error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if failure, taken := a.taken[scope]; taken {
		return failure
	}
	if a.left <= 0 {
		return errBudget
	}
	a.left--
	if a.taken == nil {
		a.taken = map[delegate.Scope]error{}
	}
	a.taken[scope] = nil
	return nil
}

// failed keeps why a scope gave no answer, so that it isn't asked about again.
func (a *allowance) failed(scope delegate.Scope, err error) {
	if a == nil || err == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.taken[scope] = err
}
