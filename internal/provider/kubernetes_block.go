package provider

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

const kubernetesBlock = "kubernetes"

// kubernetesSchema has the names and variables of Terraform's Kubernetes
// provider, so that its block can be copied.
func kubernetesSchema() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Connection to the Kubernetes cluster of upgraders and grace periods. " +
			"The arguments and their environment variables are those of the `hashicorp/kubernetes` provider. " +
			"An argument takes precedence over its environment variable, and the variables also work without this block. " +
			"Where nothing is set at all and Terraform runs in a pod, the pod's own service account is used. " +
			"`KUBECONFIG` and `~/.kube/config` are not read.",
		Attributes: map[string]schema.Attribute{
			"host": schema.StringAttribute{
				MarkdownDescription: "Address of the API server. Without a scheme, `https://` is used. Defaults to `KUBE_HOST`.",
				Optional:            true,
			},
			"username": schema.StringAttribute{
				MarkdownDescription: "User name for basic authentication. Defaults to `KUBE_USER`.",
				Optional:            true,
			},
			"password": schema.StringAttribute{
				MarkdownDescription: "Password for basic authentication. Defaults to `KUBE_PASSWORD`.",
				Optional:            true,
				Sensitive:           true,
			},
			"insecure": schema.BoolAttribute{
				MarkdownDescription: "Whether to skip the verification of the server's certificate. Defaults to `KUBE_INSECURE`, else to `false`.",
				Optional:            true,
			},
			"tls_server_name": schema.StringAttribute{
				MarkdownDescription: "Server name in the certificate, if it differs from the address. Defaults to `KUBE_TLS_SERVER_NAME`.",
				Optional:            true,
			},
			"client_certificate": schema.StringAttribute{
				MarkdownDescription: "Client certificate, as PEM. Defaults to `KUBE_CLIENT_CERT_DATA`.",
				Optional:            true,
			},
			"client_key": schema.StringAttribute{
				MarkdownDescription: "Key of the client certificate, as PEM. Defaults to `KUBE_CLIENT_KEY_DATA`.",
				Optional:            true,
				Sensitive:           true,
			},
			"cluster_ca_certificate": schema.StringAttribute{
				MarkdownDescription: "CA certificate that verifies the server, as PEM. Defaults to `KUBE_CLUSTER_CA_CERT_DATA`.",
				Optional:            true,
			},
			"config_path": schema.StringAttribute{
				MarkdownDescription: "Path of a kubeconfig file. Other arguments take precedence over its contents; configured credentials replace those of its user. " +
					"Conflicts with `config_paths`. Defaults to `KUBE_CONFIG_PATH`.",
				Optional: true,
			},
			"config_paths": schema.ListAttribute{
				MarkdownDescription: "Paths of kubeconfig files. For each setting, the first file that contains it takes precedence. " +
					"Conflicts with `config_path`. Defaults to `KUBE_CONFIG_PATHS`, which separates them as `PATH` does.",
				ElementType: types.StringType,
				Optional:    true,
			},
			"config_context": schema.StringAttribute{
				MarkdownDescription: "Context of the kubeconfig, instead of its current context. Defaults to `KUBE_CTX`.",
				Optional:            true,
			},
			"config_context_auth_info": schema.StringAttribute{
				MarkdownDescription: "User of the kubeconfig, instead of the context's. Defaults to `KUBE_CTX_AUTH_INFO`.",
				Optional:            true,
			},
			"config_context_cluster": schema.StringAttribute{
				MarkdownDescription: "Cluster of the kubeconfig, instead of the context's. Defaults to `KUBE_CTX_CLUSTER`.",
				Optional:            true,
			},
			"token": schema.StringAttribute{
				MarkdownDescription: "Bearer token, for example of a service account. Defaults to `KUBE_TOKEN`.",
				Optional:            true,
				Sensitive:           true,
			},
			"proxy_url": schema.StringAttribute{
				MarkdownDescription: "URL of the proxy: `http://`, `https://` or `socks5://`. Defaults to `KUBE_PROXY_URL`, " +
					"else to `HTTPS_PROXY`.",
				Optional: true,
			},
		},
		Blocks: map[string]schema.Block{"exec": kubernetesExecSchema()},
	}
}

