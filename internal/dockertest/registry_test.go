package dockertest_test

import (
	"context"
	"net/http"
	"testing"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
)

// pull pulls to the end.
func pull(ctx context.Context, e *dockertest.Engine, reference, auth string) error {
	response, err := e.API.ImagePull(ctx, reference, client.ImagePullOptions{RegistryAuth: auth})
	if err != nil {
		return err
	}
	defer func() { _ = response.Close() }()
	return response.Wait(ctx)
}

func TestEnginePullsFromTheRegistry(t *testing.T) {
	e := dockertest.Need(t)
	pulled := []string{}
	t.Run("while it is there", func(t *testing.T) {
		r := e.Registry(t)
		_, delegate := programs(t)
		// The tag moves, and the engine notices.
		for i, version := range []string{"1", "1.1"} {
			image := r.Add(t, "harness/delegate", "1", delegate, "-version="+version)
			if err := pull(t.Context(), e, image, ""); err != nil {
				t.Fatal(err)
			}
			wantEqual(t, r.Pulls("harness/delegate", "1"), i+1)
			found, err := e.API.ImageInspect(t.Context(), image)
			if err != nil {
				t.Fatal(err)
			}
			pulled = append(pulled, found.ID)
			name := dockertest.UniqueName(t)
			e.Run(t, named(name, image))
			waitForLog(t, e, name, "version "+version+", is up")
		}
		wantEqual(t, r.Pulls("harness/delegate", "2"), 0)
	})
	wantEqual(t, len(pulled), 2)
	for _, id := range pulled {
		if _, err := e.API.ImageInspect(t.Context(), id); !cerrdefs.IsNotFound(err) {
			t.Errorf("image %s outlived its registry: %v", id, err)
		}
	}
}

func TestRegistryLetsOnlyItsUserIn(t *testing.T) {
	e := dockertest.Need(t)
	r := e.Registry(t)
	_, delegate := programs(t)
	image := r.Add(t, "harness/delegate", "1", delegate)
	r.RequireAuth("me", "password")
	for what, auth := range map[string]string{"nobody": "", "somebody else": r.Auth(t, "me", "wrong")} {
		if err := pull(t.Context(), e, image, auth); err == nil {
			t.Errorf("%s was let in", what)
		}
	}
	if r.Unauthorized() == 0 {
		t.Error("nobody was turned away")
	}
	wantEqual(t, r.Pulls("harness/delegate", "1"), 0)
	if err := pull(t.Context(), e, image, r.Auth(t, "me", "password")); err != nil {
		t.Error(err)
	}
	wantEqual(t, r.Pulls("harness/delegate", "1"), 1)
}

func TestRegistryRefuses(t *testing.T) {
	e := dockertest.Need(t)
	r := e.Registry(t)
	_, delegate := programs(t)
	image := r.Add(t, "harness/delegate", "1", delegate)
	for _, status := range []int{http.StatusUnauthorized, http.StatusNotFound} {
		r.Refuse(status)
		if err := pull(t.Context(), e, image, ""); err == nil {
			t.Errorf("the engine pulled in spite of status %d", status)
		}
	}
	r.Refuse(0)
	if err := pull(t.Context(), e, r.Address()+"/harness/delegate:2", ""); err == nil {
		t.Error("the engine pulled a tag that isn't there")
	}
	if err := pull(t.Context(), e, image, ""); err != nil {
		t.Error(err)
	}
}
