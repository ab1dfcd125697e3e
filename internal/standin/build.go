package standin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

const commands = "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin/cmd/"

// built remembers the folder with the programs. What failed is tried again.
var built struct {
	sync.Mutex
	folder string
}

// Build makes the programs as static binaries, once in a process, and returns their paths. They stay in the user's
// cache folder, where the next process overwrites them. The working directory has to be inside this module.
func Build(ctx context.Context) (upgraderPath, delegatePath string, err error) {
	built.Lock()
	defer built.Unlock()
	if built.folder == "" {
		folder, err := build(ctx)
		if err != nil {
			return "", "", fmt.Errorf("building the stand-ins: %w", err)
		}
		built.folder = folder
	}
	return filepath.Join(built.folder, "upgrader"), filepath.Join(built.folder, "delegate"), nil
}

// build builds into a folder of its own and moves the programs from there, because other processes may build, and
// run, the same ones at the same time.
func build(ctx context.Context) (string, error) {
	folder, err := cacheFolder(ctx)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		return "", err
	}
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", //nolint:gosec // builds our own packages
		"-o", fresh+string(filepath.Separator), commands+"upgrader", commands+"delegate")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := compile.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("%w\n%s", err, output), os.RemoveAll(fresh))
	}
	for _, name := range []string{"upgrader", "delegate"} {
		if err := os.Rename(filepath.Join(fresh, name), filepath.Join(folder, name)); err != nil {
			return "", errors.Join(err, os.RemoveAll(fresh))
		}
	}
	return folder, os.Remove(fresh)
}

// cacheFolder is a folder for each working copy of this module.
func cacheFolder(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	module, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("asking for the module: %w", err)
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(string(module))))
	return filepath.Join(cache, "harnessdelegate-standin", hex.EncodeToString(sum[:8])), nil
}
