package cronjob

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
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
)

// cronJob renders the CronJob. A label harness.io/name of the user's wins over
// ours: the official chart gives it the delegate's name.
func (r renderer) cronJob() *unstructured.Unstructured {
	object := r.object(kindCronJob, r.k.Names.CronJob, map[string]string{nameLabel: r.k.Names.CronJob}, nil)
	jobSpec := map[string]any{"template": r.podTemplate()}
	put(jobSpec, "activeDeadlineSeconds", r.k.ActiveDeadlineSeconds)
	put(jobSpec, "backoffLimit", r.k.BackoffLimit)
	put(jobSpec, "ttlSecondsAfterFinished", r.k.TTLSecondsAfterFinished)

	fields := map[string]any{
		"schedule": r.u.Schedule,
		// Written when false, too: else nobody would own it, and a CronJob that
		// somebody has suspended would stay suspended.
		"suspend":     !r.u.AutoUpgrade,
		"jobTemplate": map[string]any{"spec": jobSpec},
	}
	put(fields, "timeZone", r.k.TimeZone)
	put(fields, "concurrencyPolicy", r.k.ConcurrencyPolicy)
	put(fields, "startingDeadlineSeconds", r.k.StartingDeadlineSeconds)
	put(fields, "successfulJobsHistoryLimit", r.k.SuccessfulJobsHistoryLimit)
	put(fields, "failedJobsHistoryLimit", r.k.FailedJobsHistoryLimit)
	object.Object["spec"] = fields
	return object
}

func (r renderer) podTemplate() map[string]any {
	metadata := map[string]any{}
	put(metadata, "labels", texts(r.k.Labels, r.k.PodLabels))
	put(metadata, "annotations", texts(r.k.Annotations, r.k.PodAnnotations))

	fields := map[string]any{
		"serviceAccountName": r.k.Names.ServiceAccount,
		"restartPolicy":      "Never",
		"containers":         []any{r.container()},
		"volumes":            r.volumes(),
	}
	put(fields, "imagePullSecrets", pullSecrets(r.k.ImagePullSecrets))
	put(fields, "nodeSelector", texts(r.k.NodeSelector))
	put(fields, "tolerations", tolerations(r.k.Tolerations))
	put(fields, "priorityClassName", r.k.PriorityClassName)
	put(fields, "affinity", plain(r.k.Affinity))
	put(fields, "securityContext", plain(r.k.PodSecurityContext))

	template := map[string]any{"spec": fields}
	put(template, "metadata", metadata)
	return template
}

func (r renderer) container() map[string]any {
	fields := map[string]any{
		"name":         containerName,
		"image":        r.u.Image,
		"envFrom":      []any{map[string]any{"secretRef": map[string]any{"name": r.tokenSource()}}},
		"volumeMounts": r.mounts(),
	}
	put(fields, "imagePullPolicy", r.k.ImagePullPolicy)
	put(fields, "env", environment(r.k.Env))
	put(fields, "securityContext", plain(r.k.SecurityContext))
	amounts := map[string]any{}
	put(amounts, "requests", texts(r.k.Resources.Requests))
	put(amounts, "limits", texts(r.k.Resources.Limits))
	put(fields, "resources", amounts)
	return fields
}

// tokenSource is the Secret that holds the token.
func (r renderer) tokenSource() string {
	if r.k.ExistingSecret != "" {
		return r.k.ExistingSecret
	}
	return r.k.Names.Secret
}

// mounts and volumes belong together: the files of config.yaml, and those of
// mutual TLS and of a private authority where they are used.
func (r renderer) mounts() []any {
	mounts := []any{map[string]any{"name": configVolume, "mountPath": configPath}}
	if r.k.MTLSSecret != "" {
		mounts = append(mounts, readOnly(certificateVolume, certificatePath))
	}
	if r.k.CustomCASecret != "" {
		mounts = append(mounts, readOnly(authorityVolume, authorityPath))
	}
	return mounts
}

func readOnly(name, path string) map[string]any {
	return map[string]any{"name": name, "mountPath": path, "readOnly": true}
}

func (r renderer) volumes() []any {
	config := map[string]any{"name": configVolume, "configMap": map[string]any{"name": r.k.Names.ConfigMap}}
	if r.u.Proxy.HasCredentials() {
		config = secretVolume(configVolume, r.k.Names.ConfigMap)
	}
	volumes := []any{config}
	if r.k.MTLSSecret != "" {
		volumes = append(volumes, secretVolume(certificateVolume, r.k.MTLSSecret))
	}
	if r.k.CustomCASecret != "" {
		volumes = append(volumes, secretVolume(authorityVolume, r.k.CustomCASecret))
	}
	return volumes
}

// secretVolume gives its files to the owner and to the group that the pod's
// fsGroup names, and to nobody else. The official chart means the same with its
// defaultMode of 400, but that is decimal, 0620 in octal: the group may write
// and not read.
func secretVolume(name, secretName string) map[string]any {
	return map[string]any{
		"name":   name,
		"secret": map[string]any{"secretName": secretName, "defaultMode": secretModes},
	}
}

func pullSecrets(names []string) []any {
	list := make([]any, 0, len(names))
	for _, name := range names {
		list = append(list, map[string]any{"name": name})
	}
	return list
}

func environment(env map[string]string) []any {
	list := make([]any, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, map[string]any{"name": name, "value": env[name]})
	}
	return list
}

func tolerations(all []spec.Toleration) []any {
	list := make([]any, 0, len(all))
	for _, t := range all {
		fields := map[string]any{}
		put(fields, "key", t.Key)
		put(fields, "operator", t.Operator)
		put(fields, "value", t.Value)
		put(fields, "effect", t.Effect)
		put(fields, "tolerationSeconds", t.TolerationSeconds)
		list = append(list, fields)
	}
	return list
}
