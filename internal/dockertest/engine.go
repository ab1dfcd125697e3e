package dockertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// findTimeout bounds the search for an engine, callTimeout any other single step.
const (
	findTimeout = 5 * time.Second
	callTimeout = time.Minute
)

// Engine is the Docker Engine that tests use.
type Engine struct {
	// API is a client that has agreed on a version of the API with the engine.
	API *client.Client
	// Host is the engine's address in the form of DOCKER_HOST.
	Host string
}

// Connect finds the engine that DOCKER_HOST names, or the one at unix:///var/run/docker.sock. Close it in the end.
func Connect(ctx context.Context) (*Engine, error) {
	api, err := client.New(client.FromEnv)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	if _, err := api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return nil, errors.Join(fmt.Errorf("nothing answers at %s: %w", api.DaemonHost(), err), api.Close())
	}
	return &Engine{API: api, Host: api.DaemonHost()}, nil
}

// Close lets go of the connections.
func (e *Engine) Close() error {
	return e.API.Close()
}

// Need returns the engine, or skips the test, saying why.
func Need(tb testing.TB) *Engine {
	tb.Helper()
	e, err := Connect(tb.Context())
	if err != nil {
		tb.Skipf("SKIPPED: no Docker Engine for this test: %v", err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// Socket is the path of the engine's socket, or empty if it is reached otherwise.
func (e *Engine) Socket() string {
	path, isSocket := strings.CutPrefix(e.Host, "unix://")
	if !isSocket {
		return ""
	}
	return path
}

// afterTest is a context for cleaning up, when that of the test has ended.
func afterTest(tb testing.TB) (context.Context, context.CancelFunc) {
	tb.Helper()
	return context.WithTimeout(context.WithoutCancel(tb.Context()), callTimeout)
}
