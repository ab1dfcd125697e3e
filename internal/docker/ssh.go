package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// tunnelTo is an engine behind ssh. Like the Docker CLI, it runs the ssh of
// the user, with their keys, agent and configuration, and at the other end
// "docker system dial-stdio", which connects to the engine's socket.
type tunnelTo struct {
	host string
	args []string
}

func newTunnelTo(address *url.URL, options []string) *tunnelTo {
	var args []string
	if user := address.User.Username(); user != "" {
		args = append(args, "-l", user)
	}
	if port := address.Port(); port != "" {
		args = append(args, "-p", port)
	}
	args = append(args, options...)
	if !strings.Contains(strings.Join(options, ""), "ConnectTimeout") {
		args = append(args, "-o", "ConnectTimeout=30")
	}
	// Without a terminal at the other end, which could start as a login shell.
	args = append(args, "-T", "--", address.Hostname(), remoteCommand(address.Path))
	return &tunnelTo{host: address.Hostname(), args: args}
}

// remoteCommand is read by a shell there.
func remoteCommand(socket string) string {
	if strings.Trim(socket, "/") == "" {
		return "docker system dial-stdio"
	}
	quoted := "'" + strings.ReplaceAll("unix://"+socket, "'", `'\''`) + "'"
	return "docker --host=" + quoted + " system dial-stdio"
}

// tunnel is a connection through a process of ssh.
type tunnel struct {
	net.Conn
	output io.Closer
	stop   context.CancelFunc
	ended  chan struct{}
	// failure is why ssh ended; it is set before ended is closed.
	failure error
}

// dial starts ssh. The connection may outlive the request that it was opened
// for, and so does the process: it ends with the connection.
func (t *tunnelTo) dial(ctx context.Context) (net.Conn, error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	command, said := t.command(ctx)
	input, inputErr := command.StdinPipe()
	output, outputErr := command.StdoutPipe()
	if err := errors.Join(inputErr, outputErr); err != nil {
		stop()
		return nil, fmt.Errorf("starting ssh: %w", err)
	}
	if err := command.Start(); err != nil {
		stop()
		return nil, fmt.Errorf("starting ssh: %w", err)
	}

	near, far := net.Pipe()
	connection := &tunnel{Conn: near, output: output, stop: stop, ended: make(chan struct{})}
	go func() {
		// It ends with either end of the pipe, or when ssh stops reading.
		_, _ = io.Copy(input, far)
		_ = input.Close()
	}()
	go func() {
		_, _ = io.Copy(far, output)
		if err := command.Wait(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
			connection.failure = fmt.Errorf(
				"ssh to %s ended (%w): %s. It must log in without asking, and run \"docker system dial-stdio\" there", t.host, err, said)
		}
		close(connection.ended)
		_ = far.Close()
	}()
	return connection, nil
}

// command is ssh, and what it says to standard error.
func (t *tunnelTo) command(ctx context.Context) (*exec.Cmd, *complaint) {
	said := &complaint{}
	command := exec.CommandContext(ctx, "ssh", t.args...) //nolint:gosec // parseHost checks the address; the options are the user's.
	command.SysProcAttr = ownSession()
	command.Stderr = said
	command.Cancel = func() error {
		// Politely, so that it removes the socket of a shared connection.
		if err := command.Process.Signal(syscall.SIGTERM); err == nil || errors.Is(err, os.ErrProcessDone) {
			return err
		}
		return command.Process.Kill()
	}
	// A shared connection's process stays, and keeps standard error open.
	command.WaitDelay = 3 * time.Second
	return command, said
}

// Read implements io.Reader. Where the connection ends because ssh failed, it
// says so, with what ssh said.
func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	return n, t.explained(err)
}

// Write implements io.Writer.
func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.Conn.Write(p)
	return n, t.explained(err)
}

func (t *tunnel) explained(err error) error {
	if err == nil {
		return nil
	}
	select {
	case <-t.ended:
		if t.failure != nil {
			return t.failure
		}
	default:
	}
	return err
}

// Close implements io.Closer. It doesn't wait for ssh to end.
func (t *tunnel) Close() error {
	err := t.Conn.Close()
	t.stop()
	_ = t.output.Close()
	return err
}

// complaint keeps the beginning of what ssh says, which is safe to write to
// while it is read.
type complaint struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (c *complaint) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text = append(c.text, p[:min(len(p), 1024-len(c.text))]...)
	return len(p), nil
}

// String implements fmt.Stringer.
func (c *complaint) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if text := strings.TrimSpace(string(c.text)); text != "" {
		return strings.TrimSuffix(text, ".")
	}
	return "it said nothing"
}
