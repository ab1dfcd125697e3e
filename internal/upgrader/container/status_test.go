package container_test

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func (b bed) status(t *testing.T, name string) spec.Status {
	t.Helper()
	s, exists, err := b.platform().Status(t.Context(), spec.Place{Name: name}, time.Now())
	if err != nil || !exists {
		t.Fatalf("exists is %t, the error %v", exists, err)
	}
	silent(t, s.Problem())
	if s.LastFailure != nil {
		silent(t, s.LastFailure.Message)
	}
	return s
}

func TestStatus_lifecycle(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	apply(t, b.platform(), b.wanted(), nil)
	s := b.status(t, b.name)
	if !s.Running || s.Problem() != "" || s.LastFailure != nil || s.Container.State != "running" || s.Container.Restarts != 0 {
		t.Errorf("running: %+v, %+v", s, s.Container)
	}
	if s.DelegateName != b.name || s.Image != b.image || s.Schedule != spec.DefaultSchedule || s.Suspended {
		t.Errorf("arguments: %+v", s)
	}
	if ahead := time.Until(s.NextRun); ahead <= 0 || ahead > time.Hour {
		t.Errorf("the next run is at %s", s.NextRun)
	}
	if up := time.Since(s.Container.StartedAt); up < 0 || up > time.Hour {
		t.Errorf("it was started at %s", s.Container.StartedAt)
	}

	b.Signal(t, b.name, "SIGKILL") // a kill by the user isn't followed by a restart
	dockertest.Eventually(t, "it has ended", func() bool { return !b.live(t, b.name).State.Running })
	s = b.status(t, b.name)
	if s.Running || !s.NextRun.IsZero() || s.LastFailure == nil || s.LastFailure.Reason != "Error" || *s.LastFailure.ExitCode != 137 || s.LastFailure.Time.Before(s.Container.StartedAt) {
		t.Errorf("killed: %+v, %+v", s, s.LastFailure)
	}
	if !strings.Contains(s.Problem(), "is not running: it exited with code 137 at ") {
		t.Errorf("problem %q", s.Problem())
	}
}

// A program that ends at once is started again and again.
func TestStatus_restarting(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	options := documented(b)
	options.Name, options.Config.Env[4] = b.name, "SCHEDULE=nonsense"
	options.HostConfig.RestartPolicy.Name = "always"
	b.Run(t, options)
	dockertest.Eventually(t, "the engine waits before it starts it again", func() bool {
		s := b.status(t, b.name)
		return !s.Running && s.Container.State == "restarting" && s.Container.Restarts > 0 &&
			s.LastFailure != nil && s.LastFailure.Reason == "Error" && strings.Contains(s.Problem(), "is restarting, having exited with code ")
	})
}

func TestStatus_none(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if _, exists, err := b.platform().Status(t.Context(), spec.Place{Name: b.name}, time.Now()); exists || err != nil {
		t.Errorf("exists is %t, the error %v", exists, err)
	}
	options := documented(b)
	options.Name, options.Config.Env = b.name, []string{"X=1"}
	if _, err := b.API.ContainerCreate(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	_, _, err := b.platform().Status(t.Context(), spec.Place{Name: b.name}, time.Now())
	if f := failure(t, err); !strings.Contains(f.Error(), "it is no upgrader") || !strings.Contains(f.Advice, "docker/CONTAINER") {
		t.Error(f)
	}
	engine, err := client.New(client.WithHost("unix:///nowhere/docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = engine.Close() })
	_, _, err = at(engine, "unix:///nowhere/docker.sock").Status(t.Context(), spec.Place{Name: b.name}, time.Now())
	if f := failure(t, err); !strings.Contains(f.Error(), "read Container/"+b.name) || !strings.Contains(f.Advice, "There is no socket at unix:///nowhere/docker.sock") {
		t.Error(f)
	}
}
