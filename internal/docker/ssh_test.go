package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test's own binary stands in for the programs that the client runs.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "ssh":
		os.Exit(actAsSSH())
	case helperProgram:
		os.Exit(actAsHelper())
	default:
		os.Exit(m.Run())
	}
}

// What the stand-in for ssh is told by.
const (
	sshSocket = "TEST_SSH_SOCKET" // what to connect to
	sshNotes  = "TEST_SSH_NOTES"  // where to write down its arguments
)

// actAsSSH is ssh and "docker system dial-stdio" at the other end.
func actAsSSH() int {
	notes, err := os.OpenFile(os.Getenv(sshNotes), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 2
	}
	_, _ = fmt.Fprintln(notes, strings.Join(os.Args[1:], "|"))
	_ = notes.Close()
	socket := os.Getenv(sshSocket)
	if socket == "" {
		_, _ = fmt.Fprintln(os.Stderr, "me@docker.example.com: Permission denied (publickey).")
		return 255
	}
	connection, err := (&net.Dialer{}).DialContext(context.Background(), "unix", socket)
	if err != nil {
		return 1
	}
	var directions sync.WaitGroup
	directions.Go(func() {
		_, _ = io.Copy(connection, os.Stdin)
		if half, ok := connection.(*net.UnixConn); ok {
			_ = half.CloseWrite()
		}
	})
	_, _ = io.Copy(os.Stdout, connection)
	return 0
}

// playSSH puts the stand-in first in the path, and gives the file of its
// notes.
func playSSH(t *testing.T, socket string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("programs go by their endings there")
	}
	putInPath(t, "ssh")
	notes := filepath.Join(t.TempDir(), "notes")
	t.Setenv(sshSocket, socket)
	t.Setenv(sshNotes, notes)
	return notes
}

func putInPath(t *testing.T, name string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func TestSSH(t *testing.T) {
	for name, tc := range map[string]struct {
		host    string
		options []string
		want    string
	}{
		"user, port and socket": {
			"ssh://me@docker.example.com:2222/run/user's/docker.sock", nil,
			`-l|me|-p|2222|-o|ConnectTimeout=30|-T|--|docker.example.com|docker --host='unix:///run/user'\''s/docker.sock' system dial-stdio`,
		},
		"a host only": {"ssh://docker.example.com", nil, "-o|ConnectTimeout=30|-T|--|docker.example.com|docker system dial-stdio"},
		"options": {
			"ssh://docker.example.com/",
			[]string{"-i", "key", "-o", "ConnectTimeout=5"},
			"-i|key|-o|ConnectTimeout=5|-T|--|docker.example.com|docker system dial-stdio",
		},
	} {
		t.Run(name, func(t *testing.T) {
			// A proxy has no place in a tunnel.
			t.Setenv("HTTP_PROXY", "http://u:s3cret@127.0.0.1:1")
			e := newEngine(t)
			notes := playSSH(t, e.onSocket(t))
			c := mustNew(t, Config{Host: tc.host, SSHOpts: tc.options})
			if c.Host() != tc.host {
				t.Errorf("the host is %s", c.Host())
			}
			for range 3 {
				if err := ask(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			got, err := os.ReadFile(notes)
			if err != nil {
				t.Fatal(err)
			}
			// One connection serves all requests.
			if string(got) != tc.want+"\n" {
				t.Errorf("ssh was given\n%s want\n%s", got, tc.want)
			}
		})
	}
}

// Terraform's operations ask at the same time.
func TestSSHForMany(t *testing.T) {
	e := newEngine(t)
	playSSH(t, e.onSocket(t))
	c := mustNew(t, Config{Host: "ssh://docker.example.com"})
	var users sync.WaitGroup
	for range connections {
		users.Go(func() {
			if err := ask(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	users.Wait()
}

func TestSSHThatFails(t *testing.T) {
	playSSH(t, "")
	err := ask(t.Context(), mustNew(t, Config{Host: "ssh://me@docker.example.com"}))
	const want = `ssh to docker.example.com ended (exit status 255): me@docker.example.com: Permission denied (publickey). It must log in without asking`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestWithoutSSH(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := ask(t.Context(), mustNew(t, Config{Host: "ssh://me@docker.example.com"}))
	if err == nil || !strings.Contains(err.Error(), "starting ssh") {
		t.Errorf("got %v", err)
	}
}

// What is written comes back until one side closes, and ssh ends with the
// connection, but not with the request that it was opened for.
func TestTunnel(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(shortDir(t), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(connection, connection)
		_ = connection.Close()
	}()
	playSSH(t, listener.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	connection, err := (&tunnelTo{host: "docker.example.com"}).dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.WriteString(connection, "hello"); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 5)
	if _, err := io.ReadFull(connection, buffer); err != nil || string(buffer) != "hello" {
		t.Fatalf("got %q, %v", buffer, err)
	}
	if err := connection.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := connection.Read(buffer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after its time it reads %v", err)
	}
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("ssh goes on after the connection")
	}
	if _, err := io.WriteString(connection, "hello"); err == nil {
		t.Error("it can be written to after the end")
	}
}

// shortDir is a folder with a path that is short enough for a socket's.
func shortDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "engine") //nolint:usetesting // The path of TempDir holds the test's name.
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
