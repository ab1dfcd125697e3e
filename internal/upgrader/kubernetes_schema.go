package upgrader

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/dynamicdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

const (
	attrNamespace      = "namespace"
	attrExistingSecret = "existing_secret"
)

// kubernetesAttribute is what an upgrader on Kubernetes has besides. Its order
// here is the reader's: the place, the objects, the job, the pod, the rights.
func kubernetesBlock() schema.SingleNestedBlock {
	attributes := map[string]schema.Attribute{
		attrNamespace: schema.StringAttribute{
			MarkdownDescription: "Namespace of the delegate's Deployment and the upgrader. It must exist. Must be set. Changing this forces replacement.",
			Optional:            true,
			Validators:          []validator.String{dnsLabel()},
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"delegate_container": schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("Container of the delegate's Deployment whose image is upgraded. Defaults to `%s`.", spec.DefaultDelegateContainer),
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(spec.DefaultDelegateContainer),
			Validators:          []validator.String{dnsLabel()},
		},
		attrExistingSecret: schema.StringAttribute{
			MarkdownDescription: "Name of a Secret in the namespace with the delegate token under the key `UPGRADER_TOKEN`, instead of `token` or `token_wo`. This resource doesn't manage that Secret.",
			Optional:            true,
			Validators:          []validator.String{dnsSubdomain(spec.MaxKubernetesKey)},
		},
		"registry_mirror": schema.StringAttribute{
			MarkdownDescription: "Registry and path that the upgrader prepends to `harness/delegate:VERSION`, such as `registry.example.com/mirror`.",
			Optional:            true,
			Validators:          []validator.String{mirror()},
		},
		"labels":                      labelMap("Labels of all objects and of the pods."),
		"annotations":                 textMap("Annotations of all objects and of the pods."),
		"service_account_annotations": textMap("Additional annotations of the ServiceAccount."),
		"force_conflicts": schema.BoolAttribute{
			MarkdownDescription: "Whether to take over fields that another field manager, such as Helm, has set to other values. With `false`, that is an error at plan time, which names the manager and the fields. Defaults to `false`.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(false),
		},
	}
	for _, part := range []map[string]schema.Attribute{nameAttributes(), jobAttributes(), podAttributes()} {
		maps.Copy(attributes, part)
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Runs the upgrader as a CronJob on Kubernetes, in the cluster of the provider's `kubernetes` block. Exactly one of `kubernetes` and `docker` must be set; changing from one to the other forces replacement.",
		Validators:          append(onePlatform(), requires(attrNamespace)...),
		Attributes:          attributes,
		Blocks: map[string]schema.Block{
			"rbac":       rbacBlock(),
			"resources":  resourcesBlock(),
			"toleration": tolerationBlock(),
		},
	}
}

// nameAttributes are the names of the objects.
func nameAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, name := range spec.AllNames() {
		attributes[name.Argument] = schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("Name of the %s, of at most %d characters. Defaults to `%s`, as in the official Helm chart.",
				name.Holds, name.Limit, name.Default("DELEGATE_NAME")),
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{dnsSubdomain(name.Limit)},
		}
	}
	return attributes
}

// jobAttributes are about when and how runs are started.
func jobAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"timezone": schema.StringAttribute{
			MarkdownDescription: "Time zone of the schedule, such as `Europe/Berlin`. Defaults to that of the cluster's controllers.",
			Optional:            true,
			Validators:          []validator.String{timeZone()},
		},
		"concurrency_policy": schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("What happens if a run is due while another is active: `Forbid`, `Allow` or `Replace`. Defaults to `%s`.", spec.DefaultConcurrencyPolicy),
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(spec.DefaultConcurrencyPolicy),
			Validators:          []validator.String{stringvalidator.OneOf("Forbid", "Allow", "Replace")},
		},
		"starting_deadline_seconds": schema.Int64Attribute{
			CustomType:          wholenumber.Type{},
			MarkdownDescription: fmt.Sprintf("How late a run may start, in seconds, before it is skipped. At least 10. Defaults to `%d`.", spec.DefaultStartingDeadlineSeconds),
			Optional:            true,
			Computed:            true,
			Default:             int64default.StaticInt64(spec.DefaultStartingDeadlineSeconds),
			// Below ten seconds the controller, which looks every ten, may start none.
			Validators: []validator.Int64{int64validator.AtLeast(10)},
		},
		"successful_jobs_history_limit": number("Number of successful Jobs to keep. Kubernetes defaults to 3.", 0),
		"failed_jobs_history_limit":     number("Number of failed Jobs to keep. Kubernetes defaults to 1.", 0),
		"active_deadline_seconds":       number("Maximum duration of a run, in seconds, at least 1. Unlimited by default.", 1),
		"backoff_limit":                 number("Number of retries of a failed run. Kubernetes defaults to 6.", 0),
		"ttl_seconds_after_finished":    number("How long a Job is kept after it has ended, in seconds. Unlimited by default.", 0),
	}
}

