//go:build unix

package docker

import "syscall"

// ownSession takes ssh off the terminal: it can't ask there for a password in
// the middle of Terraform's output, and an interrupt, which Terraform handles
// by finishing what it began, doesn't end it.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
