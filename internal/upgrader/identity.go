package upgrader

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// identityModel is the identity of an upgrader as Terraform keeps it beside the
// state: where it is. Unlike most identities it may change, since a CronJob or a
// container can be given another name. Which cluster or engine it is in is the
// provider block's to say.
type identityModel struct {
	Platform  types.String `tfsdk:"platform"`
	Namespace types.String `tfsdk:"namespace"`
	Name      types.String `tfsdk:"name"`
	Host      types.String `tfsdk:"host"`
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *upgraderResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"platform": identityschema.StringAttribute{
				Description:       fmt.Sprintf("What the upgrader runs on: `%s` or `%s`.", onKubernetes, onDocker),
				RequiredForImport: true,
			},
			"namespace": identityschema.StringAttribute{
				Description:       "Namespace of the CronJob. Kubernetes only, and required there.",
				OptionalForImport: true,
			},
			"name": identityschema.StringAttribute{
				Description:       "Name of the CronJob, or of the container.",
				RequiredForImport: true,
			},
			"host": identityschema.StringAttribute{
				Description:       "Address of the engine, where it is another than the provider's. Docker only.",
				OptionalForImport: true,
			},
		},
	}
}

// identityOf is the identity of an upgrader whose names are known.
func identityOf(of spec.Upgrader) identityModel {
	if of.Docker != nil {
		return identityModel{Platform: types.StringValue(onDocker), Name: textOr(of.Docker.Name), Host: textOr(of.Docker.Host)}
	}
	return identityModel{
		Platform: types.StringValue(onKubernetes), Namespace: textOr(of.Kubernetes.Namespace), Name: textOr(of.Kubernetes.CronJob),
	}
}

// identify makes the place that the id names the identity. While a refresh shows
// another name, the id stays, and the identity with it; an apply changes both.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, m resourceModel) diag.Diagnostics {
	on, place, err := parseID(m.ID.ValueString())
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Damaged State", fmt.Sprintf("The state's id %s.", err))}
	}
	of := spec.Upgrader{Kubernetes: &spec.Kubernetes{Namespace: place.Namespace, Names: spec.Names{CronJob: place.Name}}}
	if on == onDocker {
		host, _ := member[types.String](m.Docker, attrHost)
		of = spec.Upgrader{Docker: &spec.Docker{Name: place.Name, Host: host.ValueString()}}
	}
	return identity.Set(ctx, identityOf(of))
}

// place reads an identity that somebody has written: an upgrader of which no more
// is known than its platform, and its place there.
func (m *identityModel) place() (spec.Upgrader, spec.Place, error) {
	var of spec.Upgrader
	place := spec.Place{Namespace: m.Namespace.ValueString(), Name: m.Name.ValueString()}
	host := m.Host.ValueString()
	switch on := m.Platform.ValueString(); {
	case on != onKubernetes && on != onDocker:
		return of, place, fmt.Errorf("platform is %q; it is either %q or %q", on, onKubernetes, onDocker)
	case place.Name == "" || strings.Contains(place.Name+place.Namespace, "/"):
		return of, place, fmt.Errorf("name is %q and namespace is %q; a name is never empty, and neither has a slash", place.Name, place.Namespace)
	case on == onKubernetes && place.Namespace == "":
		return of, place, fmt.Errorf("namespace is missing, and the upgrader is on Kubernetes")
	case on == onKubernetes && host != "":
		return of, place, fmt.Errorf("host is %q, and the upgrader is on Kubernetes; the provider block says which cluster is asked", host)
	case on == onDocker && place.Namespace != "":
		return of, place, fmt.Errorf("namespace is %q, and the upgrader is on Docker, which has none", place.Namespace)
	case on == onDocker:
		of.Docker = &spec.Docker{Host: host}
	default:
		of.Kubernetes = &spec.Kubernetes{}
	}
	return of, place, nil
}
