package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// emptyStage has a workspace, but nobody runs Terraform in it.
func emptyStage(t *testing.T) *stage {
	t.Helper()
	t.Chdir("../..")
	return &stage{
		screen: &screen{out: io.Discard}, terraform: &tfcli.Workspace{Dir: t.TempDir()},
		configuration: overrides().configuration, secrets: []string{apiKey, "token"},
	}
}

// Whatever is added to the configuration gets its place in the story.
func TestStage_expectAllUsed(t *testing.T) {
	s := emptyStage(t)
	if err := s.use("provider.tf", "released.tf", "pins.tf"); err != nil {
		t.Fatal(err)
	}
	if err := s.expectAllUsed(); err == nil || !strings.Contains(err.Error(), "images.tf") {
		t.Errorf("got the error %v, want one that names images.tf", err)
	}
	if err := s.use("images.tf"); err != nil {
		t.Fatal(err)
	}
	if err := s.expectAllUsed(); err != nil {
		t.Error(err)
	}
}

func TestStage_expectNoSecret(t *testing.T) {
	s := emptyStage(t)
	if err := s.terraform.Write("terraform.tfstate", "harmless"); err != nil {
		t.Fatal(err)
	}
	if err := s.expectNoSecret(); err != nil {
		t.Error(err)
	}
	s.screen.remember("x-api-key: " + apiKey)
	if err := os.WriteFile(filepath.Join(s.terraform.Dir, "adopted.tf"), []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := s.expectNoSecret()
	if err == nil || !strings.Contains(err.Error(), "adopted.tf\n  the output\n") {
		t.Errorf("got the error %v, want one that names both places", err)
	}
	if strings.Contains(err.Error(), apiKey) {
		t.Error("the error holds the key")
	}
}

func TestManager(t *testing.T) {
	t.Parallel()
	m, err := startManager(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.put(simulator.Override{Version: "image:2"}, 10); err != nil {
		t.Error(err)
	}
	m.passTo(time.May, 24)
	gpu := simulator.Override{OrgID: "default", ProjectID: "payments", Tags: []string{"gpu", "linux"}, Version: "image:1"}
	if err := m.put(gpu, 10); err != nil {
		t.Error(err)
	}
	want := []string{"account: image:2 until 2024-05-25", "default/payments {gpu, linux}: image:1 until 2024-06-03"}
	if got := m.held(); !slices.Equal(got, want) {
		t.Errorf("the Manager holds %q, want %q", got, want)
	}
	if err := m.put(simulator.Override{OrgID: "elsewhere", Version: "image:1"}, 10); err == nil {
		t.Error("an override for an unknown organization was set")
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}
