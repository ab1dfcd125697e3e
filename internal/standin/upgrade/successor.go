package upgrade

import (
	"maps"
	"reflect"
	"slices"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// found is a container as the Engine describes it.
type found struct {
	ID    string `json:"Id"`
	Name  string
	Image string
	State struct {
		Running bool
		Status  string
		Health  *struct{ Status string }
	}
	Config          object
	HostConfig      object
	NetworkSettings struct {
		Networks map[string]object
	}
}

// image is the reference that the container was made with.
func (f found) image() string {
	text, _ := f.Config["Image"].(string)
	return text
}

func (f found) environment() []string {
	return texts(f.Config["Env"])
}

func texts(list any) []string {
	items, _ := list.([]any)
	result := []string{}
	for _, item := range items {
		if text, isText := item.(string); isText {
			result = append(result, text)
		}
	}
	return result
}

// network is a network that the successor joins.
type network struct {
	name     string
	endpoint object
}

// successor is the request that makes a container like the old one, but of the new image. What the old image gave
// to the old container is left out: the new image has its own. The Engine takes only one network at creation.
func (f found) successor(image string, oldImage object) (request object, others []network) {
	config := maps.Clone(f.Config)
	for key, inherited := range oldImage {
		switch key {
		case "Env":
			config[key] = without(texts(config[key]), texts(inherited))
		case "Labels":
			config[key] = withoutLabels(config[key], inherited)
		default:
			if reflect.DeepEqual(config[key], inherited) {
				delete(config, key)
			}
		}
	}
	config["Image"] = image
	if config["Hostname"] == standin.ShortID(f.ID) {
		delete(config, "Hostname")
	}
	request = maps.Clone(config)
	request["HostConfig"] = f.HostConfig
	networks := f.networks()
	if len(networks) > 0 {
		request["NetworkingConfig"] = object{"EndpointsConfig": object{networks[0].name: networks[0].endpoint}}
		others = networks[1:]
	}
	return request, others
}

func without(list, inherited []string) []string {
	return slices.DeleteFunc(list, func(text string) bool { return slices.Contains(inherited, text) })
}

func withoutLabels(labels, inherited any) object {
	own, _ := labels.(object)
	images, _ := inherited.(object)
	own = maps.Clone(own)
	maps.DeleteFunc(own, func(name string, value any) bool { return images[name] == value })
	return own
}

// networks are the old container's, the one it was made with first. Of each only what users choose is kept, not the
// addresses that the Engine gave; the old container's ID is no alias of the new one.
func (f found) networks() []network {
	list := []network{}
	for _, name := range slices.Sorted(maps.Keys(f.NetworkSettings.Networks)) {
		was := f.NetworkSettings.Networks[name]
		endpoint := object{}
		for _, key := range []string{"IPAMConfig", "Links", "DriverOpts"} {
			if was[key] != nil {
				endpoint[key] = was[key]
			}
		}
		if aliases := without(texts(was["Aliases"]), []string{standin.ShortID(f.ID)}); len(aliases) > 0 {
			endpoint["Aliases"] = aliases
		}
		list = append(list, network{name: name, endpoint: endpoint})
	}
	first := f.HostConfig["NetworkMode"]
	slices.SortStableFunc(list, func(a, b network) int {
		switch {
		case a.name == first && b.name != first:
			return -1
		case b.name == first && a.name != first:
			return 1
		}
		return 0
	})
	return list
}
