package simulator

import (
	"cmp"
	"strings"
)

// upgradeAnswer tells an upgrader what to run.
type upgradeAnswer struct {
	ImageTag      string `json:"imageTag"`
	ShouldUpgrade bool   `json:"shouldUpgrade"`
}

// compare makes the answer. Images are compared as texts: neither versions nor registries have a meaning here.
func compare(image, current string) (reply, error) {
	if image == "" {
		return reply{}, internalError()
	}
	return ok(upgradeAnswer{ImageTag: image, ShouldUpgrade: image != current}), nil
}

// guardUpgrader checks the delegate token and the parameters that must not be empty.
func (s *Simulator) guardUpgrader(c *call, currentImage string) (*DelegateToken, error) {
	accountID := c.query.Get("accountId")
	token, err := s.authenticateDelegate(c, accountID)
	if err != nil {
		return nil, err
	}
	var broken constraints
	broken.need(accountID != "", "accountId", "must not be empty")
	broken.need(c.query.Get(currentImage) != "", currentImage, "must not be empty")
	return token, broken.err()
}

// checkDelegateV2 serves GET upgrade-check/delegate-v2, which present upgraders call. It records the call, then
// finds the group by token and name, and with it the scope and the tags. How the Manager answers an upgrader whose
// token is not that of a group with the name is not documented; the assumption is the token's scope and the name as only tag.
func (s *Simulator) checkDelegateV2(c *call) (reply, error) {
	const currentImage = "currentDelegateImageTag"
	token, err := s.guardUpgrader(c, currentImage)
	if err != nil {
		return reply{}, err
	}
	if !c.query.Has("delegateGroupName") {
		return reply{}, internalError()
	}
	name := strings.TrimSuffix(c.query.Get("delegateGroupName"), "-"+shortID(token.AccountID))
	at, tags := token.scope(), []string(nil)
	for _, group := range s.recordUpgraderCall(token.AccountID, name, c.now) {
		if group.TokenName == token.Name {
			at, tags = group.scope(), group.Tags
		}
	}
	return compare(s.resolve(at, s.tagsOf(name, tags), c.now), c.query.Get(currentImage))
}

// checkDelegate serves GET upgrade-check/delegate of old upgraders. It knows no group, hence it records nothing,
// and answers for the account as a whole.
func (s *Simulator) checkDelegate(c *call) (reply, error) {
	const currentImage = "currentDelegateImageTag"
	token, err := s.guardUpgrader(c, currentImage)
	if err != nil {
		return reply{}, err
	}
	return compare(s.resolve(scope{account: token.AccountID}, nil, c.now), c.query.Get(currentImage))
}

// checkUpgrader serves GET upgrade-check/upgrader, by which an upgrader asks for its own image.
func (s *Simulator) checkUpgrader(c *call) (reply, error) {
	const currentImage = "currentUpgraderImageTag"
	token, err := s.guardUpgrader(c, currentImage)
	if err != nil {
		return reply{}, err
	}
	image := cmp.Or(s.accounts[token.AccountID].UpgraderImage, "harness/upgrader:latest")
	return compare(image, c.query.Get(currentImage))
}

// shortID is the form of the account ID that FirstGen appended to workload names.
// Its length is not documented: six characters are an assumption.
func shortID(accountID string) string {
	return strings.ToLower(accountID[:min(6, len(accountID))])
}
