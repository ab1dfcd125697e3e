package upgrader

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// kubernetesModel is the block kubernetes.
type kubernetesModel struct {
	Namespace                 types.String  `tfsdk:"namespace"`
	Names                     types.Object  `tfsdk:"names"`
	DelegateContainer         types.String  `tfsdk:"delegate_container"`
	ExistingSecret            types.String  `tfsdk:"existing_secret"`
	RegistryMirror            types.String  `tfsdk:"registry_mirror"`
	Labels                    types.Map     `tfsdk:"labels"`
	Annotations               types.Map     `tfsdk:"annotations"`
	ServiceAccountAnnotations types.Map     `tfsdk:"service_account_annotations"`
	RBAC                      types.Object  `tfsdk:"rbac"`
	ForceConflicts            types.Bool    `tfsdk:"force_conflicts"`
	TimeZone                  types.String  `tfsdk:"time_zone"`
	ConcurrencyPolicy         types.String  `tfsdk:"concurrency_policy"`
	StartingDeadlineSeconds   types.Int64   `tfsdk:"starting_deadline_seconds"`
	SuccessfulJobsHistory     types.Int64   `tfsdk:"successful_jobs_history_limit"`
	FailedJobsHistory         types.Int64   `tfsdk:"failed_jobs_history_limit"`
	ActiveDeadlineSeconds     types.Int64   `tfsdk:"active_deadline_seconds"`
	BackoffLimit              types.Int64   `tfsdk:"backoff_limit"`
	TTLSecondsAfterFinished   types.Int64   `tfsdk:"ttl_seconds_after_finished"`
	ImagePullPolicy           types.String  `tfsdk:"image_pull_policy"`
	ImagePullSecrets          types.List    `tfsdk:"image_pull_secrets"`
	PodLabels                 types.Map     `tfsdk:"pod_labels"`
	PodAnnotations            types.Map     `tfsdk:"pod_annotations"`
	Env                       types.Map     `tfsdk:"env"`
	NodeSelector              types.Map     `tfsdk:"node_selector"`
	PriorityClassName         types.String  `tfsdk:"priority_class_name"`
	Tolerations               types.List    `tfsdk:"tolerations"`
	Resources                 types.Object  `tfsdk:"resources"`
	Affinity                  types.Dynamic `tfsdk:"affinity"`
	SecurityContext           types.Dynamic `tfsdk:"security_context"`
	PodSecurityContext        types.Dynamic `tfsdk:"pod_security_context"`
	MTLSSecret                types.String  `tfsdk:"mtls_secret"`
	CustomCASecret            types.String  `tfsdk:"custom_ca_secret"`
}

type namesModel struct {
	CronJob        types.String `tfsdk:"cron_job"`
	ServiceAccount types.String `tfsdk:"service_account"`
	Role           types.String `tfsdk:"role"`
	RoleBinding    types.String `tfsdk:"role_binding"`
	Secret         types.String `tfsdk:"secret"`
	ConfigMap      types.String `tfsdk:"config_map"`
}

type rbacModel struct {
	CronJobVerbs    types.Set `tfsdk:"cron_job_verbs"`
	DeploymentVerbs types.Set `tfsdk:"deployment_verbs"`
}

type tolerationModel struct {
	Key               types.String `tfsdk:"key"`
	Operator          types.String `tfsdk:"operator"`
	Value             types.String `tfsdk:"value"`
	Effect            types.String `tfsdk:"effect"`
	TolerationSeconds types.Int64  `tfsdk:"toleration_seconds"`
}

type resourcesModel struct {
	Requests types.Map `tfsdk:"requests"`
	Limits   types.Map `tfsdk:"limits"`
}

// kubernetesTypes are the types of the block's members, by the schema. They are
// asked for by what uses the block, not by every start of the provider.
var kubernetesTypes = sync.OnceValue(func() map[string]attr.Type { return memberTypes(kubernetesAttribute().GetType()) })

