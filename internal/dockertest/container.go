package dockertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// maxTestName is how much of a test's name goes into the names of its containers.
const maxTestName = 30

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// UniqueName makes a name that no other test uses, for a container, an image's repository, a network or a volume.
func UniqueName(tb testing.TB) string {
	tb.Helper()
	name := strings.Trim(notInNames.ReplaceAllString(strings.ToLower(tb.Name()), "-"), "-")
	return strings.Trim(name[:min(len(name), maxTestName)], "-") + "-" + strings.ToLower(rand.Text()[:10])
}

// Sweep removes, when the test ends, all containers whose name begins with the prefix, whoever made them.
func (e *Engine) Sweep(tb testing.TB, prefix string) {
	tb.Helper()
	tb.Cleanup(func() {
		ctx, cancel := afterTest(tb)
		defer cancel()
		if err := e.RemoveContainers(ctx, prefix); err != nil {
			tb.Error(err)
		}
	})
}

// RemoveContainers kills and removes all containers whose name begins with the prefix.
func (e *Engine) RemoveContainers(ctx context.Context, prefix string) error {
	names, err := e.Names(ctx, prefix)
	if err != nil {
		return err
	}
	failures := []error{}
	for _, name := range names {
		failures = append(failures, e.removeContainer(ctx, name))
	}
	return errors.Join(failures...)
}

// removeContainer kills and removes a container. It is fine if there is none, or if somebody else is at it.
func (e *Engine) removeContainer(ctx context.Context, nameOrID string) error {
	_, err := e.API.ContainerRemove(ctx, nameOrID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || cerrdefs.IsNotFound(err) {
		return nil
	}
	if cerrdefs.IsConflict(err) && strings.Contains(err.Error(), "already in progress") {
		return nil
	}
	return fmt.Errorf("removing container %s: %w", nameOrID, err)
}

// Names lists the containers, running or not, whose name begins with the prefix.
func (e *Engine) Names(ctx context.Context, prefix string) ([]string, error) {
	if prefix == "" {
		return nil, errors.New("an empty prefix would take in containers of others")
	}
	filter := client.Filters{}.Add("name", "^/"+regexp.QuoteMeta(prefix))
	list, err := e.API.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	if err != nil {
		return nil, fmt.Errorf("listing containers %s*: %w", prefix, err)
	}
	names := []string{}
	for _, item := range list.Items {
		for _, name := range item.Names {
			names = append(names, strings.TrimPrefix(name, "/"))
		}
	}
	return names, nil
}

// Run makes and starts a container, which is removed when the test ends, and returns its ID.
func (e *Engine) Run(tb testing.TB, options client.ContainerCreateOptions) string {
	tb.Helper()
	created, err := e.API.ContainerCreate(tb.Context(), options)
	if err != nil {
		tb.Fatalf("creating container %s: %v", options.Name, err)
	}
	tb.Cleanup(func() {
		ctx, cancel := afterTest(tb)
		defer cancel()
		if err := e.removeContainer(ctx, created.ID); err != nil {
			tb.Error(err)
		}
	})
	if _, err := e.API.ContainerStart(tb.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
		tb.Fatalf("starting container %s: %v", options.Name, err)
	}
	return created.ID
}

// Container inspects a container, and reports whether there is one.
func (e *Engine) Container(tb testing.TB, nameOrID string) (container.InspectResponse, bool) {
	tb.Helper()
	result, err := e.API.ContainerInspect(tb.Context(), nameOrID, client.ContainerInspectOptions{})
	switch {
	case cerrdefs.IsNotFound(err):
		return container.InspectResponse{}, false
	case err != nil:
		tb.Fatalf("inspecting container %s: %v", nameOrID, err)
	}
	return result.Container, true
}

// Logs is what a container has printed, standard output and standard error together.
func (e *Engine) Logs(tb testing.TB, nameOrID string) string {
	tb.Helper()
	text, err := e.ReadLogs(tb.Context(), nameOrID)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// ReadLogs is Logs outside of tests.
func (e *Engine) ReadLogs(ctx context.Context, nameOrID string) (string, error) {
	stream, err := e.API.ContainerLogs(ctx, nameOrID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true})
	if err != nil {
		return "", fmt.Errorf("reading the log of container %s: %w", nameOrID, err)
	}
	defer func() { _ = stream.Close() }()
	var text bytes.Buffer
	if _, err := stdcopy.StdCopy(&text, &text, stream); err != nil {
		return "", fmt.Errorf("reading the log of container %s: %w", nameOrID, err)
	}
	return text.String(), nil
}

// Signal sends a signal, such as SIGUSR1, to the program in a container.
func (e *Engine) Signal(tb testing.TB, nameOrID, signal string) {
	tb.Helper()
	if _, err := e.API.ContainerKill(tb.Context(), nameOrID, client.ContainerKillOptions{Signal: signal}); err != nil {
		tb.Fatalf("sending %s to container %s: %v", signal, nameOrID, err)
	}
}

// Eventually waits until the condition holds, for a minute at most. The text says what it waits for.
func Eventually(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	const interval = 20 * time.Millisecond
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	deadline := time.After(callTimeout)
	for !condition() {
		select {
		case <-ticker.C:
		case <-deadline:
			tb.Fatalf("waited %s in vain for this: %s", callTimeout, what)
		}
	}
}
