package scopeattr

import (
	action "github.com/hashicorp/terraform-plugin-framework/action/schema"
	list "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
)

// IdentityAttributes adds the attributes to those of a resource's identity. The
// account may be left out where an object is imported.
func IdentityAttributes(others map[string]identityschema.Attribute) map[string]identityschema.Attribute {
	others[AccountID] = identityschema.StringAttribute{Description: describeAccount, OptionalForImport: true}
	others[OrgID] = identityschema.StringAttribute{Description: describeOrg, OptionalForImport: true}
	others[ProjectID] = identityschema.StringAttribute{Description: describeProject, OptionalForImport: true}
	return others
}

// ListAttributes adds the attributes to those of a list resource.
func ListAttributes(others map[string]list.Attribute) map[string]list.Attribute {
	others[AccountID] = list.StringAttribute{MarkdownDescription: describeAccount, Optional: true, Validators: accountValidators()}
	others[OrgID] = list.StringAttribute{MarkdownDescription: describeOrg, Optional: true, Validators: identifierValidators()}
	others[ProjectID] = list.StringAttribute{MarkdownDescription: describeProject, Optional: true, Validators: projectValidators()}
	return others
}

// ActionAttributes adds the attributes to those of an action.
func ActionAttributes(others map[string]action.Attribute) map[string]action.Attribute {
	others[AccountID] = action.StringAttribute{MarkdownDescription: describeAccount, Optional: true, Validators: accountValidators()}
	others[OrgID] = action.StringAttribute{MarkdownDescription: describeOrg, Optional: true, Validators: identifierValidators()}
	others[ProjectID] = action.StringAttribute{MarkdownDescription: describeProject, Optional: true, Validators: projectValidators()}
	return others
}
