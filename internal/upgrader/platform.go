package upgrader

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/cronjob"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The platforms, as ids name them.
const (
	onKubernetes = "kubernetes"
	onDocker     = "docker"
)

// platformOf gives the platform that an upgrader is for. Nothing is asked of it
// yet.
func platformOf(data *providerdata.Data, of spec.Upgrader) (spec.Platform, diag.Diagnostics) {
	switch {
	case of.Kubernetes != nil:
		client, diags := data.Kubernetes()
		if diags.HasError() {
			return nil, diags
		}
		return cronjob.New(client.Dynamic(), client.Host(), client.Logs,
			cronjob.WithDeleter(client.Delete), cronjob.WithLists(client.Lists()), cronjob.WithRun(providerdata.Shared[cronjob.Run](data))), diags
	case of.Docker != nil:
		client, diags := data.DockerAt(of.Docker.Host)
		if diags.HasError() {
			return nil, diags
		}
		return container.New(client.Moby(), client.Host(), client.Auth), diags
	default:
		var diags diag.Diagnostics
		diags.AddError("Missing Platform", "One of the blocks \"kubernetes\" and \"docker\" must be set.")
		return nil, diags
	}
}

// unknownFor names the arguments of the provider block that aren't known yet and
// without which the platform can't be reached.
func unknownFor(data *providerdata.Data, of spec.Upgrader) []string {
	if of.Docker != nil {
		return data.UnknownDocker()
	}
	return data.UnknownKubernetes()
}

// placeID is the id of an upgrader; empty where a part of it isn't known.
func placeID(of spec.Upgrader) string {
	switch {
	case of.Kubernetes != nil && of.Kubernetes.Namespace != "" && of.Kubernetes.CronJob != "":
		return strings.Join([]string{onKubernetes, of.Kubernetes.Namespace, of.Kubernetes.CronJob}, "/")
	case of.Docker != nil && of.Docker.Name != "":
		return strings.Join([]string{onDocker, of.Docker.Name}, "/")
	default:
		return ""
	}
}

// parseID reads an import id: the platform and the place.
func parseID(id string) (platform string, place spec.Place, err error) {
	parts := strings.Split(id, "/")
	for _, part := range parts {
		if part == "" {
			return "", place, fmt.Errorf("%q has an empty part", id)
		}
	}
	switch {
	case len(parts) == 3 && parts[0] == onKubernetes:
		return onKubernetes, spec.Place{Namespace: parts[1], Name: parts[2]}, nil
	case len(parts) == 2 && parts[0] == onDocker:
		return onDocker, spec.Place{Name: parts[1]}, nil
	default:
		return "", place, fmt.Errorf("%q is neither kubernetes/NAMESPACE/CRONJOB nor docker/CONTAINER", id)
	}
}

// objectsOf are the objects that an upgrader consists of, as the argument
// objects lists them.
func objectsOf(of spec.Upgrader) []string {
	if of.Docker != nil {
		return []string{container.Object(of).String()}
	}
	return names(cronjob.Objects(of))
}
