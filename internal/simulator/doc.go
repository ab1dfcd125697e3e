// Package simulator is a Harness Manager in memory, as far as delegates, their automatic upgrades and their image overrides go,
// and the organizations and projects where these are.
//
// It follows the public Harness documentation and API description. Where these leave a choice open there is a switch in
// Behaviour, whose zero value is the likeliest choice; where a comment speaks of an assumption, no source is known.
// The simulator shares no code with the provider, so that a mistake in the provider's rules cannot hide in it.
//
// A test makes a Simulator with New, fills it with AddAccount, AddKey, AddDelegateToken, AddDelegate and PutOverride, and
// serves it with net/http/httptest. Every threshold depends on a clock that SetTime, Advance and Freeze move, and that the Date
// header of every reply shows. Inject makes requests go wrong. Counters and Requests tell what a client has sent.
//
// # The Manager
//
// These endpoints answer as the Manager does, with and without the prefix /gateway:
//
//	GET    /ng/api/delegate-setup/latest-supported-version
//	PUT    /ng/api/delegate-setup/override-delegate-tag
//	GET    /ng/api/delegate-setup/override-delegate-tag
//	DELETE /ng/api/delegate-setup/delete-delegate-override
//	POST   /ng/api/delegate-setup/listDelegates
//	GET, POST, PUT, DELETE /ng/api/delegate-token-ng
//	GET    /ng/api/delegate-token-ng/delegate-groups
//	GET, POST, PUT, DELETE /ng/api/delegate-group-tags/{identifier}
//	POST   /ng/api/delegate-group-tags/delegate-groups
//	GET    /ng/api/organizations
//	GET    /ng/api/projects
//	GET, POST /api/setup/delegates/ng/v2
//	GET    /api/setup/delegates/ng/v2/up-the-hierarchy
//	GET, PUT /api/setup/delegates/ng/v2/{identifier}
//	GET    /api/upgrade-check/delegate-v2
//	GET    /api/upgrade-check/delegate
//	GET    /api/upgrade-check/upgrader
//
// # The admin API
//
// The same powers that the Go methods give are there over HTTP, without a key, for demos and other processes. Bodies are JSON in
// the form of the Go structs; unknown fields and unknown query parameters are refused with status 400 and {"error":"..."}.
// Operations with a result reply with status 200, others with status 204.
//
//	GET    /_admin/healthz          answer {"status":"ok"}
//	GET    /_admin/state            the whole state as one document (State)
//	PUT    /_admin/state            replace the whole state
//	POST   /_admin/accounts         add or replace an account (Account)
//	POST   /_admin/keys             add or replace an API key (Key)
//	POST   /_admin/keys/expire      make a key invalid: {"token":"..."}
//	POST   /_admin/delegate-tokens  add or replace a delegate token (DelegateToken)
//	POST   /_admin/delegates        add or replace a delegate (Delegate)
//	GET    /_admin/delegates        delegates of ?accountId=
//	GET    /_admin/overrides        live overrides of ?accountId=
//	POST   /_admin/overrides        put an override as somebody else would (Override)
//	DELETE /_admin/overrides        remove the override at ?accountId=&orgId=&projectId=&tagged=true|false
//	POST   /_admin/release          publish a delegate version: {"accountId":"...","version":"..."}
//	POST   /_admin/upgrader         run an upgrader once: {"accountId":"...","delegateName":"..."}
//	GET    /_admin/image            image for ?accountId=&orgId=&projectId=&name=&tags=a&tags=b
//	GET    /_admin/clock            the simulated time
//	PUT    /_admin/clock            set {"now":"RFC 3339"}, {"advance":"240h"} or {"frozen":true}
//	GET    /_admin/behaviour        all switches (Behaviour)
//	PATCH  /_admin/behaviour        change the switches mentioned
//	DELETE /_admin/behaviour        set all switches to their default
//	GET    /_admin/faults           faults still to come
//	POST   /_admin/faults           inject a fault (Fault)
//	DELETE /_admin/faults           clear all faults
//	GET    /_admin/counters         requests per method and path
//	DELETE /_admin/counters         forget counters and log
//	GET    /_admin/requests         log of requests
package simulator