func memberTypes(of attr.Type) map[string]attr.Type {
	object, _ := of.(attr.TypeWithAttributeTypes)
	if object == nil {
		return nil
	}
	return object.AttributeTypes()
}

func objectNull(member string) types.Object {
	return types.ObjectNull(memberTypes(kubernetesTypes()[member]))
}

func tolerationType() attr.Type {
	list, _ := kubernetesTypes()["tolerations"].(attr.TypeWithElementType)
	return list.ElementType()
}

// newKubernetesModel is a block in which nothing is set.
func newKubernetesModel() *kubernetesModel {
	none := types.MapNull(types.StringType)
	return &kubernetesModel{
		Names: objectNull(attrNames), RBAC: objectNull("rbac"), Resources: objectNull("resources"),
		Labels: none, Annotations: none, ServiceAccountAnnotations: none, PodLabels: none, PodAnnotations: none, Env: none, NodeSelector: none,
		ImagePullSecrets: types.ListNull(types.StringType), Tolerations: types.ListNull(tolerationType()),
		ForceConflicts: types.BoolValue(false),
	}
}

// kubernetes is the domain's view.
func (m *kubernetesModel) kubernetes(ctx context.Context, diags *diag.Diagnostics) *spec.Kubernetes {
	result := &spec.Kubernetes{
		Namespace:                  m.Namespace.ValueString(),
		DelegateContainer:          m.DelegateContainer.ValueString(),
		ExistingSecret:             m.ExistingSecret.ValueString(),
		RegistryMirror:             m.RegistryMirror.ValueString(),
		TimeZone:                   m.TimeZone.ValueString(),
		ConcurrencyPolicy:          m.ConcurrencyPolicy.ValueString(),
		StartingDeadlineSeconds:    m.StartingDeadlineSeconds.ValueInt64Pointer(),
		SuccessfulJobsHistoryLimit: m.SuccessfulJobsHistory.ValueInt64Pointer(),
		FailedJobsHistoryLimit:     m.FailedJobsHistory.ValueInt64Pointer(),
		ActiveDeadlineSeconds:      m.ActiveDeadlineSeconds.ValueInt64Pointer(),
		BackoffLimit:               m.BackoffLimit.ValueInt64Pointer(),
		TTLSecondsAfterFinished:    m.TTLSecondsAfterFinished.ValueInt64Pointer(),
		Labels:                     textsByKey(ctx, m.Labels, diags),
		Annotations:                textsByKey(ctx, m.Annotations, diags),
		PodLabels:                  textsByKey(ctx, m.PodLabels, diags),
		PodAnnotations:             textsByKey(ctx, m.PodAnnotations, diags),
		ServiceAccountAnnotations:  textsByKey(ctx, m.ServiceAccountAnnotations, diags),
		ImagePullPolicy:            m.ImagePullPolicy.ValueString(),
		ImagePullSecrets:           texts(ctx, m.ImagePullSecrets, diags),
		Env:                        textsByKey(ctx, m.Env, diags),
		NodeSelector:               textsByKey(ctx, m.NodeSelector, diags),
		PriorityClassName:          m.PriorityClassName.ValueString(),
		CronJobVerbs:               spec.DefaultCronJobVerbs(),
		DeploymentVerbs:            spec.DefaultDeploymentVerbs(),
		MTLSSecret:                 m.MTLSSecret.ValueString(),
		CustomCASecret:             m.CustomCASecret.ValueString(),
		ForceConflicts:             m.ForceConflicts.ValueBool(),
		Affinity:                   object(m.Affinity, diags),
		SecurityContext:            object(m.SecurityContext, diags),
		PodSecurityContext:         object(m.PodSecurityContext, diags),
	}
	if names := decode[namesModel](ctx, m.Names, diags); names != nil {
		result.Names = names.names()
	}
	if rbac := decode[rbacModel](ctx, m.RBAC, diags); rbac != nil {
		// In the documented order, since sets have none.
		result.CronJobVerbs = inOrder(spec.DefaultCronJobVerbs(), texts(ctx, rbac.CronJobVerbs, diags))
		result.DeploymentVerbs = inOrder(spec.DefaultDeploymentVerbs(), texts(ctx, rbac.DeploymentVerbs, diags))
	}
	if resources := decode[resourcesModel](ctx, m.Resources, diags); resources != nil {
		result.Resources = spec.Resources{Requests: textsByKey(ctx, resources.Requests, diags), Limits: textsByKey(ctx, resources.Limits, diags)}
	}
	if !m.Tolerations.IsNull() && !m.Tolerations.IsUnknown() {
		var tolerations []tolerationModel
		diags.Append(m.Tolerations.ElementsAs(ctx, &tolerations, false)...)
		result.Tolerations = make([]spec.Toleration, 0, len(tolerations))
		for _, t := range tolerations {
			result.Tolerations = append(result.Tolerations, spec.Toleration{
				Key: t.Key.ValueString(), Operator: t.Operator.ValueString(), Value: t.Value.ValueString(), Effect: t.Effect.ValueString(),
				TolerationSeconds: t.TolerationSeconds.ValueInt64Pointer(),
			})
		}
	}
	return result
}