// podAttributes are about the pod that a run is.
func podAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"image_pull_policy": schema.StringAttribute{
			MarkdownDescription: fmt.Sprintf("When the upgrader's image is pulled: `Always`, `IfNotPresent` or `Never`. Defaults to `%s`.", spec.DefaultImagePullPolicy),
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(spec.DefaultImagePullPolicy),
			Validators:          []validator.String{stringvalidator.OneOf("Always", "IfNotPresent", "Never")},
		},
		"image_pull_secrets": schema.ListAttribute{
			MarkdownDescription: "Names of the Secrets for pulling the upgrader's image.",
			Optional:            true,
			ElementType:         types.StringType,
			Validators:          []validator.List{listvalidator.ValueStringsAre(dnsSubdomain(spec.MaxKubernetesKey)), listvalidator.UniqueValues()},
		},
		"pod_labels":      labelMap("Additional labels of the pods."),
		"pod_annotations": textMap("Additional annotations of the pods."),
		"env": schema.MapAttribute{
			MarkdownDescription: "Additional environment variables of the upgrader.",
			Optional:            true,
			ElementType:         types.StringType,
			Validators:          []validator.Map{mapvalidator.KeysAre(notReserved(map[string]string{"UPGRADER_TOKEN": attrToken}))},
		},
		"node_selector":       labelMap("Labels that a node must have."),
		"priority_class_name": text("Priority class of the pods."),
		"affinity":            kubernetesObject("Affinity of the pods, with the field names of Kubernetes: `{ nodeAffinity = { … } }`."),
		"security_context":    kubernetesObject("Security context of the upgrader's container, with the field names of Kubernetes: `{ runAsNonRoot = true }`."),
		"pod_security_context": schema.DynamicAttribute{
			MarkdownDescription: "Security context of the pods, with the field names of Kubernetes. Defaults to `{ fsGroup = 1001 }`, so that a non-root upgrader can read its files.",
			Optional:            true,
			Computed:            true,
			Default:             dynamicdefault.StaticValue(dynamicOf(spec.DefaultPodSecurityContext())),
			Validators:          []validator.Dynamic{objectValue{}},
		},
		"mtls_secret":      secretName("Name of a Secret with `client.crt` and `client.key`, for mutual TLS with the Manager."),
		"custom_ca_secret": secretName("Name of a Secret with additional CA certificates for the upgrader. It is mounted at `/ca-bundle`."),
	}
}

func tolerationBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A taint of nodes that the upgrader tolerates.",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"key": text("Key of the taint. Omitted, it matches every key."),
			"operator": schema.StringAttribute{
				MarkdownDescription: "`Equal` or `Exists`. Kubernetes defaults to `Equal`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("Equal", "Exists")},
			},
			"value": text("Value of the taint."),
			"effect": schema.StringAttribute{
				MarkdownDescription: "`NoSchedule`, `PreferNoSchedule` or `NoExecute`. Omitted, it matches every effect.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute")},
			},
			"toleration_seconds": number("How long a `NoExecute` taint is tolerated, in seconds.", 0),
		}},
	}
}

func resourcesBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Resource requests and limits of the upgrader's container.",
		Attributes: map[string]schema.Attribute{
			"requests": quantities("Requests by resource, such as `{ cpu = \"50m\", memory = \"64Mi\" }`."),
			"limits":   quantities("Limits by resource."),
		},
	}
}

func rbacBlock() schema.Block {
	verbs := func(resource string, documented []string) schema.Attribute {
		return schema.SetAttribute{
			MarkdownDescription: fmt.Sprintf("Verbs of the upgrader for %s in the namespace. An empty set omits the rule. Defaults to the documented verbs, which are also the only ones accepted: `%s`.",
				resource, strings.Join(documented, "`, `")),
			Optional:    true,
			ElementType: types.StringType,
			Validators:  []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(documented...))},
		}
	}
	return schema.SingleNestedBlock{
		MarkdownDescription: "Permissions of the upgrader. Defaults to the documented ones.",
		Attributes: map[string]schema.Attribute{
			"create": schema.BoolAttribute{
				MarkdownDescription: "Whether to create the ServiceAccount, the Role and the RoleBinding. With `false`, `service_account_name` must be an existing ServiceAccount with the required permissions. Defaults to `true`.",
				Optional:            true,
			},
			"cron_job_verbs":   verbs("CronJobs", spec.DefaultCronJobVerbs()),
			"deployment_verbs": verbs("Deployments", spec.DefaultDeploymentVerbs()),
		},
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
}

func textMap(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description, Optional: true, ElementType: types.StringType,
		Validators: []validator.Map{mapvalidator.KeysAre(qualifiedName())},
	}
}

// labelMap is for labels, whose values have a form; those of annotations have none.
func labelMap(description string) schema.MapAttribute {
	attribute := textMap(description)
	attribute.Validators = append(attribute.Validators, mapvalidator.ValueStringsAre(labelValue()))
	return attribute
}

func number(description string, least int64) schema.Int64Attribute {
	return schema.Int64Attribute{CustomType: wholenumber.Type{}, MarkdownDescription: description, Optional: true, Validators: []validator.Int64{int64validator.AtLeast(least)}}
}

func secretName(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{dnsSubdomain(spec.MaxKubernetesKey)}}
}

func quantities(description string) schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: description, Optional: true, ElementType: types.StringType,
		Validators: []validator.Map{mapvalidator.ValueStringsAre(quantity())},
	}
}

// kubernetesObject is an argument that is passed on to Kubernetes as it is: the
// API server knows its fields, and all of them, better than a copy here would.
func kubernetesObject(description string) schema.DynamicAttribute {
	return schema.DynamicAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.Dynamic{objectValue{}}}
}

// inKubernetes is the path of an argument within the block.
func inKubernetes(names ...string) path.Path {
	at := path.Root(attrKubernetes)
	for _, name := range names {
		at = at.AtName(name)
	}
	return at
}
