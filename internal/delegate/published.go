package delegate

import (
	"slices"
	"strings"
)

// publishedRepositories are where Harness publishes delegates: on Docker Hub, for
// self-managed platforms, and in two public registries of its own.
var publishedRepositories = []string{
	DefaultRepository,
	"harnesssecure/delegate",
	"us-docker.pkg.dev/gar-prod-setup/harness-public/harness/delegate",
	"us-west1-docker.pkg.dev/gar-setup/docker/delegate",
}

// publicRegistries are those that hold them, with the part of the path that is
// Harness's.
var publicRegistries = []string{
	"us-docker.pkg.dev/gar-prod-setup/harness-public/",
	"us-west1-docker.pkg.dev/gar-setup/docker/",
}

// IsPublished tells whether the image is a delegate as Harness publishes it.
func (i Image) IsPublished() bool { return slices.Contains(publishedRepositories, i.Repository) }

// InPublicRegistry tells whether the image is on Docker Hub, or in a registry in
// which Harness publishes images for everybody.
func (i Image) InPublicRegistry() bool {
	return i.Registry == "docker.io" || slices.ContainsFunc(publicRegistries, func(path string) bool { return strings.HasPrefix(i.Repository, path) })
}
