package docker

import "syscall"

// ownSession keeps an interrupt, which Terraform handles by finishing what it
// began, from ending ssh.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
