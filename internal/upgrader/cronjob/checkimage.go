package cronjob

import (
	"fmt"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// mirror sees whether the registry mirror fits the image that the delegate runs.
// The upgrader puts the mirror in front of harness/delegate and a tag, whatever
// the image was before.
func (c *checkup) mirror(k key, image string) []spec.Finding {
	mirror := c.want.Kubernetes.RegistryMirror
	argument := []string{"kubernetes", "registry_mirror"}
	if mirror == "" {
		return nil
	}
	if strings.Contains(mirror, "://") {
		return []spec.Finding{{
			Summary:  "The registry mirror has a scheme",
			Detail:   fmt.Sprintf("The upgrader would set the image %s/harness/delegate:TAG, which is no image name. Write the mirror without a scheme: %s.", mirror, mirror[strings.Index(mirror, "://")+len("://"):]),
			Argument: argument,
		}}
	}
	if name := imageName(image); name == "" || isOfficial(name) || underMirror(name, mirror) {
		return nil
	}
	return []spec.Finding{{
		Summary: "The registry mirror doesn't fit the delegate's image",
		Detail: fmt.Sprintf("%s runs %s, which isn't an image of harness/delegate under %s. The upgrader would set %s/harness/delegate:TAG: "+
			"a custom image would be lost, and one that the mirror doesn't have can't be pulled. "+
			"Custom images are chosen with an override of the delegate's tag, without a mirror.", k, image, mirror, mirror),
		Argument: argument,
	}}
}

// imageName is an image without its tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(image, "@")
	if colon := strings.LastIndex(name, ":"); colon > strings.LastIndex(name, "/") {
		name = name[:colon]
	}
	return name
}

// isOfficial tells the image that a pull-through mirror of Docker Hub has.
func isOfficial(name string) bool {
	for _, hub := range []string{"docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/"} {
		name = strings.TrimPrefix(name, hub)
	}
	return name == officialImage
}

func underMirror(name, mirror string) bool {
	return name == strings.Trim(mirror, "/")+"/"+officialImage
}

const officialImage = "harness/delegate"
