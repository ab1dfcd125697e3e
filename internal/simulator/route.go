package simulator

import (
	"net/http"
	"strings"
)

const gatewayPrefix = "/gateway"

// identifierSegment stands in the table for the last segment of a path that ends in an identifier.
const identifierSegment = "{identifier}"

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
	const tags, groups = ng + "/delegate-group-tags/", cg + "/setup/delegates/ng/v2"
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
		ng + "/delegate-token-ng/delegate-groups": {
			http.MethodGet: {endpoint: s.groupsOfToken},
		},
		tags + "delegate-groups": {
			http.MethodPost: {endpoint: s.groupsWithTags},
		},
		tags + identifierSegment: {
			http.MethodGet:    {endpoint: s.groupTags},
			http.MethodPost:   {endpoint: s.groupTags},
			http.MethodPut:    {endpoint: s.groupTags},
			http.MethodDelete: {endpoint: s.groupTags},
		},
		ng + "/organizations": {
			http.MethodGet: {endpoint: s.listOrganizations},
		},
		ng + "/projects": {
			http.MethodGet: {endpoint: s.listProjects},
		},
		groups: {
			http.MethodGet:  {endpoint: s.listGroups},
			http.MethodPost: {endpoint: s.listGroups},
		},
		groups + "/up-the-hierarchy": {
			http.MethodGet: {endpoint: s.listGroupsUpwards},
		},
		groups + "/" + identifierSegment: {
			http.MethodGet: {endpoint: s.getGroup},
			http.MethodPut: {endpoint: s.replaceGroupTags},
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

// methods returns the methods of a path, and the identifier that it ends in if it does.
// A path of the table as it stands goes before one with an identifier.
func (s *Simulator) methods(path string) (methods map[string]route, identifier string) {
	if exact, found := s.table[path]; found {
		return exact, ""
	}
	last := strings.LastIndex(path, "/") + 1
	return s.table[path[:last]+identifierSegment], path[last:]
}

// find returns the endpoint of a call. Jersey finds the endpoint before it looks at the key,
// so an unknown path is reported to strangers as well.
func (s *Simulator) find(c *call, gateway bool) (endpoint, error) {
	unserved := PrefixBare
	if !gateway {
		unserved = PrefixGateway
	}
	if s.behaviour.Prefix == unserved {
		return nil, unknownPath()
	}
	methods, identifier := s.methods(c.path)
	served := 0
	for known, r := range methods {
		if r.missingOn != "" && r.missingOn == s.behaviour.ServerAge {
			continue
		}
		if known == c.method {
			c.identifier = identifier
			return r.endpoint, nil
		}
		served++
	}
	if served > 0 {
		return nil, unsupportedMethod(s.behaviour.UnsupportedMethod)
	}
	return nil, unknownPath()
}
