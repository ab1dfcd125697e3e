package container_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// killer ends the goroutine that works, as SIGKILL ends a process: nothing that
// it would have done afterwards is done. It does so once a number of writes have
// gone through.
type killer struct {
	http.RoundTripper
	allowed int32
	writes  atomic.Int32
}

func (k *killer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return k.RoundTripper.RoundTrip(r)
	}
	if k.allowed == 0 {
		runtime.Goexit()
	}
	response, err := k.RoundTripper.RoundTrip(r)
	if k.writes.Add(1) == k.allowed {
		if err == nil {
			_ = response.Body.Close()
		}
		runtime.Goexit()
	}
	return response, err
}

// interrupted applies until the given number of writes have gone through, and
// reports whether there were as many.
func (b bed) interrupted(t *testing.T, want spec.Upgrader, last []spec.Object, writes int32) bool {
	t.Helper()
	k := &killer{allowed: writes, RoundTripper: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", b.Socket())
		},
	}}
	engine, err := client.New(client.WithHost(b.Host), client.WithHTTPClient(&http.Client{Transport: k}))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	finished := false
	go func() {
		defer close(ended)
		_, err = at(engine, b.Host).Apply(t.Context(), spec.Change{Want: want, Last: last})
		finished = true
	}()
	<-ended
	if finished && err != nil {
		t.Fatalf("after %d writes: %v", writes, err)
	}
	return !finished
}

// TestInterrupt_everywhere kills an apply after each of its writes, and lets
// another one go on from there.
func TestInterrupt_everywhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// make makes what is there before, and returns what is to become of it.
		make func(t *testing.T, b bed) (want spec.Upgrader, last []spec.Object)
		// atLeast is how many writes there are.
		atLeast int32
	}{
		{"create", func(_ *testing.T, b bed) (spec.Upgrader, []spec.Object) { return b.wanted(), nil }, 2},
		{"replace", func(t *testing.T, b bed) (spec.Upgrader, []spec.Object) {
			t.Helper()
			applied := apply(t, b.platform(), b.wanted(), nil)
			want := b.wanted()
			want.Schedule = "0 0 * * *"
			return want, applied.Objects
		}, 5},
		{"replace an imported one", func(t *testing.T, b bed) (spec.Upgrader, []spec.Object) {
			t.Helper()
			options := documented(b)
			options.Name = b.name
			id := b.Run(t, options)
			want := b.wanted()
			want.Schedule = "0 0 * * *"
			return want, []spec.Object{{Kind: "Container", Name: b.name, ID: id}}
		}, 5},
		{"replace under another name", func(t *testing.T, b bed) (spec.Upgrader, []spec.Object) {
			t.Helper()
			applied := apply(t, b.platform(), b.wanted(), nil)
			want := b.wanted()
			want.Schedule, want.Docker.Name = "0 0 * * *", b.name+"-other"
			return want, applied.Objects
		}, 6},
		{"change in place", func(t *testing.T, b bed) (spec.Upgrader, []spec.Object) {
			t.Helper()
			applied := apply(t, b.platform(), b.wanted(), nil)
			if _, err := b.API.ContainerStop(t.Context(), b.name, client.ContainerStopOptions{}); err != nil {
				t.Fatal(err)
			}
			want := b.wanted()
			want.Docker.Memory = 200
			return want, applied.Objects
		}, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			writes := int32(0)
			for ; ; writes++ {
				want, last := test.make(t, b)
				if !b.interrupted(t, want, last, writes) && writes > 0 {
					break
				}
				b.running(t, test.name != "create" && test.name != "change in place", writes)
				if seen := observe(t, b.platform(), want); len(seen.Objects) == 0 && test.name == "replace" {
					t.Fatalf("after %d writes, nothing is seen", writes)
				}
				applied := apply(t, b.platform(), want, last)
				b.alone(t, want.Docker.Name)
				if len(applied.Objects) != 1 {
					t.Fatalf("after %d writes: objects are %v", writes, applied.Objects)
				}
				unchanged(t, b.platform(), want, applied.Objects)
				if err := b.RemoveContainers(t.Context(), b.name); err != nil {
					t.Fatal(err)
				}
			}
			if writes <= test.atLeast {
				t.Fatalf("there were %d writes, want at least %d", writes-1, test.atLeast)
			}
		})
	}
}

// running ends the test unless some container of it runs, if one should: an
// interrupted replacement leaves the delegate with an upgrader.
func (b bed) running(t *testing.T, should bool, writes int32) {
	t.Helper()
	if !should {
		return
	}
	names, err := b.Names(t.Context(), b.name)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if b.live(t, name).State.Running {
			return
		}
	}
	t.Fatalf("after %d writes, no upgrader runs: %v", writes, names)
}

// TestInterrupt_thenBad interrupts a replacement by an upgrader that can't run.
// The next apply brings the old one back.
func TestInterrupt_thenBad(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	for writes := int32(1); ; writes++ {
		applied := apply(t, p, b.wanted(), nil)
		id := b.alone(t, b.name)
		bad := b.wanted()
		bad.Schedule = "never"
		if writes > 3 { // rename, create, start
			return
		}
		b.interrupted(t, bad, applied.Objects, writes)
		seen := observe(t, p, bad)
		if said := strings.Join(seen.Drift, "\n"); !strings.Contains(said, fmt.Sprintf("Container/%s-replaced-%s: left over from an interrupted replacement", b.name, id[:12])) {
			t.Errorf("after %d writes, drift is %q", writes, said)
		}
		if _, err := b.patient().Apply(t.Context(), spec.Change{Want: bad, Last: applied.Objects}); err == nil {
			t.Fatal("no failure")
		}
		if b.alone(t, b.name) != id {
			t.Errorf("after %d writes, the upgrader is another one than before", writes)
		}
		if err := b.RemoveContainers(t.Context(), b.name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInterrupt_otherWish interrupts a replacement and then wants the old
// arguments back, or other ones.
func TestInterrupt_otherWish(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	p := b.platform()
	for writes := int32(1); writes <= 4; writes++ {
		for _, schedule := range []string{spec.DefaultSchedule, "0 0 * * 0"} {
			applied := apply(t, p, b.wanted(), nil)
			first := b.wanted()
			first.Schedule = "0 0 * * *"
			if !b.interrupted(t, first, applied.Objects, writes) {
				t.Fatal("not interrupted")
			}
			second := b.wanted()
			second.Schedule = schedule
			applied = apply(t, p, second, applied.Objects)
			b.alone(t, b.name)
			unchanged(t, p, second, applied.Objects)
			if err := b.RemoveContainers(t.Context(), b.name); err != nil {
				t.Fatal(err)
			}
		}
	}
}
