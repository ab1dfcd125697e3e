package container_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	backend "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestPull_policies(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	registry := b.Registry(t)
	image := registry.Add(t, b.name, "v1", program(t), "VERSION=first")
	p := b.platform()
	want := b.wanted()
	want.Image = image

	want.Docker.PullPolicy = spec.PullNever
	if _, err := p.Apply(t.Context(), spec.Change{Want: want}); err == nil {
		t.Fatal("an image that isn't there was used")
	}
	runs := ""
	for i, step := range []struct {
		policy string
		// fresh tells that the container is of the image that the tag means now.
		fresh bool
	}{{spec.PullMissing, true}, {spec.PullMissing, false}, {spec.PullNever, false}, {spec.PullAlways, true}, {spec.PullAlways, true}} {
		// The tag moves before every step.
		registry.Add(t, b.name, "v1", program(t), fmt.Sprintf("VERSION=%d", i))
		t.Cleanup(func() { b.clear(t) })
		if runs != "" {
			if seen := observe(t, p, want); len(seen.Drift) > 0 || differences(want, seen.Upgrader) != "" {
				t.Errorf("%d: that the tag has moved is taken for drift: %v", i, seen.Drift)
			}
			if err := b.RemoveContainers(t.Context(), b.name); err != nil {
				t.Fatal(err)
			}
		}
		want.Docker.PullPolicy = step.policy
		applied := apply(t, p, want, nil)
		unchanged(t, p, want, applied.Objects)
		was := runs
		runs = b.live(t, b.name).Image
		if fresh := runs != was; fresh != step.fresh {
			t.Errorf("%d, %s: another image than before is %t, want %t", i, step.policy, fresh, step.fresh)
		}
	}
	if applied := apply(t, p, want, nil); len(applied.Done) > 0 {
		t.Errorf("with nothing to do, it did %v", applied.Done)
	}
}

func TestPull_failures(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	registry := b.Registry(t)
	image := registry.Add(t, b.name, "v1", program(t))
	registry.RequireAuth("user", "s3cret-of-the-registry")
	t.Cleanup(func() { b.clear(t) })
	right := registry.Auth(t, "user", "s3cret-of-the-registry")
	tests := []struct {
		name, image, advice string
		auth                backend.Auth
		status              int
	}{
		{"no credentials", image, "registry_auth", nil, 0},
		{"wrong credentials", image, "registry_auth", func(string) (string, error) { return registry.Auth(t, "user", "wrong"), nil }, 0},
		{"unreadable credentials", image, "config.json", func(string) (string, error) { return "", errors.New("helper is missing") }, 0},
		{"no such tag", strings.Replace(image, ":v1", ":v2", 1), "doesn't have it", func(string) (string, error) { return right, nil }, 0},
		{"no registry", "127.0.0.1:1/some/thing:v1", "can't reach the registry", nil, 0},
		{"refused", image, "registry_auth", nil, http.StatusForbidden},
	}
	for _, test := range tests {
		registry.Refuse(test.status)
		want := b.wanted()
		want.Image = test.image
		p := backend.New(b.API, b.Host, test.auth, backend.WithSettleTime(settle))
		_, err := p.Apply(t.Context(), spec.Change{Want: want})
		if f := failure(t, err); !strings.Contains(f.Advice, test.advice) || !strings.Contains(f.Error(), test.image) {
			t.Errorf("%s: %v", test.name, f)
		}
		b.none(t)
	}
	registry.Refuse(0)
	var asked string
	want := b.wanted()
	want.Image = image
	p := backend.New(b.API, b.Host, func(image string) (string, error) { asked = image; return right, nil }, backend.WithSettleTime(settle))
	apply(t, p, want, nil)
	b.alone(t, b.name)
	if asked != image {
		t.Errorf("credentials were asked for %q", asked)
	}
}
