package delegatetoken

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// notice is how long before its revocation a token is warned of.
const notice = 24 * time.Hour

// missing says that there is no token of the name.
func missing(name string, scope delegate.Scope) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(attrName), "No Such Delegate Token", fmt.Sprintf(
		"There is no delegate token %q in account %q, at whatever scope. Names of tokens are unique within an account, and upper and lower case differ. "+
			"Check \"name\" against the tokens that Harness shows under the delegates of %s. "+
			"A revoked token keeps its name for 30 days: one that was revoked before that is gone, and the name can be given to a new one.",
		name, scope.Account, scope.Short()))
}

// judge tells why a token can't be used: by an error if it is another scope's, if
// nobody can sign in with it, or if the Manager withholds its value, and by a
// warning if its revocation is near. Only the first reason is given.
func judge(token harness.DelegateToken, scope delegate.Scope, now time.Time) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case token.Owner != scope:
		diags.AddAttributeError(path.Root(differing(token.Owner, scope)), "Delegate Token of Another Scope", fmt.Sprintf(
			"The delegate token %q belongs to %s, and this asks for a token of %s. "+
				"Delegates and upgraders that sign in with it would belong there. "+
				"Set \"org_id\" and \"project_id\" to those of the token, leaving out what it doesn't have, or set \"name\" to a token of %s.",
			token.Name, token.Owner, scope, scope.Short()))
	case token.Status == harness.TokenRevoked:
		diags.AddAttributeError(path.Root(attrName), "Delegate Token Revoked", fmt.Sprintf(
			"The delegate token %q of %s is revoked: no delegate and no upgrader can sign in with it. "+
				"Make a new token, give it to the delegates, and set \"name\" to it. It needs another name, because a revoked token keeps its own for 30 days.",
			token.Name, scope))
	case token.Value == "":
		diags.AddError("Delegate Token Value Withheld", fmt.Sprintf(
			"The API key may see that there is a delegate token %q, but not its value. "+
				"The Manager tells values to those only who have the permission core_delegate_edit on delegates for %s. "+
				"Grant the key's principal a role with it there, or above.",
			token.Name, scope))
	case token.RevokeAfter.IsZero() || token.RevokeAfter.Sub(now) > notice:
	default:
		diags.AddAttributeWarning(path.Root(attrName), "Delegate Token Near Its End", fmt.Sprintf(
			"The delegate token %q of %s %s. "+
				"The delegates that run with it are then told to shut down, and no upgrader can sign in with it. "+
				"Make a new token, give it to the delegates, and set \"name\" to it.",
			token.Name, scope, end(token.RevokeAfter, now)))
	}
	return diags
}

// differing is the attribute to look at first where two scopes aren't the same.
func differing(one, other delegate.Scope) string {
	if one.Org != other.Org {
		return scopeattr.OrgID
	}
	return scopeattr.ProjectID
}

// end says when a token ends. The Manager may take up to an hour longer.
func end(revokeAfter, now time.Time) string {
	at := revokeAfter.UTC().Format(time.RFC3339)
	if !now.Before(revokeAfter) {
		return fmt.Sprintf("was to be revoked at %s, which is past: the Manager does so within an hour", at)
	}
	return fmt.Sprintf("will be revoked at %s, within a day", at)
}
