package simulator

import (
	"net/http"
	"strings"
)

const gatewayPrefix = "/gateway"

// endpoint serves a request with the Simulator's lock held.
type endpoint func(*call) (reply, error)

// route is one endpoint and the youngest server that lacks it.
type route struct {
	endpoint
	missingOn ServerAge
}

// routes is the table of paths, without /gateway, and methods.
func (s *Simulator) routes() map[string]map[string]route {
	const ng, cg = "/ng/api", "/api"
	return map[string]map[string]route{
		ng + "/delegate-setup/latest-supported-version": {
			http.MethodGet: {endpoint: s.getLatestVersion},
		},
		ng + "/delegate-setup/override-delegate-tag": {
			http.MethodGet: {endpoint: s.listOverrides, missingOn: ServerAgeOld},
			http.MethodPut: {endpoint: s.putOverride},
		},
		ng + "/delegate-setup/delete-delegate-override": {
			http.MethodDelete: {endpoint: s.deleteOverrideEndpoint, missingOn: ServerAgeOld},
		},
		ng + "/delegate-setup/listDelegates": {
			http.MethodPost: {endpoint: s.listDelegates},
		},
		ng + "/delegate-token-ng": {
			http.MethodGet:    {endpoint: s.listTokens},
			http.MethodPost:   {endpoint: s.createToken},
			http.MethodPut:    {endpoint: s.revokeToken},
			http.MethodDelete: {endpoint: s.deleteToken, missingOn: ServerAgeOld},
		},
		cg + "/upgrade-check/delegate-v2": {
			http.MethodGet: {endpoint: s.checkDelegateV2},
		},
		cg + "/upgrade-check/delegate": {
			http.MethodGet: {endpoint: s.checkDelegate},
		},
		cg + "/upgrade-check/upgrader": {
			http.MethodGet: {endpoint: s.checkUpgrader},
		},
	}
}

// cleanPath takes /gateway and a closing slash off a path.
func cleanPath(path string) (cleaned string, gateway bool) {
	rest, gateway := strings.CutPrefix(path, gatewayPrefix)
	gateway = gateway && strings.HasPrefix(rest, "/")
	if gateway {
		path = rest
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path, gateway
}

// find returns the endpoint of a path and method. Jersey finds the endpoint before it looks at the key,
// so an unknown path is reported to strangers as well.
func (s *Simulator) find(method, path string, gateway bool) (endpoint, error) {
	unserved := PrefixBare
	if !gateway {
		unserved = PrefixGateway
	}
	if s.behaviour.Prefix == unserved {
		return nil, unknownPath()
	}
	methods := 0
	for known, r := range s.table[path] {
		if r.missingOn != "" && r.missingOn == s.behaviour.ServerAge {
			continue
		}
		if known == method {
			return r.endpoint, nil
		}
		methods++
	}
	if methods > 0 {
		return nil, unsupportedMethod(s.behaviour.UnsupportedMethod)
	}
	return nil, unknownPath()
}
