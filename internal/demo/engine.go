package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// engine is the Docker Engine of this machine, to people with docker.
type engine struct {
	*dockertest.Engine
	// name is the delegate's, and the beginning of the names of all containers.
	// No other container begins like it.
	name string
}

// upgrader is the name that the provider gives the upgrader's container.
func (e engine) upgrader() string { return e.name + "-upgrader" }

// run starts a container.
func (e engine) run(ctx context.Context, name, image string, env ...string) error {
	created, err := e.API.ContainerCreate(ctx, client.ContainerCreateOptions{Name: name, Config: &container.Config{Image: image, Env: env}})
	if err != nil {
		return fmt.Errorf("making the container %s: %w", name, err)
	}
	if _, err := e.API.ContainerStart(ctx, created.ID, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("starting the container %s: %w", name, err)
	}
	return nil
}

// signal sends a signal to the program in a container.
func (e engine) signal(ctx context.Context, name, signal string) error {
	if _, err := e.API.ContainerKill(ctx, name, client.ContainerKillOptions{Signal: signal}); err != nil {
		return fmt.Errorf("sending %s to the container %s: %w", signal, name, err)
	}
	return nil
}

// stop is what docker stop does.
func (e engine) stop(ctx context.Context, name string) error {
	if _, err := e.API.ContainerStop(ctx, name, client.ContainerStopOptions{}); err != nil {
		return fmt.Errorf("stopping the container %s: %w", name, err)
	}
	return nil
}

// containers are the demo's, each as its name, its image and its state.
func (e engine) containers(ctx context.Context) ([]string, error) {
	names, err := e.Names(ctx, e.name)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var lines []string
	for _, name := range names {
		found, err := e.API.ContainerInspect(ctx, name, client.ContainerInspectOptions{})
		if err != nil {
			return nil, fmt.Errorf("inspecting the container %s: %w", name, err)
		}
		lines = append(lines, describeContainer(name, found.Container.Config.Image, string(found.Container.State.Status)))
	}
	return lines, nil
}

func describeContainer(name, image, state string) string {
	return fmt.Sprintf("%s (%s): %s", name, state, image)
}

// betweenRounds is what the stand-in logs when a round is over.
const betweenRounds = "next round at"

// rounds counts the rounds that the upgrader has made.
func (e engine) rounds(ctx context.Context) (int, error) {
	text, err := e.ReadLogs(ctx, e.upgrader())
	return strings.Count(text, betweenRounds), err
}

// awaitRounds waits until the upgrader has made so many rounds.
func (e engine) awaitRounds(ctx context.Context, number int) error {
	return await(ctx, "the upgrader ends its round", func() (bool, error) {
		made, err := e.rounds(ctx)
		return made >= number, err
	})
}

// nextRound asks the upgrader for a round, and gives what it has logged of it.
func (e engine) nextRound(ctx context.Context) (string, error) {
	before, err := e.ReadLogs(ctx, e.upgrader())
	if err != nil {
		return "", err
	}
	if err := e.signal(ctx, e.upgrader(), "SIGUSR1"); err != nil {
		return "", err
	}
	if err := e.awaitRounds(ctx, strings.Count(before, betweenRounds)+1); err != nil {
		return "", err
	}
	after, err := e.ReadLogs(ctx, e.upgrader())
	return strings.TrimPrefix(after, before), err
}
