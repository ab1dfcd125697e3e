package cronjob

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// observe reads the arguments from live objects, and says in words what else
// differs from what is wanted.
func observe(want spec.Upgrader, live snapshot) spec.Observed {
	got := restrict(parse(want, live), want)
	seen := spec.Observed{Upgrader: got}

	// What an argument tells isn't told again in words. It is what differs from
	// the objects that are wanted, but not from those that the arguments as they
	// were read would make. Comparing with the latter alone would blame an object
	// for not having changed along with another one.
	explained := differences(got, want, live)
	unexplained := differences(want, want, live)
	for _, object := range Objects(want) {
		k := key{object.GetKind(), object.GetName()}
		found, exists := live[k]
		if !exists {
			seen.Drift = append(seen.Drift, k.String()+" is missing")
			continue
		}
		seen.Objects = append(seen.Objects, identity(found))
		seen.Made = k.kind == kindCronJob && ours(found)
		if found.GetDeletionTimestamp() != nil {
			seen.Drift = append(seen.Drift, k.String()+" is being deleted")
		}
		for _, d := range unexplained[k] {
			if slices.ContainsFunc(explained[k], func(e difference) bool { return e.path == d.path }) {
				seen.Drift = append(seen.Drift, fmt.Sprintf("%s: %s", k, d))
			}
		}
	}
	readSecrets(&seen, want, live)
	return seen
}

// differences compares the objects of an upgrader with those that are live.
// Whatever u is, the objects are those that are wanted.
func differences(u, want spec.Upgrader, live snapshot) map[key][]difference {
	if want.Proxy.HasCredentials() {
		u.Proxy.HasPassword = true
	}
	found := map[key][]difference{}
	for _, object := range Objects(u) {
		k := key{object.GetKind(), object.GetName()}
		other, exists := live[k]
		if !exists {
			continue
		}
		keepName(want, object.Object, other)
		found[k] = compare(object.Object, other.Object, "apiVersion", "kind", "data")
		switch {
		case k == key{configKind(want), want.Kubernetes.Names.ConfigMap}:
			found[k] = append(found[k], configDifferences(u, want, other.Object)...)
		case k.kind == kindSecret:
			found[k] = append(found[k], tokenDifferences(other.Object)...)
		}
	}
	return found
}

var (
	tokenField  = fmt.Sprintf("data[%q]", tokenKey)
	configField = fmt.Sprintf("data[%q]", configKey)
)

// tokenDifferences sees only whether there is a token. Whether it is the right
// one is for those who know it.
func tokenDifferences(live map[string]any) []difference {
	if liveToken(live) == "" {
		return []difference{{tokenField, "is missing"}}
	}
	return nil
}

// configDifferences compares config.yaml by its keys; how it is written says
// nothing. The file is one field, and every key in it is ours.
func configDifferences(u, want spec.Upgrader, live map[string]any) []difference {
	if _, there := at(live, "data", configKey); !there {
		return []difference{{configField, "is missing"}}
	}
	values, err := liveConfig(live)
	if err != nil {
		// The reason would quote the text, and with it what it may hold.
		return []difference{{configField, "can't be read as YAML"}}
	}
	var c comparison
	password, hasPassword := values[proxyPassword]
	if want.Proxy.HasPassword || want.Proxy.Password != "" {
		// Whether it is the right one is for those who know it.
		if !hasPassword || password == "" {
			c.add(configField+"."+proxyPassword, "is missing")
		}
		delete(values, proxyPassword)
	}
	hidden := textAt(live, "kind") == kindSecret
	for _, s := range settings(u) {
		if s.key != proxyPassword {
			c.setting(s, values, hidden)
			delete(values, s.key)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		c.add(child(configField, name), "should not be there")
	}
	return c.found
}

// setting compares one line of config.yaml. Values from a Secret are not shown.
func (c *comparison) setting(s setting, values map[string]string, hidden bool) {
	path := configField + "." + s.key
	value, there := values[s.key]
	switch {
	case value == s.value:
	case !there && hidden:
		c.add(path, "is missing")
	case !there:
		c.add(path, "is missing, should be %s", describe(s.value))
	case hidden:
		c.add(path, "is not what it should be")
	default:
		c.add(path, "is %s, should be %s", describe(value), describe(s.value))
	}
}

// readSecrets reads what the caller compares without its being shown.
func readSecrets(seen *spec.Observed, want spec.Upgrader, live snapshot) {
	names := want.Kubernetes.Names
	if object, ok := live[key{kindSecret, names.Secret}]; ok && want.Kubernetes.ExistingSecret == "" {
		seen.Token = liveToken(object.Object)
		seen.TokenField = key{kindSecret, names.Secret}.String() + ": " + tokenField
	}
	if object, ok := live[key{kindSecret, names.ConfigMap}]; ok && want.Proxy.HasCredentials() {
		values, _ := liveConfig(object.Object)
		seen.ProxyPassword = secret.Text(values[proxyPassword])
		seen.ProxyPasswordField = key{kindSecret, names.ConfigMap}.String() + ": " + configField + "." + proxyPassword
	}
}

func identity(object *unstructured.Unstructured) spec.Object {
	return spec.Object{Kind: object.GetKind(), Name: object.GetName(), ID: string(object.GetUID())}
}
