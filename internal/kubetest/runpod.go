package kubetest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Program is what is in a container's image: a program on this machine.
type Program struct {
	// Path is the program. It takes the place of what the image would start, and
	// of the first word of the container's "command".
	Path string
	// Args come before the arguments that the pod gives.
	Args []string
	// Env is set unless the pod sets it otherwise: "NAME=value".
	Env []string
}

// PodResult is how a container has ended.
type PodResult struct {
	ExitCode int
	// Output is what it printed, Message what it left as termination message.
	Output, Message string
}

// RunPod runs the container of a pod as a process on this machine, and returns
// when it has ended. The pod must have exactly one, and be new; it may have yet
// to be scheduled.
//
// The process has what a kubelet would give it: the environment, the files of
// ConfigMaps, Secrets, the downward API and projected volumes in their places
// with their modes, a service account token that is bound to the pod, the
// arguments, the user and groups, processes of its own. It sees this machine's
// other files, and network. The pod's status follows, its logs can be read, and
// if the pod is deleted the process is ended.
//
// A container is started once, whatever the pod's restart policy. Limits, probes
// and later changes of ConfigMaps and Secrets have no effect.
func (c *Cluster) RunPod(ctx context.Context, namespace, name string, program Program) (PodResult, error) {
	if err := CanRunPods(); err != nil {
		return PodResult{}, err
	}
	p, err := c.awaitPod(ctx, namespace, name, (*pod).bound)
	if err != nil {
		return PodResult{}, fmt.Errorf("waiting for the pod %s to be scheduled: %w", name, err)
	}
	return c.runPod(ctx, p, program)
}

func (c *Cluster) runPod(ctx context.Context, p *pod, program Program) (result PodResult, err error) {
	if len(p.Spec.Containers) != 1 || len(p.Spec.InitContainers) > 0 {
		return result, fmt.Errorf("the pod %s has several containers; only a single one can be run", p.Metadata.Name)
	}
	run := &podRun{ending: make(chan struct{}), output: newOutput()}
	if err := c.node.admit(p, run); err != nil {
		return result, err
	}
	// The end is reported even if the caller has gone. The pod may have, too.
	defer run.output.Close()
	report := func(phase string, state object) error {
		run.output.Close()
		err := c.report(context.WithoutCancel(ctx), p.Metadata.Namespace, p.Metadata.Name, phase, state)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return err
	}
	s, err := c.sandbox(ctx, p, program, run.output)
	if err != nil {
		err = fmt.Errorf("preparing the pod %s: %w", p.Metadata.Name, err)
		return result, errors.Join(err, report(phasePending, waiting("CreateContainerConfigError", err.Error())))
	}
	process, err := s.start()
	if err != nil {
		err = fmt.Errorf("starting the pod %s: %w", p.Metadata.Name, err)
		return result, errors.Join(err, report(phaseFailed, terminated(cannotStart, err.Error())))
	}
	err = c.Ready(ctx, p.Metadata.Namespace, p.Metadata.Name)
	result.ExitCode, result.Message = run.await(ctx, process)
	result.Output = run.output.String()
	if result.Message == "" && result.ExitCode != 0 && p.Spec.Containers[0].TerminationMessagePolicy == "FallbackToLogsOnError" {
		const longest = 2048
		result.Message = result.Output[max(0, len(result.Output)-longest):]
	}
	return result, errors.Join(ctx.Err(), err, report(ending(result.ExitCode), terminated(result.ExitCode, result.Message)))
}

// cannotStart is the exit code of a container whose program can't be started.
const cannotStart = 128

// podRun is a pod's container that runs, or has run.
type podRun struct {
	output *output // closed when it has ended

	once   sync.Once
	ending chan struct{} // closed when it shall end
	grace  time.Duration // how long that may take
}

// end asks for the end.
func (r *podRun) end(grace time.Duration) {
	r.once.Do(func() {
		r.grace = grace
		close(r.ending)
	})
}

// await waits for the end of a process, which it brings about when the pod is
// deleted, after the pod's grace period, or at once when nobody waits any more.
func (r *podRun) await(ctx context.Context, process sandboxed) (exitCode int, message string) {
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-r.ending:
			process.terminate()
			select {
			case <-time.After(r.grace):
			case <-ctx.Done():
			case <-ended:
				return
			}
		case <-ctx.Done():
		case <-ended:
			return
		}
		process.kill()
	}()
	return process.wait()
}

// sandbox collects what the container is given.
func (c *Cluster) sandbox(ctx context.Context, p *pod, program Program, out *output) (*sandbox, error) {
	o, container := objects{cluster: c, pod: p}, &p.Spec.Containers[0]
	env, err := o.environment(ctx, container, program.Env)
	if err != nil {
		return nil, err
	}
	s := &sandbox{
		stage:        filepath.Join(c.dir, "root"),
		program:      program.Path,
		args:         program.Args,
		env:          assignments(env),
		dir:          container.WorkingDir,
		user:         first(container.SecurityContext.RunAsUser, p.Spec.SecurityContext.RunAsUser),
		group:        first(container.SecurityContext.RunAsGroup, p.Spec.SecurityContext.RunAsGroup),
		volumesGroup: p.Spec.SecurityContext.FSGroup,
		mounts:       container.VolumeMounts,
		message:      container.TerminationMessagePath,
		output:       out,
	}
	if s.dir == "" {
		s.dir = "/"
	}
	words := container.Args
	if len(container.Command) > 1 {
		words = append(container.Command[1:], words...)
	}
	for _, word := range words {
		s.args = append(s.args, expand(word, env))
	}
	for i := range p.Spec.Volumes {
		volume, err := o.volume(ctx, &p.Spec.Volumes[i])
		if err != nil {
			return nil, err
		}
		s.volumes = append(s.volumes, volume)
	}
	return s, nil
}

// first is the first value that is set.
func first(values ...*uint32) *uint32 {
	for _, value := range values {
		if value != nil {
			return value
		}
	}
	return nil
}
