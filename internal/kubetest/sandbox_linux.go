package kubetest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// CanRunPods returns an error where RunPod and RunJobs don't work: they need
// the right to mount.
func CanRunPods() error { return canRunPods() }

var canRunPods = sync.OnceValue(func() error {
	result := make(chan error)
	go onOwnThread(func() { result <- separateMounts() })
	if err := <-result; err != nil {
		return fmt.Errorf("pods can't be run as processes here, which takes root, or CAP_SYS_ADMIN: %w", err)
	}
	return nil
})

// onOwnThread calls a function on a thread that nothing else will use, because
// the function spoils it. It never returns: the end of a thread is the end of
// the processes that were started on it earlier and are to die with their parent
// (Pdeathsig), such as the Terraform of another test.
func onOwnThread(do func()) {
	runtime.LockOSThread()
	do()
	select {}
}

// separateMounts gives the calling thread a mount table of its own, and lets it
// change its root folder alone.
func separateMounts() error {
	if err := syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_FS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_PRIVATE|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	return nil
}

// process is one in a sandbox. Being the first of its process namespace, it
// takes with it all that it started.
type process struct {
	command *exec.Cmd
	done    chan struct{}
	code    int
	message string
}

// start starts the process. Its files are prepared by a thread of this process
// that sees the machine as the process will. The kernel kills the process with
// that thread, and so with this process.
func (s *sandbox) start() (sandboxed, error) {
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go onOwnThread(func() {
		defer close(p.done)
		message, err := s.prepare()
		if err == nil {
			defer func() { _ = message.Close() }()
			err = p.start(s)
		}
		started <- err
		if err == nil {
			p.finish(message)
			// The thread stays, and would keep the mounts of this machine with it. Its
			// root folder is its own by now.
			_ = syscall.Unmount("/", syscall.MNT_DETACH)
		}
	})
	return p, <-started
}

func (p *process) start(s *sandbox) error {
	p.command = &exec.Cmd{
		Path: programPath, Args: append([]string{s.program}, s.args...), Env: s.env, Dir: s.dir,
		Stdout: s.output, Stderr: s.output,
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL},
	}
	credential := &syscall.Credential{}
	if s.user != nil {
		credential.Uid = *s.user
	}
	if s.group != nil {
		credential.Gid = *s.group
	}
	if s.volumesGroup != nil {
		credential.Groups = []uint32{*s.volumesGroup}
	}
	p.command.SysProcAttr.Credential = credential
	return p.command.Start()
}

// finish waits for the process.
func (p *process) finish(message io.Reader) {
	const longest = 4096
	err := p.command.Wait()
	p.code = p.command.ProcessState.ExitCode()
	if status, ok := p.command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		p.code = 128 + int(status.Signal())
	}
	text, readErr := io.ReadAll(io.LimitReader(message, longest))
	p.message = string(text)
	var exit *exec.ExitError
	if err := errors.Join(err, readErr); err != nil && !errors.As(err, &exit) {
		p.message = err.Error()
	}
}

func (p *process) terminate() { _ = p.command.Process.Signal(syscall.SIGTERM) } // fails if it has ended
func (p *process) kill()      { _ = p.command.Process.Kill() }                  // the same

func (p *process) wait() (exitCode int, message string) {
	<-p.done
	return p.code, p.message
}

// Where the sandbox keeps things, in its own root folder.
const (
	privatePath = "/.kubetest"
	programPath = privatePath + "/program"
	volumesPath = privatePath + "/volumes"
	hiddenPath  = privatePath + "/hidden"
	messagePath = volumesPath + "/.message" // which is no volume's name
)

// prepare gives the calling thread a root folder of its own, in memory, in which
// the machine's folders are mounted, and the pod's over them. It returns the
// file for the last message.
func (s *sandbox) prepare() (message *os.File, err error) {
	if err := separateMounts(); err != nil {
		return nil, err
	}
	root, err := newRoot(s.stage)
	if err != nil {
		return nil, fmt.Errorf("making a root folder: %w", err)
	}
	if err := root.place(s.program, programPath); err != nil {
		return nil, err
	}
	for i := range s.volumes {
		if err := s.fill(&s.volumes[i]); err != nil {
			return nil, fmt.Errorf("filling the volume %s: %w", s.volumes[i].name, err)
		}
	}
	for _, mount := range s.mounts {
		if err := s.mount(root, mount); err != nil {
			return nil, fmt.Errorf("mounting %s at %s: %w", mount.Name, mount.MountPath, err)
		}
	}
	message, err = os.OpenFile(messagePath, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// The process may have another user.
	if err := errors.Join(os.Chmod(messagePath, 0o666), root.place(messagePath, s.message)); err != nil {
		return nil, errors.Join(err, message.Close())
	}
	return message, nil
}

// fill writes the files of a volume.
func (s *sandbox) fill(volume *sandboxVolume) error {
	group := -1
	if s.volumesGroup != nil {
		group = int(*s.volumesGroup)
	}
	dir := filepath.Join(volumesPath, volume.name)
	mode := os.FileMode(0o755)
	if volume.writable {
		mode = 0o777
	}
	if err := errors.Join(os.Mkdir(dir, mode), os.Chmod(dir, mode), os.Chown(dir, -1, group)); err != nil {
		return err
	}
	for _, file := range volume.files {
		path := filepath.Join(dir, filepath.FromSlash(file.path))
		mode := file.mode
		if s.volumesGroup != nil {
			mode |= 0o440
		}
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if err == nil {
			err = os.WriteFile(path, file.content, mode)
		}
		if err := errors.Join(err, os.Chown(path, -1, group), os.Chmod(path, mode)); err != nil {
			return err
		}
	}
	return nil
}

// mount mounts a volume, or a part of it. What is not for writing can't be
// written.
func (s *sandbox) mount(root *root, mount volumeMount) error {
	volume, err := s.volume(mount.Name)
	if err != nil {
		return err
	}
	if err := root.place(filepath.Join(volumesPath, mount.Name, mount.SubPath), mount.MountPath); err != nil {
		return err
	}
	if volume.writable && !mount.ReadOnly {
		return nil
	}
	return syscall.Mount("", mount.MountPath, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, "")
}
