package standin

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/robfig/cron/v3"
)

// Defaults of the settings of an upgrader in Docker.
const (
	DefaultSchedule    = "0 */1 * * *"
	DefaultStopTimeout = time.Hour
)

// longestStop is about 68 years, the largest number of seconds that the Docker Engine takes.
const longestStop = 1<<31 - 1

// Settings are those of an upgrader in Docker, which has them from its environment.
type Settings struct {
	AccountID   string
	ManagerHost string
	// WorkloadName is what DELEGATE_NAME has to be in the containers to upgrade.
	WorkloadName string
	Token        string
	Schedule     cron.Schedule
	// StopTimeout is how long an old container gets to finish its tasks.
	StopTimeout time.Duration
	// HealthOnly is set where automatic upgrade is disabled.
	HealthOnly bool
	Proxy      Proxy
}

// DecodeSettings reads the settings from the environment that lookup shows. Errors don't name the token.
func DecodeSettings(lookup func(string) (string, bool)) (Settings, error) {
	get := func(name string) string {
		value, _ := lookup(name)
		return value
	}
	s := Settings{
		AccountID:    get("ACCOUNT_ID"),
		ManagerHost:  get("MANAGER_HOST_AND_PORT"),
		WorkloadName: get("UPGRADER_WORKLOAD_NAME"),
		Token:        get("UPGRADER_TOKEN"),
		Proxy: Proxy{
			Scheme: get("PROXY_SCHEME"), Host: get("PROXY_HOST"), Port: get("PROXY_PORT"),
			User: get("PROXY_USER"), Password: get("PROXY_PASSWORD"), Manager: get("PROXY_MANAGER"),
		},
	}
	for _, n := range []struct{ name, value string }{
		{"ACCOUNT_ID", s.AccountID},
		{"MANAGER_HOST_AND_PORT", s.ManagerHost},
		{"UPGRADER_WORKLOAD_NAME", s.WorkloadName},
		{"UPGRADER_TOKEN", s.Token},
	} {
		if n.value == "" {
			return Settings{}, fmt.Errorf("%s is missing in the environment", n.name)
		}
	}
	if _, err := ParseManagerHost(s.ManagerHost); err != nil {
		return Settings{}, fmt.Errorf("MANAGER_HOST_AND_PORT: %w", err)
	}
	if _, err := s.Proxy.URL(); err != nil {
		return Settings{}, err
	}
	return s, errors.Join(s.decodeSchedule(lookup), s.decodeStopTimeout(lookup), s.decodeDisabled(lookup))
}

func (s *Settings) decodeSchedule(lookup func(string) (string, bool)) error {
	text, found := lookup("SCHEDULE")
	if !found {
		text = DefaultSchedule
	}
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		return fmt.Errorf("SCHEDULE: %w", err)
	}
	s.Schedule = schedule
	return nil
}

func (s *Settings) decodeStopTimeout(lookup func(string) (string, bool)) error {
	text, found := lookup("CONTAINER_STOP_TIMEOUT")
	if !found {
		s.StopTimeout = DefaultStopTimeout
		return nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > longestStop {
		return fmt.Errorf("CONTAINER_STOP_TIMEOUT is %q, not a number of seconds", text)
	}
	s.StopTimeout = time.Duration(seconds) * time.Second
	return nil
}

func (s *Settings) decodeDisabled(lookup func(string) (string, bool)) error {
	text, found := lookup("DISABLE_AUTO_UPGRADE")
	if !found {
		return nil
	}
	disabled, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("DISABLE_AUTO_UPGRADE is %q, neither true nor false", text)
	}
	s.HealthOnly = disabled
	return nil
}
