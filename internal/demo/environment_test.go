package main

import (
	"slices"
	"testing"
)

func TestUnset(t *testing.T) {
	t.Parallel()
	got := unset([]string{"PATH=/bin", "KUBECONFIG=/root/config", "KUBE_TOKEN=t", "DOCKER_HOST=tcp://example.com", "HOME=/root"})
	if want := []string{"KUBECONFIG=", "KUBE_TOKEN=", "DOCKER_HOST="}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
