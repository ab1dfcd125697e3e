package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// removalTime is how long it may take to remove what was made on Docker.
const removalTime = time.Minute

// measureDocker measures the life of one upgrader on Docker.
func (b *bench) measureDocker(ctx context.Context, results *table) (err error) {
	const what = "one upgrader on Docker"
	if runtime.GOOS != "linux" {
		results.leaveOut(what, errors.New("the stand-in for the upgrader is a program of this system, and containers run Linux"))
		return nil
	}
	engine, err := dockertest.Connect(ctx)
	if err != nil {
		results.leaveOut(what, err)
		return nil
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	b.say("making the image of a stand-in for the upgrader")
	upgrader, _, err := standin.Build(ctx)
	if err != nil {
		return err
	}
	name := "harnessdelegate-bench-" + strings.ToLower(rand.Text()[:10])
	image := name + "/upgrader:1"
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removalTime)
		defer cancel()
		err = errors.Join(err, engine.RemoveContainers(ctx, name), engine.RemoveImage(ctx, image))
	}()
	if err := engine.AddImage(ctx, image, upgrader); err != nil {
		return err
	}
	proxy, err := dockertest.NewProxy(engine) //nolint:contextcheck // it is there until it is closed
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, proxy.Close()) }()
	return b.dockerLives(ctx, results, name, image, proxy)
}

// dockerLives compares an upgrader's life with that of the empty provider's
// resource. The proxy counts the requests.
func (b *bench) dockerLives(ctx context.Context, results *table, name, image string, proxy *dockertest.Proxy) error {
	dir := filepath.Join(b.dir, "docker")
	config := b.ours.head(fmt.Sprintf("  docker { host = %q }\n", proxy.Host())) + fmt.Sprintf(`
resource "harnessdelegate_upgrader" "one" {
  delegate_name = %q
  token         = %q
  image         = %q
  docker {
    network_mode = "none"
  }
}
`, name, delegateToken, image)
	mine, err := b.ours.workspaceWith(ctx, filepath.Join(dir, "ours"), config)
	if err != nil {
		return err
	}
	theirs, err := b.empty.workspaceWith(ctx, filepath.Join(dir, "empty"), b.empty.oneResource())
	if err != nil {
		return err
	}
	b.say("one upgrader on Docker: apply, plan, destroy, %d rounds", b.opts.lives)
	lives, err := byTurns(b.opts.lives,
		func() (lived, error) { return mine.live(ctx, requestsThrough(proxy)) },
		func() (lived, error) { return theirs.live(ctx, noRequests) })
	if err != nil {
		return err
	}
	results.section("one upgrader on Docker, which apply watches for a while")
	results.report(lives[0], lives[1])
	return nil
}

// requestsThrough counts the requests that a proxy has seen.
func requestsThrough(proxy *dockertest.Proxy) counter {
	return func() (total int, err error) {
		for _, requests := range proxy.Requests() {
			total += requests
		}
		return total, err
	}
}
