package kubetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// BinaryVariable names the environment variable with the absolute path of the
// control plane's program, for machines that have it from elsewhere.
const BinaryVariable = "HARNESSDELEGATE_TESTBED"

// source is the control plane's module, below the root of this one. Its program
// is built into cache, where git ignores it.
const (
	source = "internal/testbed"
	cache  = ".build/testbed"
)

// Binary returns the path of the control plane's program. Unless the variable
// BinaryVariable names one, it is built when its sources have changed, which
// takes minutes the first time; a line on notes says so. The working directory
// must be in this module. Processes that need it at the same time wait for one
// of them to build it.
func Binary(ctx context.Context, notes io.Writer) (string, error) {
	if err := Supported(); err != nil {
		return "", err
	}
	if named := os.Getenv(BinaryVariable); named != "" {
		return named, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	module := filepath.Join(root, filepath.FromSlash(source))
	flags, err := buildFlags(module)
	if err != nil {
		return "", err
	}
	key, err := fingerprint(module, flags)
	if err != nil {
		return "", fmt.Errorf("reading the sources of the test bed: %w", err)
	}
	dir := filepath.Join(root, filepath.FromSlash(cache))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	say := func(what string) { _, _ = fmt.Fprintln(notes, "kubetest:", what) }
	unlock, err := lock(filepath.Join(dir, "lock"), func() { say("waiting for a Kubernetes control plane that another process builds") })
	if err != nil {
		return "", fmt.Errorf("waiting for the test bed to be built: %w", err)
	}
	defer unlock()
	binary := filepath.Join(dir, "testbed-"+key)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	say("building a Kubernetes control plane for the tests; the first time takes about 7 minutes on two cores")
	return binary, build(ctx, module, binary, flags)
}

// moduleRoot is the nearest folder upwards that has the control plane's module.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(source), "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not inside a folder with %s", start, source)
		}
	}
}

// buildFlags are always the same: another -trimpath alone would compile all of
// Kubernetes again. The server reports the version that is linked into it.
func buildFlags(module string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return nil, err
	}
	version := regexp.MustCompile(`k8s\.io/kubernetes (v(\d+)\.(\d+)\.\d+)`).FindSubmatch(content)
	if version == nil {
		return nil, errors.New("the go.mod of the test bed does not require k8s.io/kubernetes")
	}
	link := "-s -w"
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		link += fmt.Sprintf(" -X %[1]s.gitVersion=%[2]s -X %[1]s.gitMajor=%[3]s -X %[1]s.gitMinor=%[4]s -X %[1]s.gitTreeState=clean", pkg, version[1], version[2], version[3])
	}
	return []string{"-trimpath", "-ldflags", link}, nil
}

// fingerprint names what the program is built from.
func fingerprint(module string, flags []string) (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintln(hash, runtime.GOOS, runtime.GOARCH, flags)
	err := filepath.WalkDir(module, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		content, err := os.ReadFile(path)
		_, _ = fmt.Fprintf(hash, "%s %d\n%s", entry.Name(), len(content), content)
		return err
	})
	return fmt.Sprintf("%x", hash.Sum(nil)[:8]), err
}

// build makes the program, and removes those that were built before.
func build(ctx context.Context, module, binary string, flags []string) error {
	partial := binary + ".partial"
	command := exec.CommandContext(ctx, "go", append(append([]string{"build"}, flags...), "-o", partial, ".")...)
	command.Dir = module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the test bed: %w\n%s", err, out)
	}
	old, err := filepath.Glob(filepath.Join(filepath.Dir(binary), "testbed-*"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if path != partial {
			_ = os.Remove(path) // only saves space
		}
	}
	return os.Rename(partial, binary)
}
