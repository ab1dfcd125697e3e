package kubetest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Rule says which requests an admission webhook is asked about.
type Rule struct {
	// Operation is CREATE, UPDATE, DELETE or *.
	Operation string
	// Group, Version and Resource are such as "batch", "v1", "cronjobs".
	Group, Version, Resource string
}

// RefusingWebhook lets an admission webhook refuse requests in a namespace, with
// a message, until the function that it returns is called or the test is over.
// Both take effect before the functions return. A namespace can have one at a
// time.
func (c *Cluster) RefusingWebhook(tb testing.TB, namespace, message string, rules ...Rule) (lift func()) {
	tb.Helper()
	server := httptest.NewTLSServer(refusal(message))
	ctx := context.WithoutCancel(tb.Context()) // the clean-up comes after the test's own end
	name := namespace + ".kubetest"
	var once sync.Once
	lift = func() {
		once.Do(func() {
			defer server.Close()
			err := c.own.Resource(webhooks).Delete(ctx, name, metav1.DeleteOptions{})
			if err == nil {
				err = c.awaitWebhook(ctx, namespace, message, false)
			}
			if err != nil {
				tb.Errorf("removing the webhook: %v", err)
			}
		})
	}
	if _, err := c.own.Resource(webhooks).Create(ctx, webhook(name, namespace, server, rules), metav1.CreateOptions{}); err != nil {
		server.Close()
		tb.Fatalf("setting up the webhook: %v", err)
	}
	tb.Cleanup(lift)
	if err := c.awaitWebhook(ctx, namespace, message, true); err != nil {
		tb.Fatalf("setting up the webhook: %v", err)
	}
	return lift
}

// probe is a ConfigMap that is never made, but asked for to see whether the
// webhook is asked. The API server takes a moment to notice a new one.
const probe = "kubetest-probe"

func (c *Cluster) awaitWebhook(ctx context.Context, namespace, message string, refused bool) error {
	return eventually(ctx, func(ctx context.Context) error {
		_, err := c.own.Resource(configMaps).Namespace(namespace).Create(ctx, &unstructured.Unstructured{Object: object{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": object{"name": probe},
		}}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		// A namespace that is being deleted takes nothing any more, either.
		if terminating := apierrors.HasStatusCause(err, "NamespaceTerminating") || apierrors.IsNotFound(err); terminating && !refused {
			return nil
		}
		if got := err != nil && strings.Contains(err.Error(), message); got != refused {
			return errors.Join(errors.New("the webhook has not changed yet"), err)
		}
		return nil
	})
}

// webhook is a configuration under which the server is asked about the rules,
// and about the probe.
func webhook(name, namespace string, server *httptest.Server, rules []Rule) *unstructured.Unstructured {
	asked := []any{}
	for _, rule := range append(rules, Rule{Operation: "CREATE", Version: "v1", Resource: "configmaps"}) {
		asked = append(asked, object{
			"operations":  []any{rule.Operation},
			"apiGroups":   []any{rule.Group},
			"apiVersions": []any{rule.Version},
			"resources":   []any{rule.Resource},
		})
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return &unstructured.Unstructured{Object: object{
		"apiVersion": webhooks.GroupVersion().String(),
		"kind":       "ValidatingWebhookConfiguration",
		"metadata":   object{"name": name},
		"webhooks": []any{object{
			"name":                    "refusing.kubetest.test",
			"admissionReviewVersions": []any{"v1"},
			"sideEffects":             "None",
			"failurePolicy":           "Fail",
			"clientConfig":            object{"url": server.URL, "caBundle": base64.StdEncoding.EncodeToString(ca)},
			"namespaceSelector":       object{"matchLabels": object{"kubernetes.io/metadata.name": namespace}},
			"rules":                   asked,
		}},
	}}
}

// refusal answers an admission review: no. ConfigMaps are none of its business,
// but for the probe.
func refusal(message string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var review struct {
			Request struct {
				UID      string            `json:"uid"`
				Name     string            `json:"name"`
				Resource map[string]string `json:"resource"`
			} `json:"request"`
		}
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request := review.Request
		allowed := request.Resource["resource"] == configMaps.Resource && request.Name != probe
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(object{ // the API server would have hung up
			"apiVersion": "admission.k8s.io/v1",
			"kind":       "AdmissionReview",
			"response":   object{"uid": request.UID, "allowed": allowed, "status": object{"message": message, "code": http.StatusForbidden}},
		})
	}
}