func (m namesModel) names() spec.Names {
	return spec.Names{
		CronJob: m.CronJob.ValueString(), ServiceAccount: m.ServiceAccount.ValueString(), Role: m.Role.ValueString(),
		RoleBinding: m.RoleBinding.ValueString(), Secret: m.Secret.ValueString(), ConfigMap: m.ConfigMap.ValueString(),
	}
}

func namesOf(names spec.Names) *namesModel {
	return &namesModel{
		CronJob: textOr(names.CronJob), ServiceAccount: textOr(names.ServiceAccount), Role: textOr(names.Role),
		RoleBinding: textOr(names.RoleBinding), Secret: textOr(names.Secret), ConfigMap: textOr(names.ConfigMap),
	}
}

// take fills the block with the arguments of the live objects.
func (m *kubernetesModel) take(ctx context.Context, live spec.Kubernetes, diags *diag.Diagnostics) {
	before := m.kubernetes(ctx, diags)
	m.Namespace = textOr(live.Namespace)
	m.Names = encode(ctx, namesOf(live.Names), objectNull(attrNames), diags)
	m.DelegateContainer = textOr(live.DelegateContainer)
	m.ExistingSecret = textOr(live.ExistingSecret)
	m.RegistryMirror = textOr(live.RegistryMirror)
	m.TimeZone = textOr(live.TimeZone)
	m.ConcurrencyPolicy = textOr(live.ConcurrencyPolicy)
	m.StartingDeadlineSeconds = numberOr(live.StartingDeadlineSeconds)
	m.SuccessfulJobsHistory = numberOr(live.SuccessfulJobsHistoryLimit)
	m.FailedJobsHistory = numberOr(live.FailedJobsHistoryLimit)
	m.ActiveDeadlineSeconds = numberOr(live.ActiveDeadlineSeconds)
	m.BackoffLimit = numberOr(live.BackoffLimit)
	m.TTLSecondsAfterFinished = numberOr(live.TTLSecondsAfterFinished)
	m.Labels = mapOf(ctx, m.Labels, live.Labels)
	m.Annotations = mapOf(ctx, m.Annotations, live.Annotations)
	m.ServiceAccountAnnotations = mapOf(ctx, m.ServiceAccountAnnotations, live.ServiceAccountAnnotations)
	m.PodLabels = mapOf(ctx, m.PodLabels, live.PodLabels)
	m.PodAnnotations = mapOf(ctx, m.PodAnnotations, live.PodAnnotations)
	m.ImagePullPolicy = textOr(live.ImagePullPolicy)
	m.ImagePullSecrets = listOf(m.ImagePullSecrets, live.ImagePullSecrets)
	m.Env = mapOf(ctx, m.Env, live.Env)
	m.NodeSelector = mapOf(ctx, m.NodeSelector, live.NodeSelector)
	m.PriorityClassName = textOr(live.PriorityClassName)
	m.MTLSSecret = textOr(live.MTLSSecret)
	m.CustomCASecret = textOr(live.CustomCASecret)
	m.takeTolerations(ctx, before.Tolerations, live.Tolerations, diags)
	m.takeResources(ctx, before.Resources, live.Resources, diags)
	m.takeRBAC(ctx, live, diags)
	// The user's own value stays where it says the same, since a map and an
	// object of the same members are of different types to Terraform.
	for _, member := range []struct {
		value        *types.Dynamic
		before, live map[string]any
	}{
		{&m.Affinity, before.Affinity, live.Affinity},
		{&m.SecurityContext, before.SecurityContext, live.SecurityContext},
		{&m.PodSecurityContext, before.PodSecurityContext, live.PodSecurityContext},
	} {
		if len(member.before)+len(member.live) > 0 && !reflect.DeepEqual(member.before, member.live) {
			*member.value = dynamicOf(member.live)
		}
	}
	if m.PodSecurityContext.IsNull() { // none at all, which isn't the default
		m.PodSecurityContext = dynamicOf(map[string]any{})
	}
}

