package dockertest

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// program is where the one file of an image is.
const program = "/app"

// Image makes an image with nothing in it but a static program, which is its entrypoint, with the arguments.
// It is removed when the test ends. An image of that name that is there already is an error, not something to replace.
func (e *Engine) Image(tb testing.TB, repoTag, binaryPath string, entrypointArgs ...string) {
	tb.Helper()
	if _, err := e.API.ImageInspect(tb.Context(), repoTag); !cerrdefs.IsNotFound(err) {
		tb.Fatalf("image %s is there already, or cannot be looked for: %v", repoTag, err)
	}
	if err := e.AddImage(tb.Context(), repoTag, binaryPath, entrypointArgs...); err != nil {
		tb.Fatal(err)
	}
	e.ForgetImage(tb, repoTag)
}

// AddImage makes an image as Image does, but leaves its removal to RemoveImage.
func (e *Engine) AddImage(ctx context.Context, repoTag, binaryPath string, entrypointArgs ...string) error {
	layer, err := layerOf(binaryPath)
	if err != nil {
		return fmt.Errorf("image %s: %w", repoTag, err)
	}
	entrypoint, err := json.Marshal(append([]string{program}, entrypointArgs...))
	if err != nil {
		return fmt.Errorf("image %s: %w", repoTag, err)
	}
	source := client.ImageImportSource{Source: bytes.NewReader(layer), SourceName: "-"}
	result, err := e.API.ImageImport(ctx, source, repoTag, client.ImageImportOptions{Changes: []string{"ENTRYPOINT " + string(entrypoint)}})
	if err != nil {
		return fmt.Errorf("image %s: %w", repoTag, err)
	}
	// The import is over when its report is. It can fail in the middle, hence the look at what came of it.
	_, err = io.Copy(io.Discard, result)
	if err := errors.Join(err, result.Close()); err != nil {
		return fmt.Errorf("image %s: %w", repoTag, err)
	}
	if _, err := e.API.ImageInspect(ctx, repoTag); err != nil {
		return fmt.Errorf("image %s: %w", repoTag, err)
	}
	return nil
}

// RemoveImage removes an image, and the containers made of it, which have to be the test's, too. It is fine if there
// is none.
func (e *Engine) RemoveImage(ctx context.Context, reference string) error {
	found, err := e.API.ImageInspect(ctx, reference)
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for image %s: %w", reference, err)
	}
	users, err := e.API.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("ancestor", found.ID)})
	if err != nil {
		return fmt.Errorf("looking for containers of image %s: %w", reference, err)
	}
	for _, user := range users.Items {
		if err := e.removeContainer(ctx, user.ID); err != nil {
			return err
		}
	}
	_, err = e.API.ImageRemove(ctx, reference, client.ImageRemoveOptions{Force: true, PruneChildren: true})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("removing image %s: %w", reference, err)
	}
	return nil
}

// ForgetImage removes an image when the test ends, whoever made it.
func (e *Engine) ForgetImage(tb testing.TB, reference string) {
	tb.Helper()
	tb.Cleanup(func() {
		ctx, cancel := afterTest(tb)
		defer cancel()
		if err := e.RemoveImage(ctx, reference); err != nil {
			tb.Error(err)
		}
	})
}

// layerOf packs a program as a file system. It is the same for the same program, whenever it is made.
func layerOf(binaryPath string) ([]byte, error) {
	binary, err := os.ReadFile(binaryPath) //nolint:gosec // a program that the test has built
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	writer := tar.NewWriter(&packed)
	header := &tar.Header{Name: program[1:], Mode: 0o755, Size: int64(len(binary))}
	if err := writer.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := writer.Write(binary); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
