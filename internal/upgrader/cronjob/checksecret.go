package cronjob

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// environment is that of a container, as far as it can be told: values that may
// not be read are left out.
func (c *checkup) environment(ctx context.Context, container map[string]any) (map[string]string, *spec.Failure) {
	env := map[string]string{}
	for _, entry := range listAt(container, "envFrom") {
		for field, kind := range map[string]string{"secretRef": kindSecret, "configMapRef": kindConfigMap} {
			name := textAt(asMap(entry), field, "name")
			if name == "" {
				continue
			}
			source, _, failure := c.read(ctx, key{kind, name})
			if failure != nil {
				return nil, failure
			}
			for variable := range mapAt(source, "data") {
				value, _ := dataAt(source, variable)
				env[textAt(asMap(entry), "prefix")+variable] = value
			}
		}
	}
	for _, entry := range listAt(container, "env") {
		variable := asMap(entry)
		name := textAt(variable, "name")
		value, known, failure := c.variable(ctx, variable)
		if failure != nil {
			return nil, failure
		}
		delete(env, name) // env counts before envFrom, also where it can't be told
		if known {
			env[name] = value
		}
	}
	return env, nil
}

// variable reads one that concerns the upgrader, wherever its value is.
func (c *checkup) variable(ctx context.Context, variable map[string]any) (string, bool, *spec.Failure) {
	from := mapAt(variable, "valueFrom")
	if from == nil {
		value := textAt(variable, "value")
		return value, !strings.Contains(value, "$("), nil // made of others
	}
	if !slices.Contains([]string{delegateNameVariable, accountVariable, managerVariable, tokenVariable}, textAt(variable, "name")) {
		return "", false, nil
	}
	for field, kind := range map[string]string{"secretKeyRef": kindSecret, "configMapKeyRef": kindConfigMap} {
		ref := mapAt(from, field)
		if ref == nil {
			continue
		}
		source, _, failure := c.read(ctx, key{kind, textAt(ref, "name")})
		if failure != nil || source == nil {
			return "", false, failure
		}
		value, err := dataAt(source, textAt(ref, "key"))
		return value, err == nil && value != "", nil
	}
	return "", false, nil
}

// token sees whether the delegate and its upgrader have the same token.
func (c *checkup) token(ctx context.Context, k key, env map[string]string) ([]spec.Finding, *spec.Failure) {
	theirs := secret.Text(env[tokenVariable])
	own := c.want.Token
	argument := []string{"token"}
	if c.want.Kubernetes.ExistingSecret != "" {
		own, argument = "", []string{"kubernetes", "existing_secret"}
	}
	if theirs != "" && own == "" {
		source := key{kindSecret, renderer{u: c.want, k: c.want.Kubernetes}.tokenSource()}
		object, _, failure := c.read(ctx, source)
		if failure != nil {
			return nil, failure
		}
		own = liveToken(object)
	}
	if theirs == "" || own == "" || theirs == own {
		return nil, nil
	}
	return []spec.Finding{{
		Summary: "The delegate and its upgrader have different tokens",
		Detail: fmt.Sprintf("%s has another %s than the upgrader has %s. Harness tells by the token which organization or project an upgrader belongs to: "+
			"unless the two are equal, overrides of an organization or a project don't reach this delegate.", k, tokenVariable, tokenKey),
		Argument: argument,
	}}, nil
}

// secrets looks at the Secrets that the upgrader needs and somebody else looks
// after.
func (c *checkup) secrets(ctx context.Context) ([]spec.Finding, *spec.Failure) {
	k := c.want.Kubernetes
	needed := []struct {
		name, argument, purpose string
		keys                    []string
	}{
		{k.ExistingSecret, "existing_secret", "the upgrader's token", []string{tokenKey}},
		{k.MTLSSecret, "mtls_secret", "the client certificate for mutual TLS", []string{certificateFile, certificateKey}},
		{k.CustomCASecret, "custom_ca_secret", "the certificates of a private authority", nil},
	}
	var findings []spec.Finding
	for _, s := range needed {
		if s.name == "" {
			continue
		}
		at := key{kindSecret, s.name}
		object, allowed, failure := c.read(ctx, at)
		if failure != nil {
			return nil, failure
		}
		if !allowed {
			continue
		}
		missing := slices.DeleteFunc(slices.Clone(s.keys), func(name string) bool {
			value, err := dataAt(object, name)
			return err == nil && value != ""
		})
		finding := spec.Finding{Argument: []string{"kubernetes", s.argument}}
		switch {
		case object == nil:
			finding.Summary = fmt.Sprintf("There is no %s in namespace %s", at, c.namespace)
			finding.Detail = fmt.Sprintf("It should hold %s. Until it exists, the upgrader's pods don't start.", s.purpose)
		case len(missing) > 0:
			finding.Summary = fmt.Sprintf("%s lacks %s", at, strings.Join(missing, " and "))
			finding.Detail = fmt.Sprintf("It should hold %s under the keys %s. Without them, the upgrader's runs fail.", s.purpose, strings.Join(s.keys, " and "))
		case len(mapAt(object, "data")) == 0:
			finding.Summary = at.String() + " is empty"
			finding.Detail = fmt.Sprintf("It should hold %s.", s.purpose)
		default:
			continue
		}
		findings = append(findings, finding)
	}
	return findings, nil
}
