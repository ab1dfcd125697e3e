package provider

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docker"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

const dockerBlock = "docker"

// dockerSchema has the names and variables of Terraform's Docker provider,
// so that its block can be copied. There is no argument for DOCKER_TLS_VERIFY:
// a scheme of https:// demands the same, and "tls_verify = false" would read
// as if the verification could be turned off.
func dockerSchema() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Connection to the Docker Engine of upgraders. " +
			"The arguments and their environment variables are those of the `kreuzwerker/docker` provider. " +
			"An argument takes precedence over its environment variable, and the variables also work without this block. " +
			"Without any setting, the local engine is used.",
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				MarkdownDescription: "Address of the engine: `unix://`, `npipe://` (on Windows), `tcp://`, `http://`, `https://` or `ssh://`. " +
					"`tcp://` is encrypted if certificates are configured or `DOCKER_TLS_VERIFY` is not empty; " +
					"`https://` always is, and `http://` never. `ssh://` uses the `ssh` command of the machine that runs Terraform, without prompts. " +
					"Takes precedence over `DOCKER_CONTEXT`. Defaults to `DOCKER_HOST`, else to `unix:///var/run/docker.sock`, or on Windows to `npipe:////./pipe/docker_engine`.",
				Optional: true,
			},
			"context": schema.StringAttribute{
				MarkdownDescription: "Context of the Docker CLI, with its address and certificates. Takes precedence over `host`, " +
					"and over all environment variables for the connection. Defaults to `DOCKER_CONTEXT`, which takes precedence over `DOCKER_HOST`. " +
					"Contexts are read from `~/.docker`, or from the folder in `DOCKER_CONFIG`.",
				Optional: true,
			},
			"ssh_opts": schema.ListAttribute{
				MarkdownDescription: "Additional arguments of `ssh`, for an `ssh://` address. Defaults to `DOCKER_SSH_OPTS`, separated by spaces.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"ca_material": schema.StringAttribute{
				MarkdownDescription: "CA certificate that verifies the engine, as PEM. By default, the system's CA certificates are used. " +
					"Conflicts with `cert_path`. Defaults to `DOCKER_CA_MATERIAL`.",
				Optional: true,
			},
			"cert_material": schema.StringAttribute{
				MarkdownDescription: "Client certificate, as PEM. Conflicts with `cert_path`. Defaults to `DOCKER_CERT_MATERIAL`.",
				Optional:            true,
			},
			"key_material": schema.StringAttribute{
				MarkdownDescription: "Key of the client certificate, as PEM. Conflicts with `cert_path`. Defaults to `DOCKER_KEY_MATERIAL`.",
				Optional:            true,
				Sensitive:           true,
			},
			"cert_path": schema.StringAttribute{
				MarkdownDescription: "Folder with the files `ca.pem`, `cert.pem` and `key.pem`. Some may be missing. Defaults to `DOCKER_CERT_PATH`.",
				Optional:            true,
			},
		},
		Blocks: map[string]schema.Block{"registry_auth": dockerRegistrySchema()},
	}
}

func dockerRegistrySchema() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "Credentials for pulling images, by registry. Other registries use the credentials that `docker login` has stored, " +
			"in `~/.docker/config.json` or in the folder in `DOCKER_CONFIG`.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				// Not Required, which the framework also holds against elements
				// that are to come. What is missing is found when they are known.
				"address": schema.StringAttribute{
					MarkdownDescription: "The registry, such as `docker.io` or `registry.example.com:5000`. Must be set. Has no environment variable.",
					Optional:            true,
				},
				"username": schema.StringAttribute{
					MarkdownDescription: "User name. Conflicts with `config_file` and `config_file_content`. Defaults to `DOCKER_REGISTRY_USER` if neither is set.",
					Optional:            true,
				},
				"password": schema.StringAttribute{
					MarkdownDescription: "Password or token. Defaults to `DOCKER_REGISTRY_PASS` if neither `config_file` nor `config_file_content` is set.",
					Optional:            true,
					Sensitive:           true,
				},
				"config_file": schema.StringAttribute{
					MarkdownDescription: "Path of a `config.json` of the Docker CLI with credentials or a credential helper. " +
						"Defaults to `config.json` in the folder in `DOCKER_CONFIG`, else in `~/.docker`.",
					Optional: true,
				},
				"config_file_content": schema.StringAttribute{
					MarkdownDescription: "Contents of `config.json`. Conflicts with `config_file`. Has no environment variable.",
					Optional:            true,
					Sensitive:           true,
				},
				"auth_disabled": schema.BoolAttribute{
					MarkdownDescription: "Whether to pull without credentials, even if some are available. Defaults to `false`. Has no environment variable.",
					Optional:            true,
				},
			},
		},
	}
}

// dockerModel is the "docker" block.
type dockerModel struct {
	Host         types.String `tfsdk:"host"`
	Context      types.String `tfsdk:"context"`
	SSHOpts      types.List   `tfsdk:"ssh_opts"`
	CAMaterial   types.String `tfsdk:"ca_material"`
	CertMaterial types.String `tfsdk:"cert_material"`
	KeyMaterial  types.String `tfsdk:"key_material"`
	CertPath     types.String `tfsdk:"cert_path"`
	RegistryAuth types.List   `tfsdk:"registry_auth"`
}

