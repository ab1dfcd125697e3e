package upgrader_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

const (
	upgraderType = "harnessdelegate_upgrader"
	runType      = "harnessdelegate_run_upgrader"
)

// wire is the provider in this process, with the rights of a kubeconfig's user.
func (p *place) wire(kubeconfig string) *acctest.Wire {
	p.t.Helper()
	return p.manager.WireWith(p.t, acctest.Block{
		"endpoint": p.manager.URL, "account_id": acctest.Account, "platform_api_key": acctest.APIKey,
		"kubernetes": acctest.Block{"config_path": kubeconfig},
	})
}

// wire is the provider in this process, for the engine at a host.
func (d *dock) wire(host string) *acctest.Wire {
	d.t.Helper()
	return d.manager.WireWith(d.t, acctest.Block{
		"endpoint": d.manager.URL, "account_id": acctest.Account, "platform_api_key": acctest.APIKey,
		"docker": acctest.Block{"host": host},
	})
}

// quiet fails the test on errors.
func quiet(t *testing.T, what string, diags []acctest.Said) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s: %s", what, d.Summary, d.Detail)
		}
	}
}

// sayingOnce fails the test unless there is one diagnostic, and it has the parts.
func sayingOnce(t *testing.T, what string, diags []acctest.Said, parts ...string) {
	t.Helper()
	if len(diags) != 1 {
		t.Errorf("%s: it says %v, want one diagnostic with %q", what, diags, parts)
		return
	}
	for _, part := range parts {
		if text := diags[0].Summary + ": " + diags[0].Detail; !strings.Contains(text, part) {
			t.Errorf("%s: no %q in: %s", what, part, text)
		}
	}
}

// listed asks the list resource for everything.
func listed(w *acctest.Wire, config acctest.Block, limit int64, resources bool) []acctest.Listed {
	var all []acctest.Listed
	w.List(upgraderType, config, limit, resources, func(one acctest.Listed) bool {
		all = append(all, one)
		return true
	})
	return all
}
