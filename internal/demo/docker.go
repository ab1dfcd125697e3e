package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// What is made on Docker.
const (
	dockerUpgrader = "harnessdelegate_upgrader.docker"
	dockerOverride = "harnessdelegate_tag_override.docker"
)

// dockerScene is an engine with a delegate, and the images that are there.
type dockerScene struct {
	engine
	// first and second are images of the delegate, own is the upgrader's.
	first, second, own string
}

// docker is the chapter about an upgrader on Docker.
func docker() chapter {
	return chapter{
		title:         "An override reaches a delegate on Docker",
		configuration: "examples/upgrader-docker",
		open: func(ctx context.Context, s *stage) ([]step, error) {
			d, err := openEngine(ctx, s)
			if err != nil {
				return nil, err
			}
			return []step{
				{
					"An upgrader beside a delegate's container",
					"examples/upgrader-docker asks for an upgrader, and for the image that the delegate\nruns already. The image of a stand-in for Harness's upgrader, and the network by\nwhich a container reaches the Manager on this machine, are in demo_override.tf.",
					d.deploy,
				},
				{
					"Another image",
					"The override changes. The upgrader's next round brings the image to the delegate.",
					d.upgrade,
				},
				{
					"Stopped by hand",
					"Somebody stops the upgrader.",
					d.repair,
				},
				{
					"Clear away",
					"Override and upgrader go; the delegate stays.",
					d.destroy,
				},
			}, nil
		},
	}
}

// usableEngine connects to an engine that runs containers on this very machine,
// from where they reach the Manager.
func usableEngine(ctx context.Context, s *stage) (*dockertest.Engine, error) {
	if runtime.GOOS != "linux" {
		return nil, missing{fmt.Errorf("containers don't run on %s itself, and so would not reach the Manager", runtime.GOOS)}
	}
	connected, err := dockertest.Connect(ctx)
	if err != nil {
		return nil, missing{fmt.Errorf("there is no Docker Engine: %w", err)}
	}
	s.inTheEnd(func(context.Context) error { return connected.Close() })
	if connected.Socket() == "" {
		return nil, missing{fmt.Errorf("the Docker Engine at %s may be on another machine, from where containers don't reach the Manager", connected.Host)}
	}
	info, err := connected.API.Info(ctx, client.InfoOptions{})
	if err != nil {
		return nil, fmt.Errorf("asking the Docker Engine what it is: %w", err)
	}
	if slices.ContainsFunc(info.Info.SecurityOptions, func(option string) bool { return strings.Contains(option, "rootless") }) {
		return nil, missing{errors.New("the Docker Engine is rootless, and its containers don't reach the Manager")}
	}
	return connected, nil
}

// openEngine makes images and a delegate's container. The names are such that
// nobody else has them, and no registry is asked for them.
func openEngine(ctx context.Context, s *stage) (*dockerScene, error) {
	connected, err := usableEngine(ctx, s)
	if err != nil {
		return nil, err
	}
	token, err := s.manager.projectToken()
	if err != nil {
		return nil, err
	}
	s.screen.printf("\nMaking images of a delegate and of an upgrader on the Docker Engine at %s.\n", connected.Host)
	upgrader, delegate, err := standin.Build(ctx)
	if err != nil {
		return nil, err
	}
	suffix := strings.ToLower(rand.Text()[:10])
	d := &dockerScene{
		engine: engine{Engine: connected, name: "harnessdelegate-demo-" + suffix},
		first:  "harness/delegate:" + newlyReleased + "-demo-" + suffix,
		second: "harness/delegate:" + newlyReleased + "-fixed-" + suffix,
		own:    "harnessdelegate-demo-" + suffix + "/upgrader:1",
	}
	for _, image := range []struct{ name, program, argument string }{
		{d.own, upgrader, "STANDIN_RUN_AT_START=true"},
		{d.first, delegate, "-version=" + newlyReleased},
		{d.second, delegate, "-version=" + newlyReleased + "-fixed"},
	} {
		s.inTheEnd(func(ctx context.Context) error { return connected.RemoveImage(ctx, image.name) })
		if err := connected.AddImage(ctx, image.name, image.program, image.argument); err != nil {
			return nil, err
		}
	}
	s.inTheEnd(func(ctx context.Context) error { return connected.RemoveContainers(ctx, d.name) })
	s.manager.Release(account, newlyReleased)
	s.manager.AddDelegate(simulator.Delegate{AccountID: account, OrgID: "default", ProjectID: "payments", Name: d.name, Type: "DOCKER"})
	if err := d.run(ctx, d.name, d.first,
		"DELEGATE_NAME="+d.name, "ACCOUNT_ID="+account, "MANAGER_HOST_AND_PORT="+s.manager.URL, "DELEGATE_TOKEN="+token); err != nil {
		return nil, err
	}
	s.terraform.Env = append(s.terraform.Env,
		"DOCKER_HOST="+connected.Host, "TF_VAR_delegate_name="+d.name, "TF_VAR_delegate_token="+token, "TF_VAR_delegate_image="+d.first)
	return d, nil
}

// elsewhere is what differs here from the example, as an override file, which
// Terraform merges into the configuration.
func (d *dockerScene) elsewhere() string {
	return fmt.Sprintf(`resource "harnessdelegate_upgrader" "docker" {
  image = %q

  docker {
    container_stop_timeout = 2700
    log_driver             = "local"
    network_mode           = "host"
    socket_path            = %q
  }
}
`, d.own, d.Socket())
}
