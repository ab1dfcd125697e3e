package acctest_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

// exampleToken is the token that the examples read, and a canary.
var exampleToken = simulator.DelegateToken{
	AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: "payments-delegates",
	Value: base64.StdEncoding.EncodeToString([]byte("ca9a7ca9a7ca9a7ca9a7ca9a7ca9a7e8")),
}

// All examples of ephemeral resources hand a token to write-only arguments. It
// reaches the cluster, and is in no state.
func TestAccExamples_ephemeral(t *testing.T) {
	for _, file := range glob(t, "ephemeral-resources/*/ephemeral-resource*.tf") {
		t.Run(name(file), func(t *testing.T) {
			m := environment(t)
			m.AddDelegateToken(exampleToken)
			configuration := visit(t, m, besideProvider(t, file))
			holding := map[string]string{onKubernetes + "-upgrader-token": "UPGRADER_TOKEN"}
			if strings.Contains(configuration, `resource "helm_release"`) {
				holding[onKubernetes] = "DELEGATE_TOKEN"
				// All providers of a test are in one namespace.
				configuration = strings.Replace(configuration, "required_providers {\n", "required_providers {\n    helm = { source = \"harnessdelegate/helm\" }\n", 1)
			}
			factories := acctest.Factories()
			factories["helm"] = providerserver.NewProtocol6WithError(exampleHelm(kubetest.Shared(t)))
			resource.UnitTest(t, resource.TestCase{
				TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_11_0)},
				ProtoV6ProviderFactories: factories,
				Steps: []resource.TestStep{{
					Config: configuration,
					Check: func(state *terraform.State) error {
						for secret, key := range holding {
							if got := secretValue(t, secret, key); got != exampleToken.Value {
								return fmt.Errorf("the Secret %s holds %q as %s, not the token", secret, got, key)
							}
						}
						if strings.Contains(state.String(), exampleToken.Value) {
							return fmt.Errorf("the state holds the token:\n%s", state)
						}
						return nil
					},
				}},
			})
		})
	}
}

var secrets = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}

// exampleHelm makes of a release the Secret that Harness's chart makes.
func exampleHelm(cluster *kubetest.Cluster) *helm {
	place := cluster.Client.Resource(secrets).Namespace(exampleNamespace)
	return &helm{
		install: func(ctx context.Context, release string, set map[string]string) error {
			_, err := place.Create(ctx, object("v1", "Secret", release, map[string]any{
				"stringData": map[string]any{"DELEGATE_TOKEN": set["delegateToken"]},
			}), metav1.CreateOptions{FieldManager: "helm"})
			return err
		},
		uninstall: func(ctx context.Context, release string) error {
			return place.Delete(ctx, release, metav1.DeleteOptions{})
		},
	}
}

// secretValue is what a Secret in the namespace of the examples holds under a key.
func secretValue(t *testing.T, secret, key string) string {
	t.Helper()
	found, err := kubetest.Shared(t).Client.Resource(secrets).Namespace(exampleNamespace).Get(t.Context(), secret, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, _, err := unstructured.NestedString(found.Object, "data", key)
	if err != nil {
		t.Fatal(err)
	}
	value, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}
