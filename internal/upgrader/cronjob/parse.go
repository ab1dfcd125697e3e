package cronjob

import (
	"encoding/base64"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// snapshot holds the objects that exist.
type snapshot map[key]*unstructured.Unstructured

func (s snapshot) fields(kind, name string) (map[string]any, bool) {
	object, ok := s[key{kind, name}]
	if !ok {
		return nil, false
	}
	return object.Object, true
}

// configKind is the kind of the object that holds config.yaml.
func configKind(u spec.Upgrader) string {
	if u.Proxy.HasCredentials() {
		return kindSecret
	}
	return kindConfigMap
}

// parse reads every argument from live objects. What an object that doesn't
// exist, or can't be read, would tell stays as it is in u. Token and proxy
// password stay in any case.
func parse(u spec.Upgrader, live snapshot) spec.Upgrader {
	k := *u.Kubernetes
	u.Kubernetes = &k
	if object, ok := live.fields(kindServiceAccount, k.Names.ServiceAccount); ok {
		k.ServiceAccountAnnotations = textMap(mapAt(object, "metadata", "annotations"))
	}
	if object, ok := live.fields(kindRole, k.Names.Role); ok {
		k.CronJobVerbs = verbs(object, "cronjobs")
		k.DeploymentVerbs = verbs(object, "deployments")
	}
	if object, ok := live.fields(configKind(u), k.Names.ConfigMap); ok {
		if values, err := liveConfig(object); err == nil && len(values) > 0 {
			parseSettings(&u, values)
		}
	}
	if object, ok := live.fields(kindCronJob, k.Names.CronJob); ok {
		parseCronJob(&u, object)
	}
	return u
}

// verbs are those of the first rule about a resource.
func verbs(object map[string]any, about string) []string {
	for _, entry := range listAt(object, "rules") {
		rule := asMap(entry)
		if containsValue(listAt(rule, "resources"), about) {
			return textList(listAt(rule, "verbs"))
		}
	}
	return nil
}

// liveConfig reads the config.yaml that a ConfigMap or Secret holds. It is not an
// error if there is none.
func liveConfig(object map[string]any) (map[string]string, error) {
	file, err := dataAt(object, configKey)
	if err != nil {
		return nil, err
	}
	return parseConfig(file)
}

// dataAt reads a key of a ConfigMap or Secret.
func dataAt(object map[string]any, name string) (string, error) {
	text := textAt(object, "data", name)
	if textAt(object, "kind") != kindSecret {
		return text, nil
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	return string(decoded), err
}

func parseSettings(u *spec.Upgrader, values map[string]string) {
	u.DryRun = values[configDryRun] == "true"
	u.DelegateName = values[configWorkload]
	u.AccountID = values[configAccount]
	u.ManagerEndpoint = values[configManager]
	u.Kubernetes.DelegateContainer = values[configTarget]
	u.Kubernetes.RegistryMirror = values[configMirror]
	u.Proxy.Scheme = values[proxyScheme]
	u.Proxy.Host = values[proxyHost]
	u.Proxy.Port = values[proxyPort]
	u.Proxy.User = values[proxyUser]
	u.Proxy.Manager = values[proxyManager]
}

func parseCronJob(u *spec.Upgrader, object map[string]any) {
	k := u.Kubernetes
	fields, jobSpec := mapAt(object, "spec"), mapAt(object, "spec", "jobTemplate", "spec")
	u.Schedule = textAt(fields, "schedule")
	u.AutoUpgrade = fields["suspend"] != true
	k.TimeZone = textAt(fields, "timeZone")
	k.ConcurrencyPolicy = textAt(fields, "concurrencyPolicy")
	k.StartingDeadlineSeconds = number(fields, "startingDeadlineSeconds")
	k.SuccessfulJobsHistoryLimit = number(fields, "successfulJobsHistoryLimit")
	k.FailedJobsHistoryLimit = number(fields, "failedJobsHistoryLimit")
	k.ActiveDeadlineSeconds = number(jobSpec, "activeDeadlineSeconds")
	k.BackoffLimit = number(jobSpec, "backoffLimit")
	k.TTLSecondsAfterFinished = number(jobSpec, "ttlSecondsAfterFinished")
	k.Labels = textMap(mapAt(object, "metadata", "labels"))
	k.Annotations = textMap(mapAt(object, "metadata", "annotations"))
	k.PodLabels = textMap(mapAt(jobSpec, "template", "metadata", "labels"))
	k.PodAnnotations = textMap(mapAt(jobSpec, "template", "metadata", "annotations"))
	parsePod(u, mapAt(jobSpec, "template", "spec"))
}

func parsePod(u *spec.Upgrader, fields map[string]any) {
	k := u.Kubernetes
	k.NodeSelector = textMap(mapAt(fields, "nodeSelector"))
	k.PriorityClassName = textAt(fields, "priorityClassName")
	k.Affinity = plain(mapAt(fields, "affinity"))
	k.PodSecurityContext = plain(mapAt(fields, "securityContext"))
	k.ImagePullSecrets = nil
	for _, entry := range listAt(fields, "imagePullSecrets") {
		k.ImagePullSecrets = append(k.ImagePullSecrets, textAt(asMap(entry), "name"))
	}
	k.Tolerations = nil
	for _, entry := range listAt(fields, "tolerations") {
		t := asMap(entry)
		k.Tolerations = append(k.Tolerations, spec.Toleration{
			Key: textAt(t, "key"), Operator: textAt(t, "operator"), Value: textAt(t, "value"),
			Effect: textAt(t, "effect"), TolerationSeconds: number(t, "tolerationSeconds"),
		})
	}
	k.MTLSSecret = secretOf(fields, certificateVolume)
	k.CustomCASecret = secretOf(fields, authorityVolume)
	if container, ok := item(listAt(fields, "containers"), "name", containerName); ok {
		parseContainer(u, container)
	}
}

// secretOf is the Secret behind a volume.
func secretOf(podSpec map[string]any, volume string) string {
	fields, _ := item(listAt(podSpec, "volumes"), "name", volume)
	return textAt(fields, "secret", "secretName")
}

func parseContainer(u *spec.Upgrader, fields map[string]any) {
	k := u.Kubernetes
	u.Image = textAt(fields, "image")
	k.ImagePullPolicy = textAt(fields, "imagePullPolicy")
	k.SecurityContext = plain(mapAt(fields, "securityContext"))
	k.Resources = spec.Resources{
		Requests: textMap(mapAt(fields, "resources", "requests")),
		Limits:   textMap(mapAt(fields, "resources", "limits")),
	}
	k.Env = map[string]string{}
	for _, entry := range listAt(fields, "env") {
		variable := asMap(entry)
		if _, elsewhere := variable["valueFrom"]; !elsewhere {
			k.Env[textAt(variable, "name")] = textAt(variable, "value")
		}
	}
	for _, entry := range listAt(fields, "envFrom") {
		if name := textAt(asMap(entry), "secretRef", "name"); name != "" {
			k.ExistingSecret = name
			break
		}
	}
}

// liveToken is the token that a Secret holds.
func liveToken(object map[string]any) secret.Text {
	token, _ := dataAt(object, tokenKey)
	return secret.Text(token)
}

func number(fields map[string]any, name string) *int64 {
	n, ok := plainValue(fields[name]).(int64)
	if !ok {
		return nil
	}
	return &n
}

func textMap(fields map[string]any) map[string]string {
	result := make(map[string]string, len(fields))
	for name := range maps.Keys(fields) {
		result[name] = textAt(fields, name)
	}
	return result
}

func textList(list []any) []string {
	var result []string
	for _, entry := range list {
		text, _ := entry.(string)
		result = append(result, text)
	}
	return result
}
