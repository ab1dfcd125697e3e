package cronjob

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// The kinds of an upgrader's objects.
const (
	kindServiceAccount = "ServiceAccount"
	kindRole           = "Role"
	kindRoleBinding    = "RoleBinding"
	kindSecret         = "Secret"
	kindConfigMap      = "ConfigMap"
	kindCronJob        = "CronJob"
)

// Other kinds that are read.
const (
	kindJob         = "Job"
	kindPod         = "Pod"
	kindEvent       = "Event"
	kindDeployment  = "Deployment"
	kindStatefulSet = "StatefulSet"
	kindDaemonSet   = "DaemonSet"
)

// object is an object of the API, as one of the types of k8s.io/api.
type object interface {
	metav1.Object
	runtime.Object
}

// kinds says where each kind is served, and by which type it is read. All of them
// have been served there since Kubernetes 1.21, so nothing has to be discovered.
var kinds = map[string]struct {
	resource schema.GroupVersionResource
	empty    func() object
}{
	kindServiceAccount: {corev1.SchemeGroupVersion.WithResource("serviceaccounts"), func() object { return &corev1.ServiceAccount{} }},
	kindSecret:         {corev1.SchemeGroupVersion.WithResource("secrets"), func() object { return &corev1.Secret{} }},
	kindConfigMap:      {corev1.SchemeGroupVersion.WithResource("configmaps"), func() object { return &corev1.ConfigMap{} }},
	kindPod:            {corev1.SchemeGroupVersion.WithResource("pods"), func() object { return &corev1.Pod{} }},
	kindEvent:          {corev1.SchemeGroupVersion.WithResource("events"), func() object { return &corev1.Event{} }},
	kindRole:           {rbacv1.SchemeGroupVersion.WithResource("roles"), func() object { return &rbacv1.Role{} }},
	kindRoleBinding:    {rbacv1.SchemeGroupVersion.WithResource("rolebindings"), func() object { return &rbacv1.RoleBinding{} }},
	kindCronJob:        {batchv1.SchemeGroupVersion.WithResource("cronjobs"), func() object { return &batchv1.CronJob{} }},
	kindJob:            {batchv1.SchemeGroupVersion.WithResource("jobs"), func() object { return &batchv1.Job{} }},
	kindDeployment:     {appsv1.SchemeGroupVersion.WithResource("deployments"), func() object { return &appsv1.Deployment{} }},
	kindStatefulSet:    {appsv1.SchemeGroupVersion.WithResource("statefulsets"), func() object { return &appsv1.StatefulSet{} }},
	kindDaemonSet:      {appsv1.SchemeGroupVersion.WithResource("daemonsets"), func() object { return &appsv1.DaemonSet{} }},
}

// key names an object within a namespace.
type key struct{ kind, name string }

// String is the object as messages name it.
func (k key) String() string { return k.kind + "/" + k.name }

func keyOf(o object) key { return key{o.GetObjectKind().GroupVersionKind().Kind, o.GetName()} }

func rememberedKey(o spec.Object) key { return key{o.Kind, o.Name} }

// identity is an object as the state remembers it.
func identity(o object) spec.Object {
	k := keyOf(o)
	return spec.Object{Kind: k.kind, Name: k.name, ID: string(o.GetUID())}
}

// snapshot holds the objects that exist.
type snapshot map[key]object

// in finds an object by its name, as its own type; it is nil if there is none.
func in[T object](live snapshot, kind, name string) T {
	found, _ := live[key{kind, name}].(T)
	return found
}

// typed reads an object as the type of its kind. Fields that the type doesn't
// know are left out; nothing that is read is ever written back whole.
func typed(from *unstructured.Unstructured) (object, error) {
	into := kinds[from.GetKind()].empty()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(from.Object, into); err != nil {
		return nil, err
	}
	return into, nil
}

// untyped is what is sent: without what a type writes although it is empty.
func untyped(from object) *unstructured.Unstructured {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(from)
	if err != nil {
		panic(err) // types of the API can be converted
	}
	delete(fields, "status")
	return &unstructured.Unstructured{Object: withoutEmpty(fields)}
}

// withoutEmpty leaves out null, and the structs that a type writes although they
// are empty. Other empty objects stay: an empty selector selects everything.
func withoutEmpty(fields map[string]any) map[string]any {
	for name, value := range fields {
		switch v := value.(type) {
		case nil:
			delete(fields, name)
		case map[string]any:
			if len(withoutEmpty(v)) == 0 && (name == "metadata" || name == "resources") {
				delete(fields, name)
			}
		case []any:
			for _, entry := range v {
				if nested, ok := entry.(map[string]any); ok {
					withoutEmpty(nested)
				}
			}
		}
	}
	return fields
}
