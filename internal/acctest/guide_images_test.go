package acctest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

const (
	imagesGuide    = examples + "/guides/custom-delegate-images"
	imagesTemplate = "../../templates/guides/custom-delegate-images.md.tmpl"
)

// follower does what a guide says, and takes down what it sees.
type follower struct {
	t    *testing.T
	work *tfcli.Workspace
	// used are the files of the guide's folder that were needed so far.
	used []string
	seen strings.Builder
}

// takes copies a file of the guide's folder, as a reader would.
func (f *follower) takes(names ...string) {
	f.t.Helper()
	for _, name := range names {
		f.used = append(f.used, name)
		if err := f.work.Write(name, read(f.t, filepath.Join(imagesGuide, name))); err != nil {
			f.t.Fatal(err)
		}
	}
}

// runs runs Terraform, which must succeed.
func (f *follower) runs(arguments ...string) {
	f.t.Helper()
	f.seen.WriteString(terraformRun(f.t, f.work, 0, append(arguments, "-no-color")...).Output())
}

// apply applies without a question.
func (f *follower) apply() {
	f.t.Helper()
	f.runs("apply", "-auto-approve", "-input=false")
}

// The guide "Custom delegate images without surprises", from the first step to
// the next release, with a real upgrader's CronJob. The only thing that is made up
// is docker, which writes down what it is asked to do. What the guide shows of
// Terraform's output is what Terraform prints.
func TestAccGuides_customDelegateImages(t *testing.T) {
	if err := kubetest.CanRunPods(); err != nil {
		t.Skipf("SKIPPED: no pod can be run here, and the guide wants to see an upgrader succeed: %v", err)
	}
	binary, err := tfcli.Build(t.Context(), tfcli.Provider, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := acctest.NewManager(t)
	m.Freeze(true)
	m.SetTime(acctest.Start)
	f := &follower{t: t, work: workspace(t, m, binary)}
	f.work.Dir = filepath.Join(t.TempDir(), "payments")
	if err := os.Mkdir(f.work.Dir, 0o750); err != nil {
		t.Fatal(err)
	}
	left, reached := equip(t, m, f.work, imagesGuide), chain(t, m, text(t, imagesGuide))
	m.AddDelegate(simulator.Delegate{
		AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: onKubernetes,
		Replicas: slices.Repeat([]simulator.Replica{{Image: "harness/delegate:24.03.82600", Alive: true, CreatedAt: acctest.Start.AddDate(0, 0, -30)}}, 2),
	})
	const first, second = "registry.example.com/payments/delegate:24.04.82804", "registry.example.com/payments/delegate:24.05.83404"
	holds := func(want ...string) {
		t.Helper()
		if held := m.Held(); !slices.Equal(held, want) {
			t.Errorf("the Manager holds %q, want %q", held, want)
		}
	}

	f.takes("provider.tf", "build.tf")
	initialize(t, f.work)
	f.apply()
	f.takes("Dockerfile", "build.sh")
	if got, want := f.builds(), []string{
		"build --pull --build-arg BASE_IMAGE=harness/delegate:24.04.82804 --tag " + first + " .",
		"push " + first,
	}; !slices.Equal(got, want) {
		t.Errorf("docker is asked to %q, want %q", got, want)
	}

	f.takes("image.tf", "pin.tf")
	f.runs("plan", "-input=false")
	holds()

	f.takes("impact.tf")
	f.apply()
	holds("default/payments " + first)

	f.takes("upgrader.tf")
	f.apply()
	reached()
	// The Deployment has the image. Its pods come up.
	m.RunUpgrader(acctest.Account, onKubernetes)
	f.takes("verify.tf")
	f.apply()
	f.runs("plan", "-input=false")

	m.SetTime(time.Date(2024, time.June, 12, 12, 0, 0, 0, time.UTC))
	m.RunUpgrader(acctest.Account, onKubernetes)
	m.Release(acctest.Account, "24.05.83404")
	f.runs("plan", "-input=false")
	line := strings.Replace(read(t, filepath.Join(imagesGuide, "image.tf")), first, second, 1)
	if err := f.work.Write("image.tf", line); err != nil {
		t.Fatal(err)
	}
	f.runs("plan", "-input=false")
	f.waits(func() {
		dockertest.Eventually(t, "the override is changed", func() bool { return slices.Equal(m.Held(), []string{"default/payments " + second}) })
		m.RunUpgrader(acctest.Account, onKubernetes)
	})
	// The output "impact" now says that nothing is left to change.
	f.apply()
	f.runs("plan", "-detailed-exitcode", "-input=false")

	f.runs("destroy", "-auto-approve", "-input=false")
	holds()
	if left() {
		t.Error("after destroy there is not what was there before")
	}
	f.hasUsedAll()
	f.hasSeenWhatTheGuideShows()
}

// builds runs build.sh with a docker that does nothing, and returns what it was
// asked to do.
func (f *follower) builds() []string {
	f.t.Helper()
	bin := f.t.TempDir()
	asked := filepath.Join(bin, "asked")
	if err := os.WriteFile(filepath.Join(bin, "docker"), []byte("#!/bin/sh\necho \"$@\" >> \"$ASKED\"\n"), 0o700); err != nil { //nolint:gosec // it is run
		f.t.Fatal(err)
	}
	build := exec.CommandContext(f.t.Context(), "sh", "build.sh")
	build.Dir = f.work.Dir
	build.Env = append(os.Environ(), append(slices.Clone(f.work.Env), "ASKED="+asked, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))...)
	if out, err := build.CombinedOutput(); err != nil {
		f.t.Fatalf("build.sh: %v\n%s", err, out)
	}
	return strings.Split(strings.TrimSpace(read(f.t, asked)), "\n")
}