// kubernetesExecSchema has no required attributes: within a block, the framework
// demands those also where the block is left out.
func kubernetesExecSchema() schema.Block {
	member := path.MatchRelative().AtName
	return schema.SingleNestedBlock{
		MarkdownDescription: "Command that returns credentials, such as `aws eks get-token`. It runs without a terminal. Has no environment variable.",
		Validators:          []validator.Object{objectvalidator.AlsoRequires(member("api_version"), member("command"))},
		Attributes: map[string]schema.Attribute{
			"api_version": schema.StringAttribute{
				MarkdownDescription: "API version of the command's output: `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`. Must be set. Has no environment variable.",
				Optional:            true,
			},
			"command": schema.StringAttribute{
				MarkdownDescription: "The command, as a path or as a name in `PATH`. Must be set. Has no environment variable.",
				Optional:            true,
			},
			"args": schema.ListAttribute{
				MarkdownDescription: "Arguments of the command. Has no environment variable.",
				ElementType:         types.StringType,
				Optional:            true,
			},
			"env": schema.MapAttribute{
				MarkdownDescription: "Environment variables of the command, in addition to Terraform's own. Has no environment variable.",
				ElementType:         types.StringType,
				Optional:            true,
			},
		},
	}
}

// kubernetesModel is the "kubernetes" block.
type kubernetesModel struct {
	Host                  types.String `tfsdk:"host"`
	Username              types.String `tfsdk:"username"`
	Password              types.String `tfsdk:"password"`
	Insecure              types.Bool   `tfsdk:"insecure"`
	TLSServerName         types.String `tfsdk:"tls_server_name"`
	ClientCertificate     types.String `tfsdk:"client_certificate"`
	ClientKey             types.String `tfsdk:"client_key"`
	ClusterCACertificate  types.String `tfsdk:"cluster_ca_certificate"`
	ConfigPath            types.String `tfsdk:"config_path"`
	ConfigPaths           types.List   `tfsdk:"config_paths"`
	ConfigContext         types.String `tfsdk:"config_context"`
	ConfigContextAuthInfo types.String `tfsdk:"config_context_auth_info"`
	ConfigContextCluster  types.String `tfsdk:"config_context_cluster"`
	Token                 types.String `tfsdk:"token"`
	ProxyURL              types.String `tfsdk:"proxy_url"`
	Exec                  types.Object `tfsdk:"exec"`
}

type kubernetesExecModel struct {
	APIVersion types.String `tfsdk:"api_version"`
	Command    types.String `tfsdk:"command"`
	Args       types.List   `tfsdk:"args"`
	Env        types.Map    `tfsdk:"env"`
}

// kubernetesOption makes of the argument what objects need to connect.
func kubernetesOption(ctx context.Context, argument types.Object, getenv func(string) string, userAgent string) (providerdata.Option, diag.Diagnostics) {
	unknown := unknownIn(argument, path.Root(kubernetesBlock))
	n := newNested(kubernetesBlock, getenv)
	config, diags := parseKubernetes(ctx, argument, n)
	config.UserAgent = userAgent
	config.OnWarning = func(ctx context.Context, text string) {
		tflog.Warn(ctx, "The Kubernetes API server warns", map[string]any{"warning": text})
	}
	// What is to come can't be judged, nor what stands beside it.
	if len(unknown) == 0 {
		atOnce, _ := n.diagnose(kubernetesProblems(config.Check()))
		diags.Append(atOnce...)
	}
	return providerdata.WithKubernetes(unknown, func() (*kubernetes.Client, diag.Diagnostics) {
		if _, later := n.diagnose(n.problems); later.HasError() {
			return nil, later
		}
		client, err := kubernetes.New(config)
		return client, n.kubernetesError(err)
	}), diags
}

// parseKubernetes makes settings of the argument and of the environment.
func parseKubernetes(ctx context.Context, argument types.Object, n *nested) (kubernetes.Config, diag.Diagnostics) {
	var model kubernetesModel
	if !argument.IsNull() && !argument.IsUnknown() {
		if diags := argument.As(ctx, &model, basetypes.ObjectAsOptions{}); diags.HasError() {
			return kubernetes.Config{}, diags
		}
	}
	return model.config(ctx, n)
}

