//go:build !linux

package kubetest

// CanRunPods returns an error where RunPod and RunJobs don't work.
func CanRunPods() error { return Supported() }

func (*sandbox) start() (sandboxed, error) { return nil, Supported() }
