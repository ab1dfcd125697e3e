package fleet

import (
	"context"
	"sync"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// Budget bounds what the impacts of many changes cost together, as those of a
// plan: for each account the latest version and one list of all delegates, and the
// overrides of no more than a number of scopes. What has failed once isn't asked
// for again. It is safe for concurrent use.
type Budget struct {
	scopes *allowance

	mu       sync.Mutex
	accounts map[string]*wholeAccount
}

// wholeAccount is what the impacts of all changes in an account need.
type wholeAccount struct {
	once   sync.Once
	latest string
	fleet  Fleet
	err    error
}

// NewBudget makes a budget of scopes.
func NewBudget(scopes int) *Budget {
	return &Budget{scopes: &allowance{left: scopes}, accounts: map[string]*wholeAccount{}}
}

// ReadImpact is the function of that name within the budget. What would exceed it
// is among what could not be seen. It takes the right to view delegates of the
// whole account: without that, no override of the account can be seen, which may
// reach any delegate.
func (b *Budget) ReadImpact(ctx context.Context, client *harness.Client, change delegate.Change) (Impact, error) {
	account := b.account(common(change.Scopes()).Account)
	account.once.Do(func() { account.read(ctx, client, change.Scopes()[0].Account, b.scopes) })
	if account.err != nil {
		return Impact{}, account.err
	}
	return impact(ctx, client, change, account.fleet.clone(), account.latest, b.scopes), nil
}

func (b *Budget) account(identifier string) *wholeAccount {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.accounts[identifier] == nil {
		b.accounts[identifier] = &wholeAccount{}
	}
	return b.accounts[identifier]
}

func (w *wholeAccount) read(ctx context.Context, client *harness.Client, identifier string, limit *allowance) {
	at := delegate.Scope{Account: identifier}
	latest, err := client.LatestSupportedVersion(ctx, at)
	if err == nil {
		w.latest = latest.Version
		w.fleet, err = Read(ctx, client, Query{Scope: at, Below: true, limit: limit})
	}
	w.err = err
}