func (m *kubernetesModel) takeTolerations(ctx context.Context, before, live []spec.Toleration, diags *diag.Diagnostics) {
	if len(before) == 0 && len(live) == 0 || reflect.DeepEqual(before, live) {
		return
	}
	if len(live) == 0 {
		m.Tolerations = types.ListNull(tolerationType())
		return
	}
	tolerations := make([]tolerationModel, 0, len(live))
	for _, t := range live {
		tolerations = append(tolerations, tolerationModel{
			Key: textOr(t.Key), Operator: textOr(t.Operator), Value: textOr(t.Value), Effect: textOr(t.Effect), TolerationSeconds: numberOr(t.TolerationSeconds),
		})
	}
	list, listDiags := types.ListValueFrom(ctx, tolerationType(), tolerations)
	diags.Append(listDiags...)
	m.Tolerations = list
}

func (m *kubernetesModel) takeResources(ctx context.Context, before, live spec.Resources, diags *diag.Diagnostics) {
	if reflect.DeepEqual(before, live) || len(before.Requests)+len(before.Limits)+len(live.Requests)+len(live.Limits) == 0 {
		return
	}
	block := decode[resourcesModel](ctx, m.Resources, diags)
	if block == nil {
		block = &resourcesModel{Requests: types.MapNull(types.StringType), Limits: types.MapNull(types.StringType)}
	}
	block.Requests, block.Limits = mapOf(ctx, block.Requests, live.Requests), mapOf(ctx, block.Limits, live.Limits)
	m.Resources = encode(ctx, block, objectNull("resources"), diags)
}

// takeRBAC leaves the block out where the rights are the documented ones and the
// user has none.
func (m *kubernetesModel) takeRBAC(ctx context.Context, live spec.Kubernetes, diags *diag.Diagnostics) {
	documented := sameSet(live.CronJobVerbs, spec.DefaultCronJobVerbs()) && sameSet(live.DeploymentVerbs, spec.DefaultDeploymentVerbs())
	if m.RBAC.IsNull() && documented {
		return
	}
	m.RBAC = encode(ctx, &rbacModel{
		CronJobVerbs:    types.SetValueMust(types.StringType, stringValues(live.CronJobVerbs)),
		DeploymentVerbs: types.SetValueMust(types.StringType, stringValues(live.DeploymentVerbs)),
	}, objectNull("rbac"), diags)
}

// object is an argument that is passed on to Kubernetes as it is.
func object(value types.Dynamic, diags *diag.Diagnostics) map[string]any {
	if value.IsNull() || value.IsUnknown() || value.IsUnderlyingValueUnknown() {
		return nil
	}
	plain, err := plainOf(value)
	if err != nil {
		diags.AddAttributeError(inKubernetes(), "Invalid Object", err.Error())
		return nil
	}
	members, _ := plain.(map[string]any)
	return members
}
