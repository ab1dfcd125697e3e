package container

import (
	api "github.com/moby/moby/api/types/container"
)

// compareState says what keeps the upgrader from running. Its words stay the
// same from one refresh to the next as long as nothing happens.
func (m *comparison) compareState() {
	state := m.c.State
	switch status(state) {
	case api.StateRunning:
		if state.Running && len(m.c.NetworkSettings.Networks) == 0 && hasNetwork(m.c.HostConfig.NetworkMode) {
			m.drifted(replacing, "is connected to no network")
		}
	case api.StatePaused:
		m.drifted(starting, "is paused")
	case api.StateRestarting:
		// The engine is at it already. If it doesn't succeed, then what to change
		// is told by the container's log, which only an apply reads.
		m.drifted(starting, "is restarting, having %s", ended(state, false))
	case api.StateCreated:
		m.drifted(starting, "was never started")
	case api.StateDead, api.StateRemoving:
		m.drifted(replacing, "is being removed")
	default:
		m.drifted(starting, "is not running (%s)", ended(state, true))
	}
}

// status is the state in one word. Old engines call a container that is both
// running and restarting by either.
func status(state *api.State) api.ContainerState {
	switch {
	case state.Dead:
		return api.StateDead
	case state.Restarting:
		return api.StateRestarting
	case state.Paused:
		return api.StatePaused
	case state.Running:
		return api.StateRunning
	default:
		return state.Status
	}
}

// ended says how the container's program has ended, and if wanted when.
func ended(state *api.State, when bool) string {
	text := "exited with code " + itoa(state.ExitCode)
	if when {
		text += " at " + state.FinishedAt
	}
	if state.OOMKilled {
		text += ", out of memory"
	}
	if state.Error != "" {
		text += ": " + state.Error
	}
	return text
}

// hasNetwork tells whether a container with this mode is connected to a network
// of its own.
func hasNetwork(mode api.NetworkMode) bool {
	return !mode.IsNone() && !mode.IsHost() && !mode.IsContainer()
}
