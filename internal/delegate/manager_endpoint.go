package delegate

import (
	"errors"
	"net/url"
	"strings"
)

// CheckManagerEndpoint refuses what is no address of a Manager as Harness's own
// programs take it. The error is half a sentence.
func CheckManagerEndpoint(value string) error {
	address, err := url.Parse(value)
	switch {
	case err != nil:
		return errors.New("it is no URL")
	case address.Scheme != "https" && address.Scheme != "http" || address.Host == "":
		return errors.New("it doesn't begin with https:// or http:// and a host")
	case address.User != nil || address.RawQuery != "" || address.Fragment != "":
		return errors.New("it has more than a scheme, a host and a path")
	case strings.HasSuffix(strings.TrimSuffix(address.Path, "/"), "/gateway"):
		return errors.New("/gateway is for clients of the API, and upgraders and delegates add their own path")
	default:
		return nil
	}
}
