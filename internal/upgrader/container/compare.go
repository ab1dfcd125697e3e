package container

import (
	"fmt"

	api "github.com/moby/moby/api/types/container"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// remedy is what makes a difference go away. Replacing does the work of the
// others.
type remedy int

const (
	// starting starts a container that doesn't run.
	starting remedy = iota
	// updating changes a container's limits and restart policy while it runs.
	updating
	// replacing makes a new container.
	replacing
)

// comparison is of one container with what is wanted.
type comparison struct {
	want  spec.Upgrader
	c     *api.InspectResponse
	image imageFacts
	env   map[string]string
	// sameNetwork tells that the wanted network is the container's, though it is
	// written in another way.
	sameNetwork bool

	// got is the arguments as the container has them.
	got spec.Upgrader
	// drift says in words what no argument tells.
	drift []string
	// remedies are those that are called for.
	remedies map[remedy]bool
}

// compare goes through everything that is managed of a container.
func compare(want spec.Upgrader, c *api.InspectResponse, image imageFacts, sameNetwork bool) *comparison {
	m := &comparison{
		want: want, c: c, image: image, env: envMap(c.Config.Env), sameNetwork: sameNetwork,
		got: want, remedies: map[remedy]bool{},
	}
	docker := *want.Docker
	m.got.Docker = &docker
	m.compareState()
	m.compareImage()
	m.compareVariables()
	m.compareExtraVariables()
	m.compareSecrets()
	m.compareLimits()
	m.compareNetwork()
	m.compareExtraNetworks()
	m.compareMount()
	m.compareExtraMounts()
	m.compareLabels()
	m.compareLogging()
	return m
}

// differs calls for a remedy where an argument isn't as it is wanted; the
// argument itself tells the user.
func (m *comparison) differs(different bool, r remedy) {
	if different {
		m.remedies[r] = true
	}
}

// drifted says in words what no argument tells.
func (m *comparison) drifted(r remedy, format string, args ...any) {
	m.remedies[r] = true
	m.drift = append(m.drift, fmt.Sprintf("%s: %s", objectOf(m.c), fmt.Sprintf(format, args...)))
}

// objectOf is a container as the specification's object.
func objectOf(c *api.InspectResponse) spec.Object {
	return spec.Object{Kind: objectKind, Name: c.Name, ID: c.ID}
}

// objectKind is the kind of the objects that upgraders on Docker consist of.
const objectKind = "Container"

// Object is the one object of an upgrader on Docker, as far as it is known
// before it exists.
func Object(u spec.Upgrader) spec.Object { return spec.Object{Kind: objectKind, Name: u.Docker.Name} }
