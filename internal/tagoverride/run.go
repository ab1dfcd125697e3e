package tagoverride

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

// runState is what the overrides of one run know of each other.
type runState struct {
	// planned are the slots that resources of this plan will hold.
	planned providerdata.Registry[delegate.Slot, holder]
	// managed are the slots whose override is that of a resource in the state.
	managed providerdata.Registry[delegate.Slot, bool]
	// told are the slots whose impact the plan has told with a replacement.
	told providerdata.Registry[delegate.Slot, bool]
	// unreachable: the Manager could not be reached for warnings, so that the
	// other resources of the plan don't wait for it, too.
	unreachable atomic.Bool
	// impacts counts the warnings about delegates that get another image.
	impacts atomic.Int32
}

func (r *overrideResource) run() *runState { return providerdata.Shared[runState](r.Data) }

// holder is a resource that is planned to hold a slot.
type holder struct {
	// resource tells it from others.
	resource string
	// holds describes its override.
	holds string
}

// resourceKey is where the private state keeps what tells a resource from others.
// Terraform tells a provider no addresses, and plans a replacement twice. It hands
// what the first planning kept to the second.
const resourceKey = "resource"

// claimSlot refuses a second resource for a slot that another one of this plan
// holds, whether that is there already or is to be created.
func (r *overrideResource) claimSlot(ctx context.Context, slot delegate.Slot, holds string, private privateState) diag.Diagnostics {
	resource, diags := identityIn(ctx, private)
	other, claimed := r.run().planned.Claim(slot, holder{resource, holds})
	if claimed && other.resource != resource {
		diags.AddAttributeError(path.Root(attrTags), twoResources, fmt.Sprintf(
			"Another resource of this configuration is for %s too: %s. This one has %s. A scope holds one override with tags and one without, so only one of the two can exist. "+
				"Keep one of them, or give them different scopes.", slot, other.holds, holds))
	}
	return diags
}

// identityIn is what tells a resource from others, and is made where there is none.
func identityIn(ctx context.Context, private privateState) (string, diag.Diagnostics) {
	value, diags := private.GetKey(ctx, resourceKey)
	var identity string
	if json.Unmarshal(value, &identity) == nil && identity != "" {
		return identity, diags
	}
	identity = rand.Text()
	diags.Append(private.SetKey(ctx, resourceKey, []byte(`"`+identity+`"`))...)
	return identity, diags
}
