package simulator

import "strings"

// minimalSuffix marks the image without client tools.
const minimalSuffix = ".minimal"

type latestVersion struct {
	LatestSupportedVersion        string `json:"latestSupportedVersion"`
	LatestSupportedMinimalVersion string `json:"latestSupportedMinimalVersion"`
}

// getLatestVersion serves GET latest-supported-version. The permission is asked at account scope whatever the scope given.
// An old server does not know scopes here.
func (s *Simulator) getLatestVersion(c *call) (reply, error) {
	guard := s.guard
	if s.behaviour.ServerAge == ServerAgeOld {
		guard = s.guardAccount
	}
	key, at, err := guard(c)
	if err != nil {
		return reply{}, err
	}
	var broken constraints
	broken.needAccountIdentifier(c)
	if err := broken.err(); err != nil {
		return reply{}, err
	}
	if err := require(key, PermissionView, scope{account: at.account}); err != nil {
		return reply{}, err
	}
	version, found := versionOf(s.latestOf(at.account, c.now))
	if !found {
		return reply{}, internalError()
	}
	return ok(latestVersion{LatestSupportedVersion: version, LatestSupportedMinimalVersion: version + minimalSuffix}), nil
}

// versionOf takes the second of the texts between colons, as the Manager does; a registry with a port would confuse it.
func versionOf(image string) (string, bool) {
	parts := strings.Split(image, ":")
	if len(parts) < 2 {
		return "", false
	}
	return parts[1], true
}
