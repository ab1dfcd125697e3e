package container

import (
	"strconv"
	"strings"
	"testing"
	"time"

	api "github.com/moby/moby/api/types/container"
)

// What the engine tells of containers in each state, and what is made of it.
func TestStatusOf(t *testing.T) {
	t.Parallel()
	const began, ended, hidden = "2026-03-04T05:06:07.123456789Z", "2026-03-04T05:07:00Z", "t0ken-that-nobody-may-see"
	now := time.Date(2026, time.March, 4, 5, 30, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		state    api.State
		restarts int
		env      []string
		next     string
		failure  string // the reason, the exit code or -, and the message
		problem  string
	}{
		"runs": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began}, next: "06:00",
		},
		"runs in a zone": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began},
			env:   []string{"SCHEDULE=15 * * * *", "TZ=Asia/Kolkata"}, next: "05:45",
		},
		"runs again": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began, FinishedAt: ended}, restarts: 2, next: "06:00",
			failure: "Restarted - Container/web-upgrader has ended, and the engine has started it again. The number of restarts so far: 2.",
		},
		"does health checks": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began}, env: []string{"DISABLE_AUTO_UPGRADE=true"},
			problem: "Container/web-upgrader has DISABLE_AUTO_UPGRADE=true: it does health checks and upgrades nothing.",
		},
		"never runs": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began}, env: []string{"SCHEDULE=0 0 30 2 *"},
			problem: `Container/web-upgrader: environment variable SCHEDULE is "0 0 30 2 *": it never runs, because no date has its day and month.`,
		},
		"has a descriptor": {
			state: api.State{Status: api.StateRunning, Running: true, StartedAt: began}, env: []string{"SCHEDULE=@hourly"},
			problem: `Container/web-upgrader: environment variable SCHEDULE is "@hourly": an upgrader on Docker takes a cron expression of five fields.`,
		},
		"has failed": {
			state:   api.State{Status: api.StateExited, ExitCode: 2, StartedAt: began, FinishedAt: ended},
			failure: "Error 2 Container/web-upgrader exited with code 2.",
			problem: "Container/web-upgrader is not running: it exited with code 2 at " + ended + ".",
		},
		"was stopped": {
			state:   api.State{Status: api.StateExited, StartedAt: began, FinishedAt: ended},
			problem: "Container/web-upgrader is not running: it exited with code 0 at " + ended + ".",
		},
		"had too little memory": {
			state:   api.State{Status: api.StateExited, ExitCode: 137, OOMKilled: true, StartedAt: began, FinishedAt: ended},
			failure: "OOMKilled 137 Container/web-upgrader exited with code 137, out of memory.",
			problem: "Container/web-upgrader is not running: it exited with code 137 at " + ended + ", out of memory.",
		},
		"fails again and again": {
			state:   api.State{Status: api.StateRestarting, Restarting: true, Running: true, ExitCode: 1, StartedAt: began, FinishedAt: ended},
			failure: "Error 1 Container/web-upgrader exited with code 1.",
			problem: "Container/web-upgrader is restarting, having exited with code 1.",
		},
		"can't be started": {
			state:   api.State{Status: api.StateCreated, ExitCode: 127, Error: "exec " + hidden + ": no such file.", StartedAt: "0001-01-01T00:00:00Z", FinishedAt: "0001-01-01T00:00:00Z"},
			failure: "Error 127 Container/web-upgrader exited with code 127: exec ***: no such file.",
			problem: "Container/web-upgrader was never started.",
		},
		"is going": {
			state:   api.State{Status: api.StateRemoving, StartedAt: began, FinishedAt: ended},
			problem: "Container/web-upgrader is being removed.",
		},
		"is paused": {
			state:   api.State{Status: api.StatePaused, Running: true, Paused: true, StartedAt: began},
			problem: "Container/web-upgrader is paused.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := complete(api.InspectResponse{
				Name: "/web-upgrader", State: &tc.state, RestartCount: tc.restarts,
				HostConfig: &api.HostConfig{Binds: []string{"/var/run/docker.sock:/var/run/docker.sock"}},
				Config:     &api.Config{Image: "upgrader:1", Env: append([]string{"UPGRADER_WORKLOAD_NAME=web", "UPGRADER_TOKEN=" + hidden}, tc.env...)},
			})
			s := statusOf(c, imageFacts{}, now)
			next := ""
			if !s.NextRun.IsZero() {
				next = s.NextRun.Format("15:04")
			}
			if next != tc.next {
				t.Errorf("the next run is at %q, want %q", next, tc.next)
			}
			if s.Problem() != tc.problem {
				t.Errorf("the problem is %q, want %q", s.Problem(), tc.problem)
			}
			failure := ""
			if f := s.LastFailure; f != nil {
				code := "-"
				if f.ExitCode != nil {
					code = strconv.FormatInt(*f.ExitCode, 10)
				}
				failure = strings.Join([]string{f.Reason, code, f.Message}, " ")
			}
			if failure != tc.failure {
				t.Errorf("the last failure is %q, want %q", failure, tc.failure)
			}
			if s.Running != (tc.state.Status == api.StateRunning) || s.DelegateName != "web" || s.Image != "upgrader:1" ||
				s.Container.State != string(tc.state.Status) || s.Container.Restarts != int64(tc.restarts) || !s.LastRun.IsZero() || !s.LastSuccess.IsZero() {
				t.Errorf("status %+v, container %+v", s, s.Container)
			}
			if started := s.Container.StartedAt; started.IsZero() != (tc.state.Status == api.StateCreated) {
				t.Errorf("it was started at %s", started)
			}
		})
	}
}
