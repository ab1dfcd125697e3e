//go:build !linux

package kubetest

import (
	"errors"
	"os/exec"
)

// Supported returns an error on systems where no control plane can be started.
func Supported() error {
	return errors.New("the Kubernetes control plane of the tests runs on Linux only")
}

func lock(string, func()) (unlock func(), err error) { return nil, Supported() }

func detach(*exec.Cmd) {}
