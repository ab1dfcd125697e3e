package container_test

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func (b bed) none(t *testing.T) {
	t.Helper()
	if names, err := b.Names(t.Context(), b.name); err != nil || len(names) > 0 {
		t.Fatalf("left are %v (%v)", names, err)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	// Somebody else's container, the delegate's for instance, stays.
	delegate := b.Run(t, client.ContainerCreateOptions{Name: "x-" + b.name, Config: documented(b).Config, HostConfig: documented(b).HostConfig})

	ways := map[string]func(last []spec.Object) []spec.Object{
		"by ID":    func(last []spec.Object) []spec.Object { return last },
		"by label": func([]spec.Object) []spec.Object { return nil },
		"renamed by hand": func(last []spec.Object) []spec.Object {
			if _, err := b.API.ContainerRename(t.Context(), b.name, client.ContainerRenameOptions{NewName: b.name + "-by-hand"}); err != nil {
				t.Fatal(err)
			}
			return last
		},
		"stopped": func(last []spec.Object) []spec.Object {
			if _, err := b.API.ContainerStop(t.Context(), b.name, client.ContainerStopOptions{}); err != nil {
				t.Fatal(err)
			}
			return last
		},
		"paused": func(last []spec.Object) []spec.Object {
			if _, err := b.API.ContainerPause(t.Context(), b.name, client.ContainerPauseOptions{}); err != nil {
				t.Fatal(err)
			}
			return last
		},
		"half replaced": func(last []spec.Object) []spec.Object {
			other := b.wanted()
			other.Schedule = "0 0 * * *"
			if !b.interrupted(t, other, last, 3) {
				t.Fatal("not interrupted")
			}
			return last
		},
	}
	for name, way := range ways {
		applied := apply(t, p, b.wanted(), nil)
		last := way(applied.Objects)
		deleted, err := p.Delete(t.Context(), b.wanted(), last, nil)
		if err != nil || len(deleted.Objects)+len(deleted.Left) > 0 || len(deleted.Done) == 0 {
			t.Errorf("%s: %+v, %v", name, deleted, err)
		}
		b.none(t)
		// Gone already is as good.
		if again, err := p.Delete(t.Context(), b.wanted(), last, nil); err != nil || len(again.Done)+len(again.Left) > 0 {
			t.Errorf("%s, again: %+v, %v", name, again, err)
		}
	}
	if c, found := b.Container(t, delegate); !found || !c.State.Running {
		t.Error("another container was touched")
	}
}

// TestDelete_replacedByHand leaves what somebody else has made under the name.
func TestDelete_replacedByHand(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	applied := apply(t, p, b.wanted(), nil)
	if err := b.RemoveContainers(t.Context(), b.name); err != nil {
		t.Fatal(err)
	}
	options := documented(b)
	options.Name = b.name
	id := b.Run(t, options)
	deleted, err := p.Delete(t.Context(), b.wanted(), applied.Objects, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(deleted.Left) != 1 || !strings.Contains(deleted.Left[0], "another container by now") || len(deleted.Objects) > 0 {
		t.Errorf("%+v", deleted)
	}
	if b.alone(t, b.name) != id {
		t.Error("the container is another one")
	}
}

// TestDelete_keep leaves what another upgrader of the same run has taken over,
// whatever its name and label say.
func TestDelete_keep(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	other := b.wanted()
	other.Docker.Name = b.name + "-other"
	kept, gone := apply(t, p, b.wanted(), nil).Objects, apply(t, p, other, nil).Objects
	deleted, err := p.Delete(t.Context(), b.wanted(), append(gone, kept...), kept)
	if err != nil || len(deleted.Done) != 1 || len(deleted.Objects)+len(deleted.Left) > 0 {
		t.Errorf("%+v, %v", deleted, err)
	}
	if b.alone(t, b.name) != kept[0].ID {
		t.Error("the container is another one")
	}
	// Nor under another name, which only the last objects tell.
	if deleted, err = p.Delete(t.Context(), other, kept, kept); err != nil || len(deleted.Done) > 0 {
		t.Errorf("%+v, %v", deleted, err)
	}
	if b.alone(t, b.name) != kept[0].ID {
		t.Error("the container is another one")
	}
}
