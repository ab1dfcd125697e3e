package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// request is a line of standard input.
type request struct {
	// Do is "user", or what to do with the API server: "stop", "start",
	// "pause", "resume".
	Do     string   `json:"do"`
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// reply is a line of standard output: one when the bed is ready, and one for
// each request.
type reply struct {
	Error string `json:"error,omitempty"`
	// Kubeconfig is the file of the user asked for.
	Kubeconfig string `json:"kubeconfig,omitempty"`
}

// up runs a control plane in a folder until standard input is closed, which
// also happens when the process that holds the other end is killed.
func up(dir string, stdin io.Reader, stdout, stderr io.Writer) error {
	// The components die with the thread that started them.
	runtime.LockOSThread()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	requests, closed := listen(ctx, stdin)

	b, err := newBed(dir, stderr)
	if err != nil {
		return err
	}
	defer b.remove()
	if err := b.startAll(closed); err != nil {
		if closed.Err() != nil {
			return nil // nobody waits any more
		}
		return err
	}
	answers := json.NewEncoder(stdout)
	if err := answers.Encode(reply{}); err != nil {
		return err
	}
	for {
		select {
		case <-closed.Done():
			return nil
		case r := <-requests:
			if err := answers.Encode(b.obey(closed, r)); err != nil {
				return err
			}
		}
	}
}

// listen reads requests. The context that it returns ends with the input.
func listen(ctx context.Context, stdin io.Reader) (<-chan request, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	requests := make(chan request)
	go func() {
		defer cancel()
		decoder := json.NewDecoder(stdin)
		for {
			var r request
			if decoder.Decode(&r) != nil {
				return
			}
			select {
			case requests <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	return requests, ctx
}

// obey does what a request asks for.
func (b *bed) obey(ctx context.Context, r request) reply {
	var answer reply
	var err error
	switch r.Do {
	case "user":
		b.users++
		name := fmt.Sprintf("users/%d-%s", b.users, kubeconfig(r.User))
		answer.Kubeconfig, err = b.path(name), b.writeKubeconfig(name, r.User, r.Groups)
	case "stop":
		b.apiServer.kill()
	case "start":
		err = b.startAPIServer(ctx)
	case "pause":
		err = b.apiServer.pause()
	case "resume":
		err = b.apiServer.resume()
	default:
		err = fmt.Errorf("no such request: %q", r.Do)
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}

// newBed prepares the folder.
func newBed(dir string, stderr io.Writer) (*bed, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	b := &bed{dir: dir, stderr: stderr}
	// The kernel takes no longer path for a socket.
	if longest := 107; len(b.socket()) > longest {
		return nil, fmt.Errorf("the path %s is too long", dir)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty", dir)
	}
	if err := os.MkdirAll(b.path("log"), 0o700); err != nil {
		return nil, err
	}
	if b.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	return b, errors.Join(b.writeKeys(), b.write("audit-policy.yaml", auditPolicy))
}
