package kubetest

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// environment is what a container finds: what its image sets, where the API
// server is, what its pod takes from ConfigMaps and Secrets, and what its pod
// sets, from the weakest to the strongest.
func (o objects) environment(ctx context.Context, c *container, image []string) (map[string]string, error) {
	server, err := url.Parse(o.cluster.Host)
	if err != nil {
		return nil, err
	}
	env := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
	for _, assignment := range image {
		name, value, _ := strings.Cut(assignment, "=")
		env[name] = value
	}
	env["HOSTNAME"] = o.pod.Metadata.Name
	env["KUBERNETES_SERVICE_HOST"] = server.Hostname()
	env["KUBERNETES_SERVICE_PORT"] = server.Port()
	env["KUBERNETES_SERVICE_PORT_HTTPS"] = server.Port()
	for _, source := range c.EnvFrom {
		if err := o.takeAll(ctx, env, source); err != nil {
			return nil, err
		}
	}
	for i := range c.Env {
		value, set, err := o.variable(ctx, env, &c.Env[i])
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", c.Env[i].Name, err)
		}
		if set {
			env[c.Env[i].Name] = value
		}
	}
	return env, nil
}

// takeAll takes every key of an object.
func (o objects) takeAll(ctx context.Context, env map[string]string, source envSource) error {
	from, resource := source.ConfigMapRef, configMaps
	if source.SecretRef != nil {
		from, resource = source.SecretRef, secrets
	}
	if from == nil {
		return nil
	}
	keys, err := o.keys(ctx, resource, from.Name, from.Optional)
	for key, value := range keys {
		env[source.Prefix+key] = string(value)
	}
	return err
}

func (o objects) variable(ctx context.Context, env map[string]string, v *envVar) (value string, set bool, err error) {
	var content []byte
	switch from := v.ValueFrom; {
	case from == nil:
		return expand(v.Value, env), true, nil
	case from.ConfigMapKeyRef != nil:
		content, set, err = o.key(ctx, configMaps, from.ConfigMapKeyRef)
	case from.SecretKeyRef != nil:
		content, set, err = o.key(ctx, secrets, from.SecretKeyRef)
	case from.FieldRef != nil:
		value, err = o.field(from.FieldRef.FieldPath)
		return value, true, err
	default:
		err = fmt.Errorf("this node does not know where its value is from")
	}
	return string(content), set, err
}

// expand replaces each $(NAME) of a variable that is set, and leaves the others
// as they are. $$ stands for $.
func expand(text string, env map[string]string) string {
	var expanded strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		expanded.WriteString(before)
		if !found {
			return expanded.String()
		}
		name, rest, isClosed := strings.Cut(strings.TrimPrefix(after, "("), ")")
		switch {
		case strings.HasPrefix(after, "$"):
			expanded.WriteString("$")
			text = after[1:]
		case strings.HasPrefix(after, "(") && isClosed:
			value, isSet := env[name]
			if !isSet {
				value = "$(" + name + ")"
			}
			expanded.WriteString(value)
			text = rest
		default:
			expanded.WriteString("$")
			text = after
		}
	}
}

// assignments are an environment as processes take it.
func assignments(env map[string]string) []string {
	list := []string{}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}
