package providerdata_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	var registry providerdata.Registry[string, int]
	if value, found := registry.Get("slot"); found || value != 0 || registry.Has("slot") {
		t.Errorf("an empty registry has %d", value)
	}
	if kept, claimed := registry.Claim("slot", 1); kept != 1 || claimed {
		t.Errorf("the first claim keeps %d, claimed before: %t", kept, claimed)
	}
	if kept, claimed := registry.Claim("slot", 2); kept != 1 || !claimed {
		t.Errorf("the second claim keeps %d, want the first; claimed before: %t", kept, claimed)
	}
	registry.Set("slot", 3)
	if value, found := registry.Get("slot"); value != 3 || !found || !registry.Has("slot") || registry.Has("other") {
		t.Errorf("after Set there is %d (%t)", value, found)
	}
}

// Of many that claim one key at the same time, one is first.
func TestRegistry_claimedOnce(t *testing.T) {
	t.Parallel()
	var (
		registry providerdata.Registry[string, int]
		first    atomic.Int32
		all      sync.WaitGroup
	)
	for i := range 50 {
		all.Go(func() {
			if _, claimed := registry.Claim("slot", i); !claimed {
				first.Add(1)
			}
		})
	}
	all.Wait()
	if first.Load() != 1 {
		t.Errorf("%d were first", first.Load())
	}
}

// Each run and each type has a value of its own.
func TestShared(t *testing.T) {
	t.Parallel()
	type one struct{ n int }
	type other struct{ n int }
	run := providerdata.New(account(types.StringNull()), nil, nil)
	providerdata.Shared[one](run).n = 7
	if got := providerdata.Shared[one](run).n; got != 7 {
		t.Errorf("it is not kept: %d", got)
	}
	if got := providerdata.Shared[other](run).n; got != 0 {
		t.Errorf("another type has %d", got)
	}
	if got := providerdata.Shared[one](providerdata.New(account(types.StringNull()), nil, nil)).n; got != 0 {
		t.Errorf("another run has %d", got)
	}
}
