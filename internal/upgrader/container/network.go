package container

import (
	"context"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// containerNetwork begins the network mode that shares another container's
// network.
const containerNetwork = "container:"

// isDefaultNetwork tells whether a network mode is the engine's default bridge,
// which engines call by different names: asked for nothing, old ones answer
// "default" and new ones "bridge".
func isDefaultNetwork(mode string) bool {
	return mode == "" || mode == "default" || mode == "bridge"
}

// isNetworkName tells whether a network mode is the name or ID of a network that
// somebody made.
func isNetworkName(mode string) bool {
	return !isDefaultNetwork(mode) && mode != "host" && mode != "none" && !strings.HasPrefix(mode, containerNetwork)
}

// sameNetwork tells whether a container's network mode is the wanted one in
// another spelling: a network has a name and an ID, and so has a container.
func (p *platform) sameNetwork(ctx context.Context, want string, c *api.InspectResponse) (bool, error) {
	live := string(c.HostConfig.NetworkMode)
	wanted, sharesWanted := strings.CutPrefix(want, containerNetwork)
	shared, sharesLive := strings.CutPrefix(live, containerNetwork)
	switch {
	case live == want:
		return true, nil
	case sharesWanted && sharesLive:
		other, found, err := p.inspect(ctx, wanted)
		return found && (other.Name == shared || other.ID == shared), err
	case isNetworkName(want) && isNetworkName(live):
		result, err := read(ctx, func() (client.NetworkInspectResult, error) {
			return p.engine.NetworkInspect(ctx, want, client.NetworkInspectOptions{})
		})
		if cerrdefs.IsNotFound(err) {
			return false, nil
		}
		return err == nil && (result.Network.Name == live || result.Network.ID == live), err
	default:
		return false, nil
	}
}