type dockerRegistryModel struct {
	Address           types.String `tfsdk:"address"`
	Username          types.String `tfsdk:"username"`
	Password          types.String `tfsdk:"password"`
	ConfigFile        types.String `tfsdk:"config_file"`
	ConfigFileContent types.String `tfsdk:"config_file_content"`
	AuthDisabled      types.Bool   `tfsdk:"auth_disabled"`
}

// dockerOption makes of the argument what objects need to connect.
func dockerOption(ctx context.Context, argument types.Object, getenv func(string) string, userAgent string) (providerdata.Option, diag.Diagnostics) {
	unknown := unknownIn(argument, path.Root(dockerBlock))
	n := newNested(dockerBlock, getenv)
	config, diags := parseDocker(ctx, argument, n)
	config.UserAgent = userAgent
	// What is to come can't be judged, nor what stands beside it.
	if len(unknown) == 0 {
		atOnce, _ := n.diagnose(dockerProblems(config.Check()))
		diags.Append(atOnce...)
	}
	return providerdata.WithDocker(unknown, func(host string) (*docker.Client, diag.Diagnostics) {
		if host == "" {
			client, err := docker.New(config)
			return client, n.dockerError(err)
		}
		client, err := docker.New(config.At(host))
		return client, n.without("host").dockerError(err)
	}), diags
}

// without says the same of all arguments but one, which another place sets.
func (n *nested) without(argument string) *nested {
	other := *n
	other.sources = maps.Clone(n.sources)
	delete(other.sources, argument)
	return &other
}

// parseDocker makes settings of the argument and of the environment.
func parseDocker(ctx context.Context, argument types.Object, n *nested) (docker.Config, diag.Diagnostics) {
	var model dockerModel
	if !argument.IsNull() && !argument.IsUnknown() {
		if diags := argument.As(ctx, &model, basetypes.ObjectAsOptions{}); diags.HasError() {
			return docker.Config{}, diags
		}
	}
	return model.config(ctx, n)
}

// config resolves the arguments.
func (m dockerModel) config(ctx context.Context, n *nested) (docker.Config, diag.Diagnostics) {
	certificates := way{"ca_material": m.CAMaterial, "cert_material": m.CertMaterial, "key_material": m.KeyMaterial}
	certPath := way{"cert_path": m.CertPath}
	n.alternatives(way{"host": m.Host}, way{"context": m.Context})
	n.alternatives(certificates, certPath)
	// A context brings its own certificates; those of the environment are
	// for the environment's address.
	verify := n.getenv("DOCKER_TLS_VERIFY") != ""
	if isSet(m.Context) {
		n.alternatives(way{"context": m.Context}, certificates, certPath)
		verify = false
	}
	registries, diags := m.registries(ctx, n)
	return docker.Config{
		Host:         n.text("host", "DOCKER_HOST", m.Host),
		Context:      n.text("context", "DOCKER_CONTEXT", m.Context),
		SSHOpts:      n.list("ssh_opts", "DOCKER_SSH_OPTS", m.SSHOpts, strings.Fields),
		CAMaterial:   n.text("ca_material", "DOCKER_CA_MATERIAL", m.CAMaterial),
		CertMaterial: n.text("cert_material", "DOCKER_CERT_MATERIAL", m.CertMaterial),
		KeyMaterial:  secret.Text(n.text("key_material", "DOCKER_KEY_MATERIAL", m.KeyMaterial)),
		CertPath:     n.text("cert_path", "DOCKER_CERT_PATH", m.CertPath),
		TLSVerify:    verify,
		RegistryAuth: registries,
		ConfigDir:    strings.TrimSpace(n.getenv("DOCKER_CONFIG")),
	}, diags
}

func (m dockerModel) registries(ctx context.Context, n *nested) ([]docker.RegistryAuth, diag.Diagnostics) {
	var registries []docker.RegistryAuth
	var diags diag.Diagnostics
	for i, element := range m.RegistryAuth.Elements() {
		var model dockerRegistryModel
		object, ok := element.(types.Object)
		if !ok || object.IsUnknown() || object.IsNull() {
			continue
		}
		diags.Append(object.As(ctx, &model, basetypes.ObjectAsOptions{})...)
		name := func(argument string) string { return "registry_auth." + strconv.Itoa(i) + "." + argument }
		if isSet(model.ConfigFile) || isSet(model.ConfigFileContent) || model.AuthDisabled.ValueBool() {
			n.unread[name("username")], n.unread[name("password")] = true, true
		}
		registries = append(registries, docker.RegistryAuth{
			Address:           model.Address.ValueString(),
			Username:          n.text(name("username"), "DOCKER_REGISTRY_USER", model.Username),
			Password:          secret.Text(n.exact(name("password"), "DOCKER_REGISTRY_PASS", model.Password)),
			ConfigFile:        strings.TrimSpace(model.ConfigFile.ValueString()),
			ConfigFileContent: secret.Text(strings.TrimSpace(model.ConfigFileContent.ValueString())),
			AuthDisabled:      model.AuthDisabled.ValueBool(),
		})
	}
	return registries, diags
}

func dockerProblems(found docker.Problems) []problem {
	var problems []problem
	for _, p := range found {
		problems = append(problems, problem(p))
	}
	return problems
}

// dockerError says why there is no client.
func (n *nested) dockerError(err error) diag.Diagnostics {
	var problems docker.Problems
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problems):
		_, later := n.diagnose(dockerProblems(problems))
		return later
	default:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Invalid Docker Configuration",
			"The provider can't connect with its settings for Docker: "+err.Error()+".")}
	}
}
