package cronjob

import (
	"maps"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The keys under which the upgrader looks for its token and its configuration,
// and the label by which Harness knows a CronJob.
const (
	tokenKey  = "UPGRADER_TOKEN"
	configKey = "config.yaml"
	nameLabel = "harness.io/name"
)

// What the parts of the pod are called, and where the upgrader looks for files.
const (
	containerName     = "upgrader"
	configVolume      = "config-volume"
	configPath        = "/etc/config"
	certificateVolume = "client-certificate"
	certificatePath   = "/etc/mtls"
	certificateFile   = "client.crt"
	certificateKey    = "client.key"
	authorityVolume   = "custom-certs"
	authorityPath     = "/ca-bundle"

	// secretModes lets the owner and the group that the pod's fsGroup names read
	// the files of Secrets, and nobody else. The official chart means the same with
	// its defaultMode of 400, but that is decimal, 0620 in octal: the group may
	// write and not read.
	secretModes = int32(0o440)
)

// Objects are those that an upgrader consists of, in the order in which they are
// written.
func Objects(u spec.Upgrader) []spec.Object {
	var list []spec.Object
	for _, k := range keysOf(u) {
		list = append(list, spec.Object{Kind: k.kind, Name: k.name})
	}
	return list
}

// keysOf names the objects of an upgrader.
func keysOf(u spec.Upgrader) []key {
	k := u.Kubernetes
	var keys []key
	if k.RBAC.Creates() {
		keys = append(keys, key{kindServiceAccount, k.ServiceAccount}, key{kindRole, k.Role}, key{kindRoleBinding, k.RoleBinding})
	}
	if k.ExistingSecret == "" {
		keys = append(keys, key{kindSecret, k.Secret})
	}
	return append(keys, configKeyOf(u), key{kindCronJob, k.CronJob})
}

// configKeyOf is the object that holds config.yaml. The upgrader reads its proxy's
// credentials from nowhere else; where there are any, it is therefore a Secret.
func configKeyOf(u spec.Upgrader) key {
	if u.Proxy.HasCredentials() {
		return key{kindSecret, u.Kubernetes.ConfigMap}
	}
	return key{kindConfigMap, u.Kubernetes.ConfigMap}
}

// render gives the objects of an upgrader: what is managed, and nothing that the
// API server fills in. Where the token isn't known and no existing Secret holds
// it, the Secret has no data: enough to compare with, not to be written.
//
// It fails where an argument that is an object of the API doesn't fit its type.
func render(u spec.Upgrader) (snapshot, *spec.Failure) {
	r := renderer{u: u, k: u.Kubernetes}
	rendered := snapshot{}
	for _, k := range keysOf(u) {
		switch {
		case k == configKeyOf(u):
			rendered[k] = r.config()
		case k.kind == kindServiceAccount:
			rendered[k] = r.serviceAccount()
		case k.kind == kindRole:
			rendered[k] = r.role()
		case k.kind == kindRoleBinding:
			rendered[k] = r.roleBinding()
		case k.kind == kindSecret:
			rendered[k] = r.tokenSecret()
		default:
			cronJob, failure := r.cronJob()
			if failure != nil {
				return nil, failure
			}
			rendered[k] = cronJob
		}
	}
	return rendered, nil
}

// renderer renders the objects of one upgrader.
type renderer struct {
	u spec.Upgrader
	k *spec.Kubernetes
}

// of begins an object, with the labels and annotations of all of them and those
// of its own.
func (r renderer) of(kind, name string, annotations map[string]string) (metav1.TypeMeta, metav1.ObjectMeta) {
	version, kind := kinds[kind].resource.GroupVersion().WithKind(kind).ToAPIVersionAndKind()
	return metav1.TypeMeta{APIVersion: version, Kind: kind}, metav1.ObjectMeta{
		Name: name, Namespace: r.k.Namespace, Labels: joined(r.k.Labels), Annotations: joined(r.k.Annotations, annotations),
	}
}

// joined joins maps; the later ones win. It is nil if there is nothing in them.
func joined(parts ...map[string]string) map[string]string {
	var all map[string]string
	for _, part := range parts {
		if all == nil && len(part) > 0 {
			all = map[string]string{}
		}
		maps.Copy(all, part)
	}
	return all
}

// serviceAccount says that pods get its token, which is so anyway. But without
// it the upgrader can do nothing, and of an object without any field of ours the
// API server wouldn't remember that we made it.
func (r renderer) serviceAccount() *corev1.ServiceAccount {
	account := &corev1.ServiceAccount{AutomountServiceAccountToken: new(true)}
	account.TypeMeta, account.ObjectMeta = r.of(kindServiceAccount, r.k.ServiceAccount, r.k.ServiceAccountAnnotations)
	return account
}

// role gives the rights that the documentation asks for, or fewer.
func (r renderer) role() *rbacv1.Role {
	role := &rbacv1.Role{}
	role.TypeMeta, role.ObjectMeta = r.of(kindRole, r.k.Role, nil)
	for _, rule := range []rbacv1.PolicyRule{
		{APIGroups: []string{"batch", "apps", "extensions"}, Resources: []string{"cronjobs"}, Verbs: r.k.RBAC.CronJobVerbs},
		{APIGroups: []string{"extensions", "apps"}, Resources: []string{"deployments"}, Verbs: r.k.RBAC.DeploymentVerbs},
	} {
		if len(rule.Verbs) > 0 {
			role.Rules = append(role.Rules, rule)
		}
	}
	return role
}

func (r renderer) roleBinding() *rbacv1.RoleBinding {
	binding := &rbacv1.RoleBinding{
		Subjects: []rbacv1.Subject{{Kind: kindServiceAccount, Name: r.k.ServiceAccount, Namespace: r.k.Namespace}},
		// The documented manifest leaves the group empty. The API server fills it in,
		// and whoever compares then sees a difference forever.
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kindRole, Name: r.k.Role},
	}
	binding.TypeMeta, binding.ObjectMeta = r.of(kindRoleBinding, r.k.RoleBinding, nil)
	return binding
}

