// Package apidiag says in a user's words what went wrong with the Harness
// Manager, and what to do about it: the one table from errors to diagnostics.
package apidiag

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
)

// attributes maps the Manager's parameters to our attributes.
var attributes = map[string]string{
	"accountIdentifier":    "account_id",
	"orgIdentifier":        "org_id",
	"projectIdentifier":    "project_id",
	"delegateTag":          "delegate_tag",
	"tags":                 "tags",
	"validForDays":         "valid_for_days",
	"validTillNextRelease": "valid_till_next_release",
}

// Errors turns an error of the client into diagnostics. The summary says what
// could not be done; the scope is the one it was to be done at.
func Errors(summary string, scope delegate.Scope, err error) diag.Diagnostics {
	var (
		diags       diag.Diagnostics
		apiError    *harness.APIError
		transport   *harness.TransportError
		reply       *harness.ReplyError
		unsupported *harness.UnsupportedError
		unverified  *harness.UnverifiedError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &apiError):
		diags.AddError(summary, fmt.Sprintf("The time for it ran out. %s\n\n"+
			"Raise \"timeouts\" of this object, where it has them, for a slow Manager or a strict rate limit, or \"request_timeout\" in the provider block for slow replies.", sentence(err)))
	case errors.Is(err, context.Canceled):
		diags.AddError(summary, "It was interrupted.")
	case errors.As(err, &unsupported):
		diags.AddError(summary, fmt.Sprintf("%s\n\n"+
			"Such a Manager is older than overrides for organizations, projects and tags: it would set them for the whole account without a word. "+
			"Nothing was written. Upgrade Harness Self-Managed Enterprise Edition; Harness SaaS has what is needed. "+
			"If this Manager is not that old, check \"endpoint\" in the provider block (HARNESS_ENDPOINT): it may be another server that answers.", sentence(err)))
	case errors.As(err, &apiError) && oldManager(apiError) && !errors.As(err, &unverified):
		diags.AddError(summary, sentence(err)+"\n\n"+
			"The Manager failed at listing the overrides, and stayed so after all retries. Nothing was written. "+
			"A self-managed Manager from before 2024 answers so, because it can't list them; it would set an override for the whole account instead of an organization or a project. "+
			"If this Manager is that old, upgrade Harness Self-Managed Enterprise Edition. Otherwise apply again later.")
	case errors.As(err, &apiError):
		apiErrors(&diags, summary, scope, apiError)
	case errors.As(err, &transport):
		diags.AddError(summary, sentence(err)+"\n\n"+transportHint(transport))
	case errors.As(err, &reply):
		diags.AddError(summary, sentence(err)+"\n\n"+
			"Check \"endpoint\" in the provider block (HARNESS_ENDPOINT): the answer may come from a proxy or a login page instead of the Manager.")
	default:
		diags.AddError(summary, sentence(err))
	}
	return diags
}

func apiErrors(diags *diag.Diagnostics, summary string, scope delegate.Scope, err *harness.APIError) {
	detail := sentence(err)
	switch {
	case err.Unauthorized():
		diags.AddError(summary, detail+"\n\n"+
			"The Manager doesn't accept the API key: it is wrong, expired, or of another account. "+
			"Check \"platform_api_key\" in the provider block (HARNESS_PLATFORM_API_KEY), and that the key belongs to "+
			fmt.Sprintf("%s at the Manager of \"endpoint\".", accountOf(scope)))
	case err.Forbidden():
		diags.AddError(summary, detail+"\n\n"+forbiddenHint(scope, err))
	case err.UnknownOrg():
		diags.AddAttributeError(path.Root("org_id"), summary, detail+"\n\n"+fmt.Sprintf(
			"There is no organization %q in %s, or the API key can't see it. \"org_id\" takes the identifier, not the name.", scope.Org, accountOf(scope)))
	case err.UnknownProject():
		diags.AddAttributeError(path.Root("project_id"), summary, detail+"\n\n"+fmt.Sprintf(
			"There is no project %q in organization %q, or the API key can't see it. \"project_id\" takes the identifier, not the name.", scope.Project, scope.Org))
	case err.RateLimited():
		diags.AddError(summary, detail+"\n\n"+
			"The Manager still refused for too many requests after all retries. Lower -parallelism, raise \"max_retries\" or \"retry_wait_max\" "+
			"in the provider block, or use an API key that no other job uses.")
	case len(err.Fields) > 0:
		fieldErrors(diags, summary, detail, err)
	case err.Status >= 500:
		diags.AddError(summary, detail+"\n\n"+
			"The fault is on the Manager's side and stayed after all retries. Apply again later. "+
			"A self-managed Manager from before 2024 answers so to calls that it doesn't know.")
	default:
		diags.AddError(summary, detail)
	}
}

// oldManager tells that the reply may be that of a Manager that can't list
// overrides.
func oldManager(err *harness.APIError) bool {
	return err.Method == http.MethodGet && err.Status == http.StatusInternalServerError && strings.HasSuffix(err.Path, "/override-delegate-tag")
}

func forbiddenHint(scope delegate.Scope, err *harness.APIError) string {
	if len(err.Denied) == 0 {
		return fmt.Sprintf("The API key lacks a permission on delegates for %s: core_delegate_view to read, core_delegate_edit to change. "+
			"Grant its principal a role with it there, or above.", scope)
	}
	var lacks []string
	for _, denied := range err.Denied {
		at := denied.Scope
		if at.Account == "" {
			at = scope
		}
		lacks = append(lacks, fmt.Sprintf("%s on %s for %s", denied.Permission, strings.ToLower(denied.ResourceType), at))
	}
	return fmt.Sprintf("The API key lacks the permission %s. Grant its principal a role with it there, or above.", strings.Join(lacks, ", and "))
}

// fieldErrors puts each refused parameter at its attribute.
func fieldErrors(diags *diag.Diagnostics, summary, detail string, err *harness.APIError) {
	for _, field := range err.Fields {
		parameter := field.Field[strings.LastIndexAny(field.Field, " .")+1:]
		attribute, known := attributes[parameter]
		if !known {
			diags.AddError(summary, detail)
			continue
		}
		diags.AddAttributeError(path.Root(attribute), summary, detail+"\n\n"+fmt.Sprintf(
			"The Manager refuses the value of %q: it %s. Older self-managed Managers have narrower limits.", attribute, field.Reason))
	}
}

func transportHint(err *harness.TransportError) string {
	const endpoint = "\"endpoint\" in the provider block (HARNESS_ENDPOINT)"
	switch {
	case err.Redirect():
		return "Set " + endpoint + " to the address that the Manager itself answers at."
	case err.UnknownHost():
		return "No such host is known here. Check " + endpoint + ", and the DNS of the machine that runs Terraform."
	case err.Certificate():
		return "The connection's certificate can't be trusted, or the other side doesn't speak TLS. Check " + endpoint +
			"; for a private certificate authority, add it to the system's store or name its file in SSL_CERT_FILE."
	default:
		return "No whole answer came after all retries. Check " + endpoint + ", the network, and the proxy settings (HTTPS_PROXY, NO_PROXY)."
	}
}

func accountOf(scope delegate.Scope) delegate.Scope { return delegate.Scope{Account: scope.Account} }

// sentence makes a sentence of an error's text.
func sentence(err error) string {
	text := strings.TrimSpace(err.Error())
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}
