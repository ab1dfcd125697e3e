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

// signal pauses or resumes the process.
func (p *process) signal(signal syscall.Signal) error {
	if err := p.command.Process.Signal(signal); err != nil {
		return fmt.Errorf("signalling %s: %w", p.name, err)
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
