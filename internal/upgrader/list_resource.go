package upgrader

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/list/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

const (
	unableToList = "Unable to List Upgraders"
	leftOut      = "Upgrader Left Out"
)

// readAhead is how many upgraders are read at a time: enough to hide the distance
// to a cluster, and polite.
const readAhead = 8

// listResource finds the upgraders that there are, for "terraform query".
type listResource struct {
	// Data comes to list resources as it does to resources.
	providerdata.Resource
}

var _ list.ListResourceWithConfigure = (*listResource)(nil)

// NewListResource makes the list resource harnessdelegate_upgrader.
func NewListResource() list.ListResource { return &listResource{} }

// Metadata implements list.ListResource. The name is that of the resource.
func (l *listResource) Metadata(ctx context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	NewResource().Metadata(ctx, req, resp)
}

// listResourceModel is the list block's configuration.
type listResourceModel struct {
	Kubernetes *listKubernetesModel `tfsdk:"kubernetes"`
	Docker     *listDockerModel     `tfsdk:"docker"`
	Timeouts   timeouts.Value       `tfsdk:"timeouts"`
}

type listKubernetesModel struct {
	Namespace types.String `tfsdk:"namespace"`
}

type listDockerModel struct {
	Host types.String `tfsdk:"host"`
}

// where is the platform to look at, as an upgrader of which no more is known, and
// the namespace; none for all of them.
func (m *listResourceModel) where() (of spec.Upgrader, namespace string) {
	if m.Docker != nil {
		return spec.Upgrader{Docker: &spec.Docker{Host: m.Docker.Host.ValueString()}}, ""
	}
	if m.Kubernetes != nil {
		namespace = m.Kubernetes.Namespace.ValueString()
	}
	return spec.Upgrader{Kubernetes: &spec.Kubernetes{}}, namespace
}

// ListResourceConfigSchema implements list.ListResource.
func (l *listResource) ListResourceConfigSchema(ctx context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the upgraders of a cluster, of a namespace, or of a Docker Engine, from the official chart, the documented manifest or command, or this provider. " +
			"`terraform query` lists them and generates the configuration that imports them.",
		Blocks: map[string]schema.Block{
			attrKubernetes: schema.SingleNestedBlock{
				MarkdownDescription: "Lists the upgraders in the cluster of the provider's `kubernetes` block. An empty block lists all namespaces. Exactly one of `kubernetes` and `docker` must be set.",
				Attributes: map[string]schema.Attribute{
					"namespace": schema.StringAttribute{
						MarkdownDescription: "Namespace to list. By default, all namespaces, which requires permission to list CronJobs in the whole cluster.",
						Optional:            true,
						Validators:          []validator.String{stringvalidator.LengthAtLeast(1), noSlashes("a namespace")},
					},
				},
				Validators: []validator.Object{objectvalidator.ExactlyOneOf(path.MatchRoot(attrKubernetes), path.MatchRoot(attrDocker))},
			},
			attrDocker: schema.SingleNestedBlock{
				MarkdownDescription: "Lists the upgraders on the engine of the provider's `docker` block. Exactly one of `kubernetes` and `docker` must be set.",
				Attributes: map[string]schema.Attribute{
					attrHost: schema.StringAttribute{
						MarkdownDescription: "Address of the engine, if it differs from the provider's: `unix://`, `tcp://` or `ssh://`. Certificates are those of the provider.",
						Optional:            true,
						Validators:          []validator.String{engineAddress()},
					},
				},
			},
			attrTimeouts: listTimeouts(ctx),
		},
	}
}

func listTimeouts(ctx context.Context) schema.Block {
	block := timeouts.BlockWithOpts(ctx, timeouts.Opts{
		ListDescription: fmt.Sprintf("How long listing may take, as a duration such as `30s` or `10m`. Defaults to `%s`.", defaultTimeoutText),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long listing may take."
		return nested
	}
	return block
}

// List implements list.ListResource. Results go out as they are read.
func (l *listResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listResourceModel
	diags := req.Config.Get(ctx, &config)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	of, namespace := config.where()
	platform, diags := platformOf(l.Data, of)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		ctx, cancel := within(ctx, config.Timeouts.List, &diags)
		defer cancel()
		f := finder{platform: platform, of: of, req: req}
		sent, atATime := int64(0), readAhead
		if req.Limit > 0 {
			atATime = int(min(req.Limit, readAhead))
		}
		for result := range inOrderOf(atATime, platform.List(ctx, namespace), func(found spec.Listed, err error) list.ListResult {
			if err != nil {
				return list.ListResult{Diagnostics: explain(unableToList, err, spec.Applied{})}
			}
			return f.result(ctx, found)
		}) {
			if !push(result) || result.Diagnostics.HasError() {
				return
			}
			if result.Identity != nil {
				sent++
			}
			if req.Limit > 0 && sent == req.Limit {
				return
			}
		}
	}
}

// finder makes results of upgraders that were found.
type finder struct {
	platform spec.Platform
	of       spec.Upgrader
	req      list.ListRequest
}

// result is one upgrader as a list result. One that can't be read is left out
// with a warning, since Terraform shows nothing at all where there is an error.
func (f *finder) result(ctx context.Context, found spec.Listed) list.ListResult {
	result := f.req.NewListResult(ctx)
	result.DisplayName = displayName(found)
	result.Diagnostics.Append(result.Identity.Set(ctx, identityOf(f.at(found.Place)))...)
	if !f.req.IncludeResource {
		return result
	}
	model, err := f.read(ctx, found)
	switch {
	case err != nil && ctx.Err() != nil: // nor will the next one be read
		return list.ListResult{Diagnostics: explain(unableToList, err, spec.Applied{})}
	case err != nil:
		var diags diag.Diagnostics
		diags.AddWarning(leftOut, fmt.Sprintf("%s is not among the results. %s", placed(f.of, found.Place), err))
		return list.ListResult{Diagnostics: diags}
	}
	result.Diagnostics.Append(result.Resource.Set(ctx, model)...)
	return result
}

// at is an upgrader of which no more is known than its place.
func (f *finder) at(place spec.Place) spec.Upgrader {
	if f.of.Docker != nil {
		return spec.Upgrader{Docker: &spec.Docker{Host: f.of.Docker.Host, Name: place.Name}}
	}
	return spec.Upgrader{Kubernetes: &spec.Kubernetes{Namespace: place.Namespace, Names: spec.Names{CronJob: place.Name}}}
}

// read is what import and the refresh after it make of an upgrader.
func (f *finder) read(ctx context.Context, found spec.Listed) (*resourceModel, error) {
	live, exists, err := f.platform.Find(ctx, found.Place)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, &spec.Failure{Doing: "read it", Reason: "somebody has removed it since it was listed"}
	}
	model := asImported(ctx, f.of, live)
	seen, err := f.platform.Observe(ctx, model.upgrader(), nil)
	if err != nil {
		return nil, err
	}
	model.refresh(seen, seen.Drift)
	return &model, nil
}

// displayName describes an upgrader in few words.
func displayName(found spec.Listed) string {
	where := found.Name
	if found.Namespace != "" {
		where = found.Namespace + "/" + found.Name
	}
	if found.DelegateName == "" {
		return where
	}
	return fmt.Sprintf("%s, of the delegate %s", where, found.DelegateName)
}
