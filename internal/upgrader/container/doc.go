// Package container runs upgraders as Docker containers: it renders what is
// wanted, as a container and as text for those who use a shell or Compose, and
// implements spec.Platform with the engine's API.
//
// # What is compared
//
// A refresh compares the container with what is wanted, variable by variable.
// The engine's defaults and the image's own variables and labels are no drift.
// Neither is a tag that has moved in the registry: the container was made of the
// image that the tag meant then, it runs that one until it is made anew, and
// asking the registry at every refresh would make plans depend on credentials
// and on the network. Whoever wants the new image names another tag, or replaces
// the resource. What a container that somebody else has made has besides, and
// what its replacement won't have, is drift: mounts, networks, labels, and that it
// is Compose's.
//
// # How a container is replaced
//
// An engine can change a container's limits, restart policy and name, and
// nothing else. For everything else the container is replaced: the old one is
// renamed and goes on running, the new one is made, started and watched for a
// while, and only then the old one is stopped and removed. If the new one is no
// good, it is removed and the old one gets its name back, so that it runs as
// before. The new container has the final name from the start, because log
// drivers keep the name that a container was started under.
//
// The name that the old container gets holds its own ID. So after an interrupted
// run the leftover is recognised without doubt, also one that carries no label
// because it was imported, and the next run goes on from there.
package container
