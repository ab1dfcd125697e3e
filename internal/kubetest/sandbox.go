package kubetest

import (
	"fmt"
	"io"
)

// sandbox describes a process that sees, on top of this machine's files, those
// of its pod.
type sandbox struct {
	// stage is a path for its root folder, which only the sandbox sees there.
	stage   string
	program string
	args    []string
	env     []string
	dir     string
	user    *uint32
	group   *uint32
	// volumesGroup may read the volumes, and is a group of the process.
	volumesGroup *uint32
	volumes      []sandboxVolume
	mounts       []volumeMount
	// message is where the process may leave a last message.
	message string
	output  io.Writer
}

// sandboxed is a process that runs in a sandbox.
type sandboxed interface {
	// terminate asks the process to end; kill ends it, and all that it started.
	terminate()
	kill()
	// wait waits for the end and returns the exit code, and the last message.
	wait() (exitCode int, message string)
}

// volume finds a volume by its name.
func (s *sandbox) volume(name string) (*sandboxVolume, error) {
	for i := range s.volumes {
		if s.volumes[i].name == name {
			return &s.volumes[i], nil
		}
	}
	return nil, fmt.Errorf("no volume has the name %s", name)
}