// waits applies while something else happens.
func (f *follower) waits(meanwhile func()) {
	f.t.Helper()
	applied := make(chan struct{})
	var result tfcli.Result
	var err error
	go func() {
		defer close(applied)
		result, err = f.work.Run(f.t.Context(), "apply", "-auto-approve", "-input=false", "-no-color")
	}()
	meanwhile()
	<-applied
	if err != nil || result.ExitCode != 0 {
		f.t.Fatalf("apply: %v\n%s", err, result.Output())
	}
	f.seen.WriteString(result.Output())
}

// hasUsedAll: each file of the folder has its place in the guide and in the test.
func (f *follower) hasUsedAll() {
	f.t.Helper()
	entries, err := os.ReadDir(imagesGuide)
	if err != nil {
		f.t.Fatal(err)
	}
	guide := read(f.t, imagesTemplate)
	for _, entry := range entries {
		if !slices.Contains(f.used, entry.Name()) {
			f.t.Errorf("the test doesn't use %s", entry.Name())
		}
		if shown := regexp.MustCompile(`\{\{ (?:tffile|codefile "\w+") "examples/guides/custom-delegate-images/` + regexp.QuoteMeta(entry.Name()) + `" \}\}`); !shown.MatchString(guide) {
			f.t.Errorf("the guide doesn't show %s", entry.Name())
		}
	}
}

// hasSeenWhatTheGuideShows: each excerpt is part of what Terraform has printed. A
// line "…" stands for what is left out.
func (f *follower) hasSeenWhatTheGuideShows() {
	f.t.Helper()
	excerpts := regexp.MustCompile("(?s)\n```text\n(.*?)```\n").FindAllStringSubmatch(read(f.t, imagesTemplate), -1)
	if excerpts == nil {
		f.t.Fatal("the guide shows no output")
	}
	for _, excerpt := range excerpts {
		for _, part := range regexp.MustCompile(`(?m)^\s*…\n`).Split(excerpt[1], -1) {
			if !strings.Contains(f.seen.String(), part) {
				f.t.Errorf("Terraform has not printed\n%s", part)
			}
		}
	}
	if f.t.Failed() {
		f.t.Logf("Terraform has printed\n%s", f.seen.String())
	}
}
