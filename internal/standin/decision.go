package standin

import "strings"

// vendorRepository is the repository on Docker Hub that a mirror stands in for.
const vendorRepository = "harness/delegate"

// Answer is what the Manager tells an upgrader.
type Answer struct {
	ImageTag      string `json:"imageTag"`
	ShouldUpgrade bool   `json:"shouldUpgrade"`
}

// Decision is what an upgrader makes of an answer.
type Decision struct {
	// Image is what the delegate should run.
	Image string
	// Replace says that it doesn't run it yet.
	Replace bool
}

// Decide compares the image that a delegate runs with what the Manager answered for it. Images are compared as texts,
// so an older version is as good as a newer one. The Manager doesn't know of mirrors, hence it keeps asking for an
// upgrade of a delegate that runs the mirror's copy; that one is left alone.
func Decide(current string, answer Answer, mirror string) Decision {
	image := Mirrored(answer.ImageTag, mirror)
	return Decision{Image: image, Replace: answer.ShouldUpgrade && image != current}
}

// Mirrored puts the mirror in front of an image of the vendor on Docker Hub. Other images have a registry of their own.
func Mirrored(image, mirror string) string {
	rest, isVendors := strings.CutPrefix(image, vendorRepository)
	if mirror == "" || !isVendors || rest != "" && rest[0] != ':' && rest[0] != '@' {
		return image
	}
	return strings.TrimSuffix(mirror, "/") + "/" + image
}

// WithTag gives an image without a tag the tag latest, since the Docker Engine takes none for all.
func WithTag(image string) string {
	name := image[strings.LastIndex(image, "/")+1:]
	if strings.ContainsAny(name, ":@") {
		return image
	}
	return image + ":latest"
}

// OwnCronJob picks the CronJob that a pod belongs to, by the pod's name. Job and pod append to the CronJob's name, so
// that it is the longest one the pod's name begins with. An upgrader has no right to ask for more than the names.
func OwnCronJob(pod string, cronJobs []string) (string, bool) {
	own := ""
	for _, name := range cronJobs {
		if strings.HasPrefix(pod, name+"-") && len(name) > len(own) {
			own = name
		}
	}
	return own, own != ""
}
