package container

import (
	"cmp"
	"context"
	"fmt"
	"time"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// envZone is what tells a program its time zone.
const envZone = "TZ"

// Status implements spec.Platform. The upgrader starts its runs within the
// container, so the engine knows nothing of them: it tells whether the container
// runs, and how it has ended if it doesn't.
func (p *platform) Status(ctx context.Context, place spec.Place, now time.Time) (spec.Status, bool, error) {
	c, found, err := p.upgraderAt(ctx, place)
	if err != nil || !found {
		return spec.Status{}, false, err
	}
	image, err := p.imageOf(ctx, c)
	if err != nil {
		return spec.Status{}, false, p.fail("read the image of "+objectOf(c).String()+" on the engine at "+p.host, err, secret.Mask{})
	}
	return statusOf(c, image, now), true, nil
}

// statusOf reads the status from a container.
func statusOf(c *api.InspectResponse, image imageFacts, now time.Time) spec.Status {
	env := envMap(c.Config.Env)
	s := spec.Status{
		DelegateName: env[envWorkload],
		Image:        c.Config.Image,
		Suspended:    env[envDisable] == "true",
		Schedule:     cmp.Or(env[envSchedule], spec.DefaultSchedule),
		TimeZone:     env[envZone],
		Running:      status(c.State) == api.StateRunning,
		Container: &spec.ContainerState{
			State:     string(status(c.State)),
			StartedAt: timeOf(c.State.StartedAt),
			Restarts:  int64(c.RestartCount),
		},
	}
	token, password, _, _ := secrets(c)
	hidden := secret.NewMask(token, password)
	s.LastFailure = failureOf(c, hidden)
	if s.Suspended {
		s.Problems = append(s.Problems, fmt.Sprintf("%s has %s=true: it does health checks and upgrades nothing.", objectOf(c), envDisable))
	}
	if !s.Running {
		s.Problems = append(s.Problems, hidden.Hide(notRunning(c)))
	}
	obstacles := hindrances(c, image)
	schedule, err := delegate.ParseSchedule(s.Schedule)
	switch {
	case err != nil:
		obstacles = append(obstacles, fmt.Sprintf("environment variable %s is %q: %v", envSchedule, s.Schedule, err))
	case !schedule.FiveFields():
		obstacles = append(obstacles, fmt.Sprintf("environment variable %s is %q: an upgrader on Docker takes a cron expression of five fields", envSchedule, s.Schedule))
	}
	for _, what := range obstacles {
		s.Problems = append(s.Problems, hidden.Hide(fmt.Sprintf("%s: %s.", objectOf(c), what)))
	}
	if s.Running && !s.Suspended && len(obstacles) == 0 {
		s.Due(delegate.RunTimes{Schedule: s.Schedule, TimeZone: s.TimeZone, From: s.Container.StartedAt}, now)
	}
	return s
}

// notRunning says what the container does instead.
func notRunning(c *api.InspectResponse) string {
	switch status(c.State) {
	case api.StatePaused:
		return fmt.Sprintf("%s is paused.", objectOf(c))
	case api.StateRestarting:
		return fmt.Sprintf("%s is restarting, having %s.", objectOf(c), unended(ended(c.State, false)))
	case api.StateCreated:
		return fmt.Sprintf("%s was never started.", objectOf(c))
	case api.StateDead, api.StateRemoving:
		return fmt.Sprintf("%s is being removed.", objectOf(c))
	default:
		return fmt.Sprintf("%s is not running: it %s.", objectOf(c), unended(ended(c.State, true)))
	}
}

// failureOf is how the container has ended last, unless it was well. Of one that
// was started again, the engine keeps no more than the time.
func failureOf(c *api.InspectResponse, hidden secret.Mask) *spec.RunFailure {
	f := &spec.RunFailure{Time: timeOf(c.State.FinishedAt)}
	switch state := status(c.State); {
	case state == api.StateRunning && c.RestartCount > 0:
		f.Reason = "Restarted"
		f.Message = fmt.Sprintf("%s has ended, and the engine has started it again. The number of restarts so far: %d.", objectOf(c), c.RestartCount)
		return f
	case state == api.StateRunning, state == api.StatePaused:
		return nil
	}
	switch {
	case c.State.OOMKilled:
		f.Reason = "OOMKilled"
	case c.State.ExitCode != 0 || c.State.Error != "":
		f.Reason = "Error"
	default:
		return nil
	}
	code := int64(c.State.ExitCode)
	f.ExitCode = &code
	f.Message = hidden.Hide(fmt.Sprintf("%s %s.", objectOf(c), unended(ended(c.State, false))))
	return f
}

// timeOf reads a time of the engine's, which writes the year 1 for none.
func timeOf(text string) time.Time {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || parsed.Year() <= 1 {
		return time.Time{}
	}
	return parsed
}
