package simulator

import (
	"strconv"
	"strings"
	"time"
)

// Values of the auto-upgrade status.
const (
	AutoUpgradeOn        = "ON"
	AutoUpgradeOff       = "OFF"
	AutoUpgradeDetecting = "DETECTING"
)

// Values of the status of a version.
const (
	versionActive  = "ACTIVE"
	versionExpired = "EXPIRED"
)

const (
	// upgraderSeenMinutes is for how many whole minutes a call of the upgrader, or the registration of a delegate, counts.
	upgraderSeenMinutes = 90
	// oldestAutoUpgraded is the first build that can be upgraded automatically.
	oldestAutoUpgraded = 76300
	// supportWeeks is how long a delegate of the Manager's own build is good for.
	supportWeeks = 24
)

// autoUpgrade is the auto-upgrade status of a group with those of its replicas that a filter left.
// A very old version of the group makes it OFF; the list of delegates knows no such version and passes none.
func (s *Simulator) autoUpgrade(d *Delegate, replicas []Replica, groupVersion string, now time.Time) string {
	build, found := buildOf(groupVersion)
	switch {
	case d.Type == typeDocker && s.behaviour.DockerStatus != DockerStatusByCallTime:
		return AutoUpgradeOff
	case found && build < oldestAutoUpgraded:
		return AutoUpgradeOff
	case isLegacy(replicas):
		return AutoUpgradeOn
	case recent(d.UpgraderLastUpdated, now):
		return AutoUpgradeOn
	case recent(oldestCreation(replicas), now):
		return AutoUpgradeDetecting
	default:
		return AutoUpgradeOff
	}
}

// isLegacy looks at the first replica only; a group without replicas counts as legacy.
func isLegacy(replicas []Replica) bool {
	return len(replicas) == 0 || replicas[0].Legacy
}

// recent compares whole minutes, so that 90 minutes and 59 seconds still count. The zero time never does.
func recent(t, now time.Time) bool {
	return !t.IsZero() && int64(now.Sub(t)/time.Minute) <= upgraderSeenMinutes
}

func oldestCreation(replicas []Replica) time.Time {
	var oldest time.Time
	for _, r := range replicas {
		if oldest.IsZero() || r.CreatedAt.Before(oldest) {
			oldest = r.CreatedAt
		}
	}
	return oldest
}

// expiry is when the Manager thinks that a delegate version expires. It slides: the gap between the builds of Manager and
// delegate is subtracted from 24 weeks, counted from now. A version without a build counts as current.
func expiry(managerBuild int, version string, now time.Time) time.Time {
	weeks := supportWeeks
	if build, found := buildOf(version); found && managerBuild > 0 {
		weeks -= managerBuild/100 - build/100
	}
	return now.AddDate(0, 0, 7*weeks)
}

// versionStatus tells whether something that expires at a time in milliseconds has done so.
func versionStatus(expiringAt int64, now time.Time) string {
	if expiringAt < millis(now) {
		return versionExpired
	}
	return versionActive
}

// buildOf is the third segment of a version, if it is a number.
func buildOf(version string) (int, bool) {
	segments := strings.Split(version, ".")
	if len(segments) < 3 {
		return 0, false
	}
	build, err := strconv.Atoi(segments[2])
	return build, err == nil
}

// managerBuild is the build of the Manager: the one configured, else that of the account's latest version.
func (s *Simulator) managerBuild(accountID string) int {
	if s.behaviour.ManagerBuild > 0 {
		return s.behaviour.ManagerBuild
	}
	build, _ := buildOf(s.accounts[accountID].LatestVersion)
	return build
}
