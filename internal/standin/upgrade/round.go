package upgrade

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// pullTimeout bounds the download of an image.
const pullTimeout = 15 * time.Minute

// round looks after the containers of a delegate once.
type round struct {
	settings standin.Settings
	manager  *manager
	engine   *engine
	logger   *log.Logger
}

// run goes through the containers. What goes wrong with one of them doesn't keep it from the others.
func (r *round) run(ctx context.Context) error {
	delegates, err := r.delegates(ctx)
	if err != nil {
		return err
	}
	failures := []error{}
	for _, old := range delegates {
		if err := r.care(ctx, old); err != nil {
			failures = append(failures, fmt.Errorf("container %s: %w", old.Name, err))
		}
	}
	r.logger.Printf("round over, containers of delegate %s: %d", r.settings.WorkloadName, len(delegates))
	return errors.Join(failures...)
}

// delegates finds the running containers of the delegate.
func (r *round) delegates(ctx context.Context) ([]found, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	ids, err := r.engine.running(ctx)
	if err != nil {
		return nil, err
	}
	list := []found{}
	for _, id := range ids {
		one, err := r.engine.inspect(ctx, id)
		switch {
		case errors.Is(err, errNoSuch): // It ended since.
		case err != nil:
			return nil, err
		case standin.IsDelegate(one.environment(), r.settings.WorkloadName):
			one.Name = strings.TrimPrefix(one.Name, "/")
			list = append(list, one)
		}
	}
	return list, nil
}

// care checks the health of one delegate, and replaces it if the Manager wants another image.
func (r *round) care(ctx context.Context, old found) error {
	health := ""
	if old.State.Health != nil {
		health = ", " + old.State.Health.Status
	}
	r.logger.Printf("%s is %s%s, of image %s", old.Name, old.State.Status, health, old.image())
	if r.settings.HealthOnly {
		return nil
	}
	if name, retired := standin.SuccessorOf(old.Name, old.ID); retired {
		return r.settle(ctx, old, name)
	}
	answer, err := r.manager.askDelegate(ctx, r.settings.WorkloadName, old.image())
	if err != nil {
		return err
	}
	decision := standin.Decide(old.image(), answer, "")
	if !decision.Replace {
		r.logger.Printf("%s is to stay", old.Name)
		return nil
	}
	return r.upgrade(ctx, old, decision.Image)
}

// upgrade brings up the successor, then stops the old container.
func (r *round) upgrade(ctx context.Context, old found, image string) error {
	pulling, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	if err := r.engine.pull(pulling, image); err != nil {
		return fmt.Errorf("not upgraded, %s cannot be had without credentials: %w", image, err)
	}
	if err := r.replace(ctx, old, image); err != nil {
		return err
	}
	r.logger.Printf("%s runs %s, stopping the old container within %s", old.Name, image, r.settings.StopTimeout)
	return r.stop(ctx, old)
}

// replace goes to its end even if the upgrader is told to stop: half a replacement would leave no delegate.
func (r *round) replace(ctx context.Context, old found, image string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	inherited, err := r.engine.imageConfig(ctx, old.Image)
	if err != nil {
		return err
	}
	retired := standin.RetiredName(old.Name, old.ID)
	if err := r.rename(ctx, old.ID, retired); err != nil {
		return err
	}
	request, others := old.successor(image, inherited)
	if err := r.bringUp(ctx, old.Name, request, others); err != nil {
		return errors.Join(err, r.rename(ctx, old.ID, old.Name))
	}
	return nil
}

// bringUp makes and starts a container, or leaves none.
func (r *round) bringUp(ctx context.Context, name string, request object, others []network) error {
	var created struct {
		ID string `json:"Id"`
	}
	if err := r.engine.call(ctx, http.MethodPost, "/containers/create?name="+url.QueryEscape(name), request, &created); err != nil {
		return err
	}
	for _, n := range others {
		joining := object{"Container": created.ID, "EndpointConfig": n.endpoint}
		if err := r.engine.call(ctx, http.MethodPost, "/networks/"+url.PathEscape(n.name)+"/connect", joining, nil); err != nil {
			return errors.Join(err, r.remove(ctx, created.ID))
		}
	}
	if err := r.engine.call(ctx, http.MethodPost, "/containers/"+created.ID+"/start", nil, nil); err != nil {
		return errors.Join(err, r.remove(ctx, created.ID))
	}
	return nil
}

// settle ends a replacement that an earlier round was torn out of.
func (r *round) settle(ctx context.Context, old found, name string) error {
	calling, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	successor, err := r.engine.inspect(calling, name)
	switch {
	case errors.Is(err, errNoSuch):
		r.logger.Printf("%s has no successor, it gets its name back", old.Name)
		return r.rename(calling, old.ID, name)
	case err != nil:
		return err
	case !successor.State.Running:
		r.logger.Printf("the successor of %s doesn't run, it gets its name back", old.Name)
		if err := r.remove(calling, successor.ID); err != nil {
			return err
		}
		return r.rename(calling, old.ID, name)
	}
	r.logger.Printf("%s has a successor, stopping it within %s", old.Name, r.settings.StopTimeout)
	return r.stop(ctx, old)
}

// stop waits for the container's tasks as long as it is allowed to, and removes it.
func (r *round) stop(ctx context.Context, old found) error {
	seconds := strconv.Itoa(int(r.settings.StopTimeout.Seconds()))
	ctx, cancel := context.WithTimeout(ctx, r.settings.StopTimeout+callTimeout)
	defer cancel()
	err := r.engine.call(ctx, http.MethodPost, "/containers/"+old.ID+"/stop?t="+seconds, nil, nil)
	if err != nil && !errors.Is(err, errNoSuch) {
		return err
	}
	if automatic, _ := old.HostConfig["AutoRemove"].(bool); automatic {
		return nil
	}
	return r.remove(ctx, old.ID)
}

func (r *round) rename(ctx context.Context, id, name string) error {
	return r.engine.call(ctx, http.MethodPost, "/containers/"+id+"/rename?name="+url.QueryEscape(name), nil, nil)
}

func (r *round) remove(ctx context.Context, id string) error {
	err := r.engine.call(ctx, http.MethodDelete, "/containers/"+id+"?v=1&force=1", nil, nil)
	if errors.Is(err, errNoSuch) {
		return nil
	}
	return err
}
