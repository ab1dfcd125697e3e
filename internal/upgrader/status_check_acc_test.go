package upgrader_test

import (
	"fmt"
	"strings"
	"testing"
)

// assertion is what a check block asks of an upgrader.
const assertion = `
  assert {
    condition     = ` + statusAddress + `.healthy
    error_message = "The upgrader does not work. ${try(coalesce(` + statusAddress + `.problem), "")}"
  }
`

// warned tells of a failed check. The resource has warnings of its own here,
// since there is no delegate.
func warned(output string) bool { return strings.Contains(output, "Warning: Check block") }

// A check tells of an upgrader in the plan and after the apply, as a warning, and
// leaves nothing to do.
func TestAccStatus_check(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	given := in(p.namespace).with("token", "var.token").with("auto_upgrade", "var.on")
	const variables = "variable \"token\" {\n  sensitive = true\n}\nvariable \"on\" {}\n"
	w := p.workspace(variables + given.block("it") + ofIt().status() + "check \"it\" {" + assertion + "}\n")
	w.Env = append(w.Env, "TF_VAR_token="+token)
	if said := w.Succeed("apply", "-auto-approve", "-no-color", "-var=on=true").Output(); warned(said) {
		t.Errorf("an upgrader that is well is warned of:\n%s", said)
	}
	warning := saying("Warning: Check block assertion failed", "The upgrader does not work. CronJob/payments-upgrader-job is suspended")
	if said := w.Succeed("apply", "-auto-approve", "-no-color", "-var=on=false").Output(); !warning.MatchString(said) {
		t.Errorf("an upgrader that is suspended is not warned of:\n%s", said)
	}
	if result := w.Terraform("plan", "-detailed-exitcode", "-no-color", "-var=on=false"); result.ExitCode != 0 || !warning.MatchString(result.Output()) {
		t.Errorf("the next plan ends with %d:\n%s", result.ExitCode, result.Output())
	}
	w.Succeed("destroy", "-auto-approve", "-no-color", "-var=on=false")
}

// Within a check, what can't be read is a warning, too.
func TestAccStatus_checkOfNone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	status := arguments{"id": quoted("kubernetes/" + p.namespace + "/payments-upgrader-job")}.status()
	w := p.workspace("check \"it\" {\n" + status + assertion + "}\n")
	if said := w.Succeed("apply", "-auto-approve", "-no-color").Output(); !saying("Warning: No Such Upgrader", "There is no upgrader at").MatchString(said) {
		t.Errorf("the apply says\n%s", said)
	}
}

// What these credentials have no right to read is left out, and that is said.
func TestAccStatus_fewRights(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	user := "reader-" + p.namespace
	kubeconfig, err := p.User(user)
	if err != nil {
		t.Fatal(err)
	}
	p.create("somebody", `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader}, rules: [{apiGroups: [batch], resources: [cronjobs], verbs: [get]}]}`)
	p.create("somebody", fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: reader},
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]}`, user))
	p.create("kubectl", `{apiVersion: batch/v1, kind: CronJob, metadata: {name: payments-upgrader-job}, spec: {schedule: "0 0 29 2 *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: upgrader, image: "harness/upgrader:1"}]}}}}}}`)
	id := "kubernetes/" + p.namespace + "/payments-upgrader-job"
	w := p.workspace(arguments{"id": quoted(id)}.status() + "output \"it\" {\n  value = " + statusAddress + "\n}\n")
	w.Env = append(w.Env, "KUBE_CONFIG_PATH="+kubeconfig)
	eventually(t, "the authorizer notices", func() bool {
		return w.Terraform("apply", "-auto-approve", "-no-color").ExitCode == 0
	})
	said := w.Succeed("plan", "-no-color").Output()
	if !saying("Warning: Runs of the Upgrader Not Visible", "may not list Jobs in namespace "+p.namespace, "grant list on jobs").MatchString(said) {
		t.Errorf("the plan says\n%s", said)
	}
	if state := w.Succeed("output", "-no-color").Output(); !saying(`"delegate_name" = "payments"`, `"healthy" = true`).MatchString(state) {
		t.Errorf("the status is\n%s", state)
	}
}
