package kubetest

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Supported returns an error on systems where no control plane can be started.
func Supported() error { return nil }

// lock waits until no other process has the file locked, and locks it. The lock
// ends with the process, if not before. If there is something to wait for, a
// function is called before.
func lock(path string, waiting func()) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		waiting()
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// detach keeps the signals of the terminal from a process: only its caller ends
// it.
func detach(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