func (r renderer) tokenSecret() *corev1.Secret {
	var data map[string][]byte
	if r.u.Token != "" {
		data = map[string][]byte{tokenKey: []byte(r.u.Token)}
	}
	return r.secret(r.k.Secret, data)
}

func (r renderer) config() object {
	file := configFile(r.u)
	if configKeyOf(r.u).kind == kindSecret {
		return r.secret(r.k.ConfigMap, map[string][]byte{configKey: []byte(file)})
	}
	config := &corev1.ConfigMap{Data: map[string]string{configKey: file}}
	config.TypeMeta, config.ObjectMeta = r.of(kindConfigMap, r.k.ConfigMap, nil)
	return config
}

// secret uses data, not stringData: the API server moves the latter over to
// data, where it has no owner, and nothing would ever remove a key again.
func (r renderer) secret(name string, data map[string][]byte) *corev1.Secret {
	secret := &corev1.Secret{Type: corev1.SecretTypeOpaque, Data: data}
	secret.TypeMeta, secret.ObjectMeta = r.of(kindSecret, name, nil)
	return secret
}

// cronJob renders the parts of the CronJob that no argument is, and then the
// arguments by their table. A label harness.io/name of the user's takes precedence
// over ours: the official chart gives it the delegate's name.
func (r renderer) cronJob() (*batchv1.CronJob, *spec.Failure) {
	cronJob := &batchv1.CronJob{}
	cronJob.TypeMeta, cronJob.ObjectMeta = r.of(kindCronJob, r.k.CronJob, nil)
	cronJob.Labels = joined(map[string]string{nameLabel: r.k.CronJob}, r.k.Labels)
	// Written when false, too: else nobody would own it, and a CronJob that
	// somebody has suspended would stay suspended.
	cronJob.Spec.Suspend = new(!r.u.AutoUpgrade)

	template := &cronJob.Spec.JobTemplate.Spec.Template
	template.Labels = joined(r.k.Labels, r.k.PodLabels)
	template.Annotations = joined(r.k.Annotations, r.k.PodAnnotations)
	template.Spec = corev1.PodSpec{
		ServiceAccountName: r.k.ServiceAccount,
		RestartPolicy:      corev1.RestartPolicyNever,
		Volumes:            r.volumes(),
		Containers: []corev1.Container{{
			Name:         containerName,
			EnvFrom:      []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: r.k.TokenSecret()}}}},
			VolumeMounts: r.mounts(),
		}},
	}
	for _, f := range fields {
		if failure := f.render(r.u, cronJob); failure != nil {
			return nil, failure
		}
	}
	return cronJob, nil
}

// mounts and volumes belong together: the files of config.yaml, and those of
// mutual TLS and of a private authority where they are used.
func (r renderer) mounts() []corev1.VolumeMount {
	mounts := []corev1.VolumeMount{{Name: configVolume, MountPath: configPath}}
	if r.k.MTLSSecret != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: certificateVolume, MountPath: certificatePath, ReadOnly: true})
	}
	if r.k.CustomCASecret != "" {
		mounts = append(mounts, corev1.VolumeMount{Name: authorityVolume, MountPath: authorityPath, ReadOnly: true})
	}
	return mounts
}

func (r renderer) volumes() []corev1.Volume {
	config := secretVolume(configVolume, r.k.ConfigMap)
	if configKeyOf(r.u).kind == kindConfigMap {
		config.VolumeSource = corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: r.k.ConfigMap},
		}}
	}
	volumes := []corev1.Volume{config}
	if r.k.MTLSSecret != "" {
		volumes = append(volumes, secretVolume(certificateVolume, r.k.MTLSSecret))
	}
	if r.k.CustomCASecret != "" {
		volumes = append(volumes, secretVolume(authorityVolume, r.k.CustomCASecret))
	}
	return volumes
}

func secretVolume(name, secretName string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		Secret: &corev1.SecretVolumeSource{SecretName: secretName, DefaultMode: new(secretModes)},
	}}
}

// podOf is the specification of a CronJob's pods.
func podOf(cronJob *batchv1.CronJob) *corev1.PodSpec {
	return &cronJob.Spec.JobTemplate.Spec.Template.Spec
}

// containerOf is the upgrader's container; it is nil if there is none.
func containerOf(pod *corev1.PodSpec) *corev1.Container {
	i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == containerName })
	if i < 0 {
		return nil
	}
	return &pod.Containers[i]
}
