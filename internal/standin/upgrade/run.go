package upgrade

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// callTimeout bounds every request that doesn't wait for something to end.
const callTimeout = 30 * time.Second

// maxReply bounds what is read of a reply.
const maxReply = 16 << 20

// Host is the machine, or the container, that an upgrader runs in.
type Host struct {
	// Lookup finds a variable of the environment.
	Lookup func(string) (string, bool)
	// Output gets the lines of the log.
	Output io.Writer
	// Now asks for a round at once, in Docker.
	Now <-chan os.Signal
}

// Run does what the environment asks for: one run in Kubernetes, or rounds in Docker until the context ends.
func Run(ctx context.Context, host Host) error {
	logger := log.New(host.Output, "", log.LstdFlags|log.LUTC|log.Lmsgprefix)
	if name := host.get("UPGRADER_WORKLOAD_NAME"); name != "" {
		return runDocker(ctx, host, logger)
	}
	text, err := host.read("/etc/config/config.yaml")
	if errors.Is(err, os.ErrNotExist) {
		return errors.New("there is neither UPGRADER_WORKLOAD_NAME, for Docker, nor /etc/config/config.yaml, for Kubernetes")
	}
	if err != nil {
		return err
	}
	return runKubernetes(ctx, host, text, logger)
}

func (h Host) get(name string) string {
	value, _ := h.Lookup(name)
	return value
}

// enabled reads a switch of the stand-in.
func (h Host) enabled(name string) (bool, error) {
	text := h.get(name)
	if text == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%s is %q, neither true nor false", name, text)
	}
	return on, nil
}

// path is where a file of the container is.
func (h Host) path(name string) string {
	return filepath.Join("/", h.get("STANDIN_ROOT"), name)
}

func (h Host) read(name string) ([]byte, error) {
	return os.ReadFile(h.path(name))
}

// fetch sends a request and reads the reply to its end.
func fetch(client *http.Client, request *http.Request) (status int, body []byte, err error) {
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: reading the reply: %w", request.Method, request.URL.Redacted(), err)
	}
	return response.StatusCode, body, nil
}
