package delegate

import (
	"errors"
	"strings"
)

// Mirrored is the image that an upgrader sets when it is told the given one and
// has a registry mirror. It puts the mirror in front of harness/delegate:TAG,
// as documented. What it does with other images is not documented; they are
// taken to stay as they are, since they name a registry of their own.
func Mirrored(image, mirror string) string {
	if !strings.HasPrefix(image, DefaultRepository+":") {
		return image
	}
	return mirror + "/" + image
}

// CheckMirror says why a text can't be a registry mirror, which is a registry
// with a path or without, such as registry.example.com/mirror.
func CheckMirror(mirror string) error {
	switch {
	case mirror == "":
		return errors.New("it is empty")
	case strings.Contains(mirror, "://"):
		return errors.New("it has a scheme, which an image's name can't have")
	case strings.HasSuffix(mirror, "/"):
		return errors.New("it ends with a slash, and the upgrader adds one")
	}
	_, err := ParseImage(Mirrored(PublishedImage("24.04.82804"), mirror))
	return err
}
