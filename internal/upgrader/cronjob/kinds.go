package cronjob

import (
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

const rbacGroup = "rbac.authorization.k8s.io"

// resources says where each kind is served. All of them have been served there
// since Kubernetes 1.21, so nothing has to be discovered.
var resources = map[string]schema.GroupVersionResource{
	kindServiceAccount: {Version: "v1", Resource: "serviceaccounts"},
	kindSecret:         {Version: "v1", Resource: "secrets"},
	kindConfigMap:      {Version: "v1", Resource: "configmaps"},
	kindPod:            {Version: "v1", Resource: "pods"},
	kindEvent:          {Version: "v1", Resource: "events"},
	kindRole:           {Group: rbacGroup, Version: "v1", Resource: "roles"},
	kindRoleBinding:    {Group: rbacGroup, Version: "v1", Resource: "rolebindings"},
	kindCronJob:        {Group: "batch", Version: "v1", Resource: "cronjobs"},
	kindJob:            {Group: "batch", Version: "v1", Resource: "jobs"},
	kindDeployment:     {Group: "apps", Version: "v1", Resource: "deployments"},
	kindStatefulSet:    {Group: "apps", Version: "v1", Resource: "statefulsets"},
	kindDaemonSet:      {Group: "apps", Version: "v1", Resource: "daemonsets"},
}

// key names an object within a namespace.
type key struct{ kind, name string }

func (k key) String() string { return k.kind + "/" + k.name }

func keyOf(o spec.Object) key { return key{o.Kind, o.Name} }
