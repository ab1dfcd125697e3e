package standin

import (
	"slices"
	"strings"
)

// shortID is how much of a container's ID the Engine uses where it stands for a name.
const shortID = 12

// ShortID is the beginning of a container's ID that stands for it in names.
func ShortID(id string) string {
	return id[:min(shortID, len(id))]
}

// IsDelegate reports whether a container with this environment runs the delegate with the name.
func IsDelegate(environment []string, name string) bool {
	return slices.Contains(environment, "DELEGATE_NAME="+name)
}

// RetiredName is the name of a container that is going to be replaced. It holds the container's ID, so that a later
// round knows what an earlier one has left.
func RetiredName(name, id string) string {
	return name + "-old-" + ShortID(id)
}

// SuccessorOf is the name of the container that replaces this one, if this one is retired.
func SuccessorOf(name, id string) (string, bool) {
	return strings.CutSuffix(name, "-old-"+ShortID(id))
}