// config resolves the arguments.
func (m kubernetesModel) config(ctx context.Context, n *nested) (kubernetes.Config, diag.Diagnostics) {
	n.alternatives(
		way{"config_path": m.ConfigPath},
		way{"config_paths": m.ConfigPaths},
	)
	n.alternatives(
		way{"username": m.Username, "password": m.Password},
		way{"token": m.Token},
		way{"client_certificate": m.ClientCertificate, "client_key": m.ClientKey},
		way{"exec": m.Exec},
	)
	exec, diags := m.exec(ctx)
	config := kubernetes.Config{
		Host:                  n.text("host", "KUBE_HOST", m.Host),
		Username:              n.text("username", "KUBE_USER", m.Username),
		Password:              secret.Text(n.exact("password", "KUBE_PASSWORD", m.Password)),
		Insecure:              n.flag("insecure", "KUBE_INSECURE", m.Insecure),
		TLSServerName:         n.text("tls_server_name", "KUBE_TLS_SERVER_NAME", m.TLSServerName),
		ClientCertificate:     n.text("client_certificate", "KUBE_CLIENT_CERT_DATA", m.ClientCertificate),
		ClientKey:             secret.Text(n.text("client_key", "KUBE_CLIENT_KEY_DATA", m.ClientKey)),
		ClusterCACertificate:  n.text("cluster_ca_certificate", "KUBE_CLUSTER_CA_CERT_DATA", m.ClusterCACertificate),
		ConfigPath:            n.text("config_path", "KUBE_CONFIG_PATH", m.ConfigPath),
		ConfigPaths:           n.list("config_paths", "KUBE_CONFIG_PATHS", m.ConfigPaths, filepath.SplitList),
		ConfigContext:         n.text("config_context", "KUBE_CTX", m.ConfigContext),
		ConfigContextAuthInfo: n.text("config_context_auth_info", "KUBE_CTX_AUTH_INFO", m.ConfigContextAuthInfo),
		ConfigContextCluster:  n.text("config_context_cluster", "KUBE_CTX_CLUSTER", m.ConfigContextCluster),
		Token:                 secret.Text(n.text("token", "KUBE_TOKEN", m.Token)),
		ProxyURL:              n.text("proxy_url", "KUBE_PROXY_URL", m.ProxyURL),
		Exec:                  exec,
	}
	// Chosen by the environment, a context is for kubeconfigs, of which there
	// may be none here.
	if config.ConfigPath == "" && len(config.ConfigPaths) == 0 {
		n.forget("config_context", &config.ConfigContext)
		n.forget("config_context_auth_info", &config.ConfigContextAuthInfo)
		n.forget("config_context_cluster", &config.ConfigContextCluster)
	}
	return config, diags
}

func (m kubernetesModel) exec(ctx context.Context) (*kubernetes.Exec, diag.Diagnostics) {
	if m.Exec.IsNull() || m.Exec.IsUnknown() {
		return nil, nil
	}
	var model kubernetesExecModel
	diags := m.Exec.As(ctx, &model, basetypes.ObjectAsOptions{})
	exec := &kubernetes.Exec{
		APIVersion: model.APIVersion.ValueString(),
		Command:    model.Command.ValueString(),
		Args:       texts(model.Args),
		Env:        map[string]string{},
	}
	for name, value := range model.Env.Elements() {
		if text, ok := value.(types.String); ok {
			exec.Env[name] = text.ValueString()
		}
	}
	return exec, diags
}

func kubernetesProblems(found kubernetes.Problems) []problem {
	var problems []problem
	for _, p := range found {
		problems = append(problems, problem(p))
	}
	return problems
}

// kubernetesError says why there is no client.
func (n *nested) kubernetesError(err error) diag.Diagnostics {
	var problems kubernetes.Problems
	switch {
	case err == nil:
		return nil
	case errors.As(err, &problems):
		_, later := n.diagnose(kubernetesProblems(problems))
		return later
	case errors.Is(err, kubernetes.ErrNoCluster):
		return diag.Diagnostics{diag.NewErrorDiagnostic("Missing Provider Configuration",
			"This needs a connection to a Kubernetes cluster, and nothing says to which. "+
				"Set \"host\", \"config_path\" or \"config_paths\" within \"kubernetes\" in the provider block, "+
				"or the environment variable KUBE_HOST, KUBE_CONFIG_PATH or KUBE_CONFIG_PATHS. KUBECONFIG and ~/.kube/config are not read. "+
				"In a pod, none of it is needed; this is not running in one.")}
	default:
		return diag.Diagnostics{diag.NewErrorDiagnostic("Invalid Kubernetes Configuration",
			"The provider can't connect with its settings for Kubernetes: "+err.Error()+".")}
	}
}
