package kubetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// objects reads what a pod refers to, for one start of its container.
type objects struct {
	cluster *Cluster
	pod     *pod
}

// keys are the contents of a ConfigMap or Secret. A missing one that may be
// missing is empty.
func (o objects) keys(ctx context.Context, resource schema.GroupVersionResource, name string, optional bool) (map[string][]byte, error) {
	found, err := o.cluster.own.Resource(resource).Namespace(o.pod.Metadata.Namespace).Get(ctx, name, metav1.GetOptions{})
	if optional && apierrors.IsNotFound(err) {
		return nil, nil //nolint:nilnil // an absent map reads like an empty one
	}
	if err != nil {
		return nil, err
	}
	var content struct {
		Data       map[string]string `json:"data"`
		BinaryData map[string][]byte `json:"binaryData"`
	}
	if err := recode(found.Object, &content); err != nil {
		return nil, err
	}
	keys := content.BinaryData
	if keys == nil {
		keys = map[string][]byte{}
	}
	for key, value := range content.Data {
		keys[key] = []byte(value)
		if resource == secrets {
			if keys[key], err = base64.StdEncoding.DecodeString(value); err != nil {
				return nil, err
			}
		}
	}
	return keys, nil
}

// key is one of them.
func (o objects) key(ctx context.Context, resource schema.GroupVersionResource, from *reference) (value []byte, found bool, err error) {
	keys, err := o.keys(ctx, resource, from.Name, from.Optional)
	if err != nil {
		return nil, false, err
	}
	value, found = keys[from.Key]
	if !found && !from.Optional {
		return nil, false, fmt.Errorf("couldn't find key %s in %s %s/%s", from.Key, resource.Resource, o.pod.Metadata.Namespace, from.Name)
	}
	return value, found, nil
}

// field is a field of the pod, as the downward API names it.
func (o objects) field(path string) (string, error) {
	if kind, key, ok := strings.Cut(strings.TrimSuffix(path, "']"), "['"); ok {
		switch kind {
		case "metadata.labels":
			return o.pod.Metadata.Labels[key], nil
		case "metadata.annotations":
			return o.pod.Metadata.Annotations[key], nil
		}
	}
	switch path {
	case "metadata.name":
		return o.pod.Metadata.Name, nil
	case "metadata.namespace":
		return o.pod.Metadata.Namespace, nil
	case "metadata.uid":
		return o.pod.Metadata.UID, nil
	case "spec.nodeName":
		return o.pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return o.pod.Spec.ServiceAccountName, nil
	case "status.podIP", "status.hostIP":
		return nodeIP, nil
	}
	return "", fmt.Errorf("this node does not know the pod's field %s", path)
}

// token is one for the pod's service account that ends with the pod.
func (o objects) token(ctx context.Context, wanted *projectedToken) (string, error) {
	spec := object{"boundObjectRef": object{"apiVersion": "v1", "kind": "Pod", "name": o.pod.Metadata.Name, "uid": o.pod.Metadata.UID}}
	if wanted.Audience != "" {
		spec["audiences"] = []any{wanted.Audience}
	}
	if wanted.ExpirationSeconds != 0 {
		spec["expirationSeconds"] = wanted.ExpirationSeconds
	}
	return o.cluster.requestToken(ctx, o.pod.Metadata.Namespace, o.pod.Spec.ServiceAccountName, spec)
}

// Token returns a token with which one acts as a service account for an hour.
func (c *Cluster) Token(ctx context.Context, namespace, serviceAccount string) (string, error) {
	return c.requestToken(ctx, namespace, serviceAccount, object{})
}

func (c *Cluster) requestToken(ctx context.Context, namespace, serviceAccount string, spec object) (string, error) {
	answer, err := c.own.Resource(serviceAccounts).Namespace(namespace).Create(ctx, &unstructured.Unstructured{Object: object{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "metadata": object{"name": serviceAccount}, "spec": spec,
	}}, metav1.CreateOptions{}, "token")
	if err != nil {
		return "", fmt.Errorf("requesting a token: %w", err)
	}
	token, _, err := unstructured.NestedString(answer.Object, "status", "token")
	return token, err
}
