package standin_test

import (
	"bufio"
	"io"
	"maps"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// started is a program that goes on running.
type started struct {
	t       *testing.T
	process *exec.Cmd
	lines   *bufio.Scanner
	printed strings.Builder
}

func start(t *testing.T, path string, environment map[string]string, arguments ...string) *started {
	t.Helper()
	process, _ := command(t.Context(), path, environment, arguments...)
	process.Stdout, process.Stderr = nil, nil
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return &started{t: t, process: process, lines: bufio.NewScanner(output)}
}

// waitFor reads what the program prints, up to a line with the text.
func (s *started) waitFor(text string) {
	s.t.Helper()
	for s.lines.Scan() {
		_, _ = io.WriteString(&s.printed, s.lines.Text()+"\n")
		if strings.Contains(s.lines.Text(), text) {
			return
		}
	}
	_ = s.process.Wait()
	s.t.Fatalf("the program ended without %q:\n%s", text, s.printed.String())
}

func (s *started) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// wantEnd waits for a good end.
func (s *started) wantEnd() {
	s.t.Helper()
	for s.lines.Scan() {
		_, _ = io.WriteString(&s.printed, s.lines.Text()+"\n")
	}
	if err := s.process.Wait(); err != nil {
		s.t.Errorf("the program ended with %v:\n%s", err, s.printed.String())
	}
}

func TestDockerUpgraderOutlivesFailingRounds(t *testing.T) {
	upgrader, _ := programs(t)
	environment := goodSettings()
	environment["STANDIN_ROOT"] = t.TempDir() // There is no socket of an engine.
	process := start(t, upgrader, environment, "STANDIN_RUN_AT_START=true")
	process.waitFor("automatic upgrade is on")
	process.waitFor("the round failed: calling the Docker Engine")
	process.waitFor("next round at")
	process.signal(syscall.SIGUSR1)
	process.waitFor("asked for a round")
	process.waitFor("the round failed: calling the Docker Engine")
	process.signal(syscall.SIGTERM)
	process.waitFor("told to stop")
	process.wantEnd()
	if strings.Contains(process.printed.String(), environment["UPGRADER_TOKEN"]) {
		t.Errorf("the token was printed:\n%s", process.printed.String())
	}
}

func TestDockerUpgraderKeepsTheSchedule(t *testing.T) {
	upgrader, _ := programs(t)
	environment := goodSettings()
	maps.Copy(environment, map[string]string{"STANDIN_ROOT": t.TempDir(), "SCHEDULE": "@every 1s", "DISABLE_AUTO_UPGRADE": "true"})
	process := start(t, upgrader, environment)
	process.waitFor("automatic upgrade is off")
	process.waitFor("next round at")
	process.waitFor("the round failed: calling the Docker Engine")
	process.signal(syscall.SIGTERM)
	process.wantEnd()
}

func TestDockerUpgraderRefusesBadSettings(t *testing.T) {
	upgrader, _ := programs(t)
	environment := goodSettings()
	maps.Copy(environment, map[string]string{"SCHEDULE": "hourly", "CONTAINER_STOP_TIMEOUT": "1h"})
	process, output := command(t.Context(), upgrader, environment)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := finish(t, process, output, environment["UPGRADER_TOKEN"])
	wantEqual(t, ended.exitCode, 1)
	wantContains(t, ended.lastLine(), "upgrader failed: ", "SCHEDULE", "CONTAINER_STOP_TIMEOUT")
}

func TestDelegateEndsAfterItsTasks(t *testing.T) {
	_, delegate := programs(t)
	process := start(t, delegate, map[string]string{"DELEGATE_NAME": "d1"}, "-version=24.04.82804", "-drain=1ms")
	process.waitFor("delegate d1, version 24.04.82804, is up")
	process.signal(syscall.SIGTERM)
	process.waitFor("delegate ends after its tasks, in 1ms")
	process.wantEnd()
}
