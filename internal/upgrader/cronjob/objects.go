package cronjob

import (
	"encoding/base64"
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The keys under which the upgrader looks for its token and its configuration,
// and the label by which Harness knows a CronJob.
const (
	tokenKey    = "UPGRADER_TOKEN"
	configKey   = "config.yaml"
	opaqueType  = "Opaque"
	secretModes = int64(0o440)
)

// Objects renders an upgrader, in the order in which its objects are written.
// They hold what is managed and nothing that the API server fills in.
//
// Where the token isn't known and no existing Secret holds it, the Secret has no
// data: enough to compare with, not to be written.
func Objects(u spec.Upgrader) []*unstructured.Unstructured {
	r := renderer{u: u, k: u.Kubernetes}
	objects := []*unstructured.Unstructured{r.serviceAccount(), r.role(), r.roleBinding()}
	if r.k.ExistingSecret == "" {
		objects = append(objects, r.tokenSecret())
	}
	return append(objects, r.config(), r.cronJob())
}

// renderer renders the objects of one upgrader.
type renderer struct {
	u spec.Upgrader
	k *spec.Kubernetes
}

// object begins an object, with the labels and annotations of all of them and
// those of its own.
func (r renderer) object(kind, name string, labels, annotations map[string]string) *unstructured.Unstructured {
	metadata := map[string]any{"name": name}
	put(metadata, "namespace", r.k.Namespace)
	put(metadata, "labels", texts(labels, r.k.Labels))
	put(metadata, "annotations", texts(r.k.Annotations, annotations))
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": resources[kind].GroupVersion().String(),
		"kind":       kind,
		"metadata":   metadata,
	}}
}

// serviceAccount says that pods get its token, which is so anyway. But without
// it the upgrader can do nothing, and of an object without any field of ours the
// API server wouldn't remember that we made it.
func (r renderer) serviceAccount() *unstructured.Unstructured {
	object := r.object(kindServiceAccount, r.k.Names.ServiceAccount, nil, r.k.ServiceAccountAnnotations)
	object.Object["automountServiceAccountToken"] = true
	return object
}

// role gives the rights that the documentation asks for, or fewer.
func (r renderer) role() *unstructured.Unstructured {
	rules := []any{}
	if len(r.k.CronJobVerbs) > 0 {
		rules = append(rules, map[string]any{
			"apiGroups": []any{"batch", "apps", "extensions"},
			"resources": []any{"cronjobs"},
			"verbs":     anys(r.k.CronJobVerbs),
		})
	}
	if len(r.k.DeploymentVerbs) > 0 {
		rules = append(rules, map[string]any{
			"apiGroups": []any{"extensions", "apps"},
			"resources": []any{"deployments"},
			"verbs":     anys(r.k.DeploymentVerbs),
		})
	}
	object := r.object(kindRole, r.k.Names.Role, nil, nil)
	object.Object["rules"] = rules
	return object
}

func (r renderer) roleBinding() *unstructured.Unstructured {
	subject := map[string]any{"kind": kindServiceAccount, "name": r.k.Names.ServiceAccount}
	put(subject, "namespace", r.k.Namespace)
	object := r.object(kindRoleBinding, r.k.Names.RoleBinding, nil, nil)
	object.Object["subjects"] = []any{subject}
	// The documented manifest leaves the group empty. The API server fills it in,
	// and whoever compares then sees a difference forever.
	object.Object["roleRef"] = map[string]any{"apiGroup": rbacGroup, "kind": kindRole, "name": r.k.Names.Role}
	return object
}

func (r renderer) tokenSecret() *unstructured.Unstructured {
	if r.u.Token == "" {
		return r.secret(r.k.Names.Secret, nil)
	}
	return r.secret(r.k.Names.Secret, map[string]any{tokenKey: encode(string(r.u.Token))})
}

// config renders config.yaml. The upgrader reads its proxy's credentials from
// nowhere else; where there are any, the file is therefore kept in a Secret.
func (r renderer) config() *unstructured.Unstructured {
	file := configFile(r.u)
	if r.u.Proxy.HasCredentials() {
		return r.secret(r.k.Names.ConfigMap, map[string]any{configKey: encode(file)})
	}
	object := r.object(kindConfigMap, r.k.Names.ConfigMap, nil, nil)
	object.Object["data"] = map[string]any{configKey: file}
	return object
}

// secret uses data, not stringData: the API server moves the latter over to
// data, where it has no owner, and nothing would ever remove a key again.
func (r renderer) secret(name string, data map[string]any) *unstructured.Unstructured {
	object := r.object(kindSecret, name, nil, nil)
	object.Object["type"] = opaqueType
	put(object.Object, "data", data)
	return object
}

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// put sets a field unless the value is empty, or nothing was set.
func put[T any](fields map[string]any, name string, value T) {
	switch v := any(value).(type) {
	case string:
		if v == "" {
			return
		}
	case map[string]any:
		if len(v) == 0 {
			return
		}
	case []any:
		if len(v) == 0 {
			return
		}
	case *int64:
		if v != nil {
			fields[name] = *v
		}
		return
	}
	fields[name] = value
}

// texts joins maps; the later ones win.
func texts(parts ...map[string]string) map[string]any {
	all := map[string]string{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	joined := make(map[string]any, len(all))
	for k, v := range all {
		joined[k] = v
	}
	return joined
}

func anys(list []string) []any {
	result := make([]any, 0, len(list))
	for _, item := range list {
		result = append(result, item)
	}
	return result
}
