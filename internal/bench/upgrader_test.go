package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLive(t *testing.T) {
	t.Parallel()
	total := 10
	sends := func(requests int, took time.Duration) func() (cost, error) {
		return func() (cost, error) {
			total += requests
			return cost{wall: took}, nil
		}
	}
	count := func() (int, error) { return total, nil }
	got, err := live(count, [phases]func() (cost, error){sends(13, time.Second), sends(7, 2), sends(20, 3)})
	if err != nil {
		t.Fatal(err)
	}
	if got[applying].requests != 13 || got[destroying].requests != 20 || got[applying].wall != time.Second {
		t.Errorf("got %+v", got)
	}

	errOdd := errors.New("odd")
	fails := func() (cost, error) { return cost{}, errOdd }
	if _, err := live(count, [phases]func() (cost, error){sends(1, 1), fails, sends(1, 1)}); !errors.Is(err, errOdd) || total != 51 {
		t.Errorf("got the error %v, and %d requests", err, total)
	}
}

func TestContender_head(t *testing.T) {
	t.Parallel()
	c := contender{name: "x", source: "example.com/x/x", block: "\nprovider \"x\" {\n  a = 1\n}\n"}
	if got := c.head("  b = 2\n"); !strings.HasSuffix(got, "provider \"x\" {\n  a = 1\n  b = 2\n}\n") {
		t.Errorf("got %s", got)
	}
	if got := c.head(""); !strings.HasSuffix(got, "provider \"x\" {\n  a = 1\n}\n") {
		t.Errorf("got %s", got)
	}
}

// Three requests at once, and then one, are two delays.
func TestDistance(t *testing.T) {
	t.Parallel()
	d := &distance{forward: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}
	server := httptest.NewServer(d)
	defer server.Close()
	get := func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	var together sync.WaitGroup
	for range 3 {
		together.Go(get)
	}
	together.Wait()
	get()
	got := d.take()
	// How busy the machine is decides how exactly.
	if got.requests != 4 || got.most < 2 || got.depth < 2 || got.depth > 20 {
		t.Errorf("got %+v", got)
	}
	if again := d.take(); again != (traffic{}) {
		t.Errorf("and then %+v", again)
	}
}

func TestTable_leaveOut(t *testing.T) {
	t.Parallel()
	var results table
	results.leaveOut("ships", errors.New("there is no sea"))
	results.section("cars")
	var got strings.Builder
	if err := results.print(&got); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(got.String(), "\n\nLEFT OUT: ships, because there is no sea\n") {
		t.Errorf("got\n%s", got.String())
	}
}
