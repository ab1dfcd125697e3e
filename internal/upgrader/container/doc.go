// Package container runs upgraders as Docker containers: it renders what is
// wanted, as a container and as text for those who use a shell or Compose, and
// implements spec.Platform with the engine's API.
//
// # Where to find what
//
// fields.go has one row for each argument: where a container holds it, how it is
// written and read, and what it takes to change it. Rendering (objects.go),
// reading and comparing (observe.go), the docker run command (command.go), the
// Compose file (compose.go) and the argument that an error is about (failure.go)
// follow from it. drift.go has what no argument tells.
//
// # What is compared
//
// A refresh reads every argument from the container. What the engine and the
// image fill in by default is null. Labels, and options of the engine's usual log
// driver, are ours only if they are configured; others may have theirs. A tag
// that has moved in the registry is no difference: the container was made of the
// image that the tag meant then, it runs that one until it is made anew, and
// asking the registry at every refresh would make plans depend on credentials
// and on the network.
//
// # How a container is replaced
//
// An engine can change a container's limits, restart policy and name, and
// nothing else. For everything else the container is replaced: the old one is
// renamed and goes on running, the new one is made, started and watched for a
// while, and only then the old one is stopped and removed. If the new one is no
// good, it is removed and the old one gets its name back, so that it runs as
// before. The new container has what others have set on the old one and no
// argument is about, such as mounts, hosts and labels. It has the final name from
// the start, because log drivers keep the name that a container was started under.
//
// The name that the old container gets holds its own ID. So after an interrupted
// run the leftover is recognised without doubt, also one that carries no label
// because it was imported, and the next run goes on from there.
package container
