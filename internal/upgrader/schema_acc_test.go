package upgrader_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader"
)

// attributes are all that an upgrader on Kubernetes can be given, by their paths,
// from the schema itself: a new one that no test knows fails those that go
// through all of them. True are those that can be written.
func attributes(t *testing.T) map[string]bool {
	t.Helper()
	var response resource.SchemaResponse
	upgrader.NewResource().Schema(t.Context(), resource.SchemaRequest{}, &response)
	all := leaves("", response.Schema.Attributes)
	maps.DeleteFunc(all, func(path string, _ bool) bool { return strings.HasPrefix(path, "docker") })
	return all
}

func leaves(prefix string, attributes map[string]schema.Attribute) map[string]bool {
	found := map[string]bool{}
	for name, attribute := range attributes {
		if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
			maps.Copy(found, leaves(prefix+name+".", nested.Attributes))
			continue
		}
		found[prefix+name] = attribute.IsRequired() || attribute.IsOptional()
	}
	return found
}

// isBelow tells whether a path lies within one of others.
func isBelow[V any](path string, others map[string]V) bool {
	for other := range others {
		if strings.HasPrefix(path, other+".") {
			return true
		}
	}
	return false
}

func kindOf(id string) string {
	kind, _, _ := strings.Cut(id, "/")
	return kind
}
