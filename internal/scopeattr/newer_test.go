package scopeattr_test

import (
	"strings"
	"testing"

	action "github.com/hashicorp/terraform-plugin-framework/action/schema"
	list "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// The scope is said the same way everywhere: optional, and by the same rules.
func TestAttributesAreAddedToWhatIsNewer(t *testing.T) {
	resources := scopeattr.ResourceAttributes(map[string]resource.Attribute{})
	lists := scopeattr.ListAttributes(map[string]list.Attribute{"more": list.StringAttribute{}})
	actions := scopeattr.ActionAttributes(map[string]action.Attribute{"more": action.StringAttribute{}})
	identities := scopeattr.IdentityAttributes(map[string]identityschema.Attribute{"more": identityschema.StringAttribute{}})
	if len(lists) != 4 || len(actions) != 4 || len(identities) != 4 {
		t.Errorf("there are %d, %d and %d attributes, want the three of the scope and the other", len(lists), len(actions), len(identities))
	}
	for _, name := range []string{scopeattr.AccountID, scopeattr.OrgID, scopeattr.ProjectID} {
		like, ok := resources[name].(resource.StringAttribute)
		if !ok {
			t.Fatalf("%s of a resource is %+v", name, resources[name])
		}
		if of, ok := lists[name].(list.StringAttribute); !ok || !of.IsOptional() ||
			len(of.Validators) != len(like.Validators) || strings.Contains(of.MarkdownDescription, "replacement") {
			t.Errorf("%s of a list resource is %+v", name, of)
		}
		if of, ok := actions[name].(action.StringAttribute); !ok || !of.IsOptional() ||
			len(of.Validators) != len(like.Validators) || strings.Contains(of.MarkdownDescription, "replacement") {
			t.Errorf("%s of an action is %+v", name, of)
		}
		if of, ok := identities[name].(identityschema.StringAttribute); !ok || !of.IsOptionalForImport() || of.IsRequiredForImport() || of.Description == "" {
			t.Errorf("%s of an identity is %+v", name, of)
		}
	}
}
