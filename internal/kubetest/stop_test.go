package kubetest_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

// orphanVariable makes this test binary a program that starts a control plane
// and waits to be killed.
const orphanVariable = "KUBETEST_ORPHAN"

// The pod that it runs, where that is possible, has the folder in its command
// line, as the components have.
func orphan() int {
	ctx := context.Background()
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	c, err := kubetest.Start(ctx)
	if err != nil {
		return fail(err)
	}
	dir := filepath.Dir(c.Kubeconfig)
	if kubetest.CanRunPods() == nil {
		if err := runForever(ctx, c, kubetest.Program{Path: "/bin/sh", Args: []string{"-c", "sleep 1000; : " + dir}}); err != nil {
			return fail(err)
		}
	}
	if _, err := fmt.Fprintln(os.Stdout, dir); err != nil {
		return fail(err)
	}
	select {}
}

// runForever returns when a pod is running.
func runForever(ctx context.Context, c *kubetest.Cluster, program kubetest.Program) error {
	const running = "running"
	if _, err := c.Client.Resource(pods).Namespace("default").Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": running},
		"spec": map[string]any{
			"securityContext": map[string]any{"runAsUser": int64(1234)},
			"containers":      []any{map[string]any{"name": "main", "image": "example.com/main:1"}},
		},
	}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := c.RunPod(ctx, "default", running, program)
		ended <- errors.Join(errors.New("the pod has ended"), err)
	}()
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(20 * time.Millisecond):
		}
		pod, err := c.Client.Resource(pods).Namespace("default").Get(ctx, running, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if phase, _, err := unstructured.NestedString(pod.Object, "status", "phase"); err != nil || phase == "Running" {
			return err
		}
	}
}

func TestStop_leavesNothing(t *testing.T) {
	c := start(t)
	dir := filepath.Dir(c.Kubeconfig)
	if n := len(processes(t, dir)); n != 5 {
		t.Errorf("%d processes run, want 5", n)
	}
	c.Stop()
	nothingLeft(t, dir)
	c.Stop()
}

func TestStop_leavesNothingWhenKilled(t *testing.T) {
	if err := kubetest.Supported(); err != nil {
		t.Skip(err)
	}
	// Built before, since what is killed can't clean up a build.
	if _, err := kubetest.Binary(t.Context(), os.Stderr); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), orphanVariable+"=1")
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	dir, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	want := 5
	if kubetest.CanRunPods() == nil {
		want++
	}
	if n := len(processes(t, strings.TrimSpace(dir))); n != want {
		t.Errorf("%d processes run, want %d", n, want)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	nothingLeft(t, strings.TrimSpace(dir))
}

// nothingLeft waits for the folder and all processes to be gone.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	wait(t, "all processes have ended", func() bool { return len(processes(t, dir)) == 0 })
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// processes finds the command lines that hold a text, which are those of the
// control plane with that folder.
func processes(t *testing.T, text string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err == nil && bytes.Contains(line, []byte(text)) { // else it has just ended
			found = append(found, string(line))
		}
	}
	return found
}
