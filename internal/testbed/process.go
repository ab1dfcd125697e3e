package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// process is a component that runs.
type process struct {
	name    string
	log     string
	command *exec.Cmd
	killed  atomic.Bool
	// ended is closed when the process is no more.
	ended chan struct{}
}

// start runs a component of this program. The kernel kills it when the calling
// thread ends, however that happens: the caller must stay on its thread.
func (b *bed) start(name string, flags []string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, log: b.path("log/" + name + ".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.command = exec.Command(self, append([]string{name}, flags...)...)
	p.command.Dir = b.dir
	// Nothing of the caller's environment, which etcd takes settings from.
	p.command.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + b.dir}
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go p.watch(b.stderr)
	return p, nil
}

// watch waits for the end, and says so if nobody wanted it.
func (p *process) watch(stderr io.Writer) {
	err := p.command.Wait()
	if err == nil {
		err = errors.New("exit status 0")
	}
	if !p.killed.Load() {
		fmt.Fprintf(stderr, "testbed: %s ended: %v\n%s", p.name, err, p.tail())
	}
	close(p.ended)
}

// kill ends the process at once: it has nothing to save. One that is paused
// ends, too.
func (p *process) kill() {
	p.killed.Store(true)
	_ = p.command.Process.Kill() // fails only if it has ended
	<-p.ended
}

// pause stops the process, and returns when all its threads stand still: on a
// busy machine they go on for a while after the signal.
func (p *process) pause() error {
	if err := p.command.Process.Signal(unix.SIGSTOP); err != nil {
		return fmt.Errorf("pausing %s: %w", p.name, err)
	}
	for {
		err := unix.Waitid(unix.P_PID, p.command.Process.Pid, nil, unix.WSTOPPED, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for %s to stand still: %w", p.name, err)
		}
		return nil
	}
}

// resume ends pause.
func (p *process) resume() error {
	if err := p.command.Process.Signal(unix.SIGCONT); err != nil {
		return fmt.Errorf("resuming %s: %w", p.name, err)
	}
	return nil
}

// tail is the end of the log.
func (p *process) tail() string {
	const lines = 30
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error() + "\n"
	}
	all := strings.SplitAfter(string(content), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "")
}
