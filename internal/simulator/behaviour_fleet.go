package simulator

// DelegateScopeNames says whether the list of delegates tells the names of organization and project.
// An old server never does.
type DelegateScopeNames string

const (
	// DelegateScopeNamesPresent writes orgName and projectName.
	DelegateScopeNamesPresent DelegateScopeNames = "present"
	// DelegateScopeNamesAbsent leaves them out.
	DelegateScopeNamesAbsent DelegateScopeNames = "absent"
)

// GroupFields says which fields delegate groups have.
type GroupFields string

const (
	// GroupFieldsNewer are all that are known. An old server shows the base fields instead.
	GroupFieldsNewer GroupFields = "newer"
	// GroupFieldsBase are those of December 2023, without the status of versions and the counts.
	GroupFieldsBase GroupFields = "base"
	// GroupFieldsFew lack what the model of the official SDK lacks as well: autoUpgrade, upgraderLastUpdated,
	// delegateGroupExpirationTime and groupVersion.
	GroupFieldsFew GroupFields = "few"
)

// UnknownGroup is the reply to the identifier of a delegate group that does not exist.
type UnknownGroup string

const (
	// UnknownGroup404 is status 404, ENTITY_NOT_FOUND.
	UnknownGroup404 UnknownGroup = "404"
	// UnknownGroup400 is status 400, INVALID_REQUEST, as for errors that one part of the Manager passes on from another.
	UnknownGroup400 UnknownGroup = "400"
)

// CGAPIKey says whether the endpoints below /api/setup/delegates, which the user interface calls, take an API key.
type CGAPIKey string

const (
	// CGAPIKeyAccepted takes it.
	CGAPIKeyAccepted CGAPIKey = "accepted"
	// CGAPIKeyRefused replies with status 401.
	CGAPIKeyRefused CGAPIKey = "refused"
)

// CGUnknownScope is what the endpoints below /api/setup/delegates reply to an organization or project that does not exist.
type CGUnknownScope string

const (
	// CGUnknownScopeEmpty finds no delegates there. This part of the Manager does not know which scopes exist.
	CGUnknownScopeEmpty CGUnknownScope = "empty"
	// CGUnknownScopeRefused replies as the other endpoints do, see UnknownScope.
	CGUnknownScopeRefused CGUnknownScope = "refused"
)

// CGPages says whether the endpoints below /api/setup/delegates list in pages if the request does not ask for them.
// Their replies do not tell how many pages there are.
type CGPages string

const (
	// CGPagesOptional lists everything.
	CGPagesOptional CGPages = "optional"
	// CGPagesAlways lists the first 50, as lists of other endpoints do.
	CGPagesAlways CGPages = "always"
)

// ScopeListDenied says what becomes of the organizations and projects that a key may not view.
type ScopeListDenied string

const (
	// ScopeListDeniedShorter leaves them out of the list.
	ScopeListDeniedShorter ScopeListDenied = "shorter"
	// ScopeListDenied403 refuses the request with status 403 unless the key may view all that the list is about.
	ScopeListDenied403 ScopeListDenied = "403"
)
