package dockertest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// skipped is a test that is told to skip, and goes on.
type skipped struct {
	testing.TB
	why string
}

func (s *skipped) Skipf(format string, args ...any) {
	s.why = fmt.Sprintf(format, args...)
	panic(s)
}

func TestNeedSkipsLoudlyWithoutAnEngine(t *testing.T) {
	const nowhere = "unix:///nowhere/docker.sock"
	t.Setenv("DOCKER_HOST", nowhere)
	told := &skipped{TB: t}
	func() {
		defer func() { _ = recover() }()
		dockertest.Need(told)
	}()
	for _, part := range []string{"SKIPPED: no Docker Engine", nowhere} {
		if !strings.Contains(told.why, part) {
			t.Errorf("the test was skipped with %q, without %q", told.why, part)
		}
	}
	if e, err := dockertest.Connect(t.Context()); err == nil {
		t.Errorf("connected to %s", e.Host)
	}
}

func TestEngineHasAgreedOnAVersion(t *testing.T) {
	e := dockertest.Need(t)
	server, err := e.API.ServerVersion(t.Context(), client.ServerVersionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if agreed := e.API.ClientVersion(); agreed > server.APIVersion {
		t.Errorf("the client speaks %s, the engine up to %s", agreed, server.APIVersion)
	}
}

func TestContainerOfAnImageMadeOfAProgram(t *testing.T) {
	e := dockertest.Need(t)
	name := dockertest.UniqueName(t)
	image := name + ":1"
	t.Run("is there during the test", func(t *testing.T) {
		delegateImage(t, e, image, "1")
		id := e.Run(t, named(name, image))
		waitForLog(t, e, id, "delegate "+name+", version 1, is up")
		inspected, there := e.Container(t, name)
		wantEqual(t, there, true)
		wantEqual(t, inspected.State.Running, true)
		wantEqual(t, inspected.Config.Image, image)

		e.Signal(t, name, "SIGTERM")
		waitForLog(t, e, name, "delegate has ended")
	})
	if _, there := e.Container(t, name); there {
		t.Error("the container outlived its test")
	}
	if _, err := e.API.ImageInspect(t.Context(), image); !cerrdefs.IsNotFound(err) {
		t.Errorf("the image outlived its test: %v", err)
	}
}

func TestSweepRemovesWhatOthersMade(t *testing.T) {
	e := dockertest.Need(t)
	name := dockertest.UniqueName(t)
	delegateImage(t, e, name+":1", "1")
	stranger := "x" + name
	e.Run(t, named(stranger, name+":1"))
	t.Run("sweeps", func(t *testing.T) {
		e.Sweep(t, name)
		for _, suffix := range []string{"", "-a"} {
			created, err := e.API.ContainerCreate(t.Context(), named(name+suffix, name+":1"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.API.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
				t.Fatal(err)
			}
		}
	})
	left, err := e.Names(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, left, []string{})
	if _, there := e.Container(t, stranger); !there {
		t.Error("a container was removed that only has the name in it")
	}
	if err := e.RemoveContainers(context.Background(), ""); err == nil {
		t.Error("an empty prefix was taken")
	}
}
