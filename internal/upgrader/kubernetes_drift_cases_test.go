package upgrader_test

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// spoiled is a way in which somebody changes what is ours.
type spoiled struct {
	name string
	// given are arguments beside the fewest.
	given arguments
	// spoil does it, to the upgrader of that name.
	spoil func(p *place, name string)
	// drift is what the next plan says in words, and shows the arguments that it
	// shows instead. NAME is the upgrader's.
	drift []string
	shows []string
}

// editing is a change of an object by a merge patch, as kubectl edit makes it.
func editing(kind, patch string) func(*place, string) {
	return func(p *place, name string) { p.edit(idOf(name, kind), patch) }
}

// patching is a change of entries of lists, by their positions.
func patching(kind, patch string) func(*place, string) {
	return func(p *place, name string) { p.patch("kubectl-patch", idOf(name, kind), types.JSONPatchType, patch) }
}

func removing(kinds ...string) func(*place, string) {
	return func(p *place, name string) {
		for _, kind := range kinds {
			p.remove(idOf(name, kind))
		}
	}
}

const inPod = "/spec/jobTemplate/spec/template/spec"

func spoiledFields() []spoiled {
	container := func(fields string) string {
		return "{spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: upgrader, " + fields + "}]}}}}}}"
	}
	merging := func(fields string) func(*place, string) {
		return func(p *place, name string) {
			p.patch("kubectl-edit", idOf(name, "CronJob"), types.StrategicMergePatchType, container(fields))
		}
	}
	env := arguments{"kubernetes.env": `{ A = "1" }`}
	labels := arguments{"kubernetes.labels": `{ team = "a" }`}
	certificates := arguments{"kubernetes.mtls_secret": `"certificates"`}
	return []spoiled{
		{name: "suspended", spoil: editing("CronJob", "{spec: {suspend: true}}"), shows: []string{"auto_upgrade"}},
		{name: "schedule", spoil: editing("CronJob", "{spec: {schedule: 1 1 1 1 1}}"), shows: []string{"schedule"}},
		{name: "concurrency", spoil: editing("CronJob", "{spec: {concurrencyPolicy: Allow}}"), shows: []string{"kubernetes.concurrency_policy"}},
		{name: "deadline removed", spoil: editing("CronJob", "{spec: {startingDeadlineSeconds: null}}"), shows: []string{"kubernetes.starting_deadline_seconds"}},
		{name: "image", spoil: merging("image: other"), shows: []string{"image"}},
		{name: "variable", given: env, spoil: merging("env: [{name: A, value: other}]"), shows: []string{"kubernetes.env.A"}},
		{name: "variable removed", given: env, spoil: patching("CronJob", `[{"op": "remove", "path": "`+inPod+`/containers/0/env"}]`), shows: []string{"kubernetes.env.A"}},
		{
			name: "token from elsewhere", spoil: patching("CronJob", `[{"op": "replace", "path": "`+inPod+`/containers/0/envFrom/0/secretRef/name", "value": "theirs"}]`),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.containers["upgrader"].envFrom[0].secretRef.name is "theirs", should be "NAME-upgrader-token"`},
		},
		{
			name: "account of the pods", spoil: editing("CronJob", "{spec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: default}}}}}}"),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.serviceAccountName is "default", should be "NAME-upgrader-cronjob-sa"`},
		},
		{name: "label", given: labels, spoil: editing("CronJob", "{metadata: {labels: {team: b}}}"), shows: []string{"kubernetes.labels.team"}},
		{
			name: "label elsewhere", given: labels, spoil: editing("Role", "{metadata: {labels: {team: null}}}"),
			drift: []string{`Role/NAME-upgrader: metadata.labels["team"] is missing, should be "a"`},
		},
		{
			name: "Harness's label", spoil: editing("CronJob", "{metadata: {labels: {harness.io/name: null}}}"),
			drift: []string{`CronJob/NAME-upgrader-job: metadata.labels["harness.io/name"] is missing, should be "NAME-upgrader-job"`},
		},
		{
			name: "volume", spoil: patching("CronJob", `[{"op": "replace", "path": "`+inPod+`/volumes/0/configMap/name", "value": "theirs"}]`),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.volumes["config-volume"].configMap.name is "theirs", should be "NAME-upgrader-config"`},
		},
		{
			name: "mode of a volume", given: certificates, spoil: patching("CronJob", `[{"op": "replace", "path": "`+inPod+`/volumes/1/secret/defaultMode", "value": 400}]`),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.volumes["client-certificate"].secret.defaultMode is 400, should be 288`},
		},
		{
			name: "mount", given: certificates, spoil: patching("CronJob", `[{"op": "replace", "path": "`+inPod+`/containers/0/volumeMounts/1/readOnly", "value": false}]`),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.containers["upgrader"].volumeMounts["/etc/mtls"].readOnly is missing, should be true`},
		},
		{
			name: "mount removed", spoil: patching("CronJob", `[{"op": "remove", "path": "`+inPod+`/containers/0/volumeMounts/0"}]`),
			drift: []string{`CronJob/NAME-upgrader-job: spec.jobTemplate.spec.template.spec.containers["upgrader"].volumeMounts["/etc/config"] is missing, should be {"name":"config-volume","mountPath":"/etc/config"}`},
		},
	}
}

func spoiledObjects() []spoiled {
	cases := []spoiled{
		{
			name: "rule gone", spoil: patching("Role", `[{"op": "remove", "path": "/rules/1"}]`),
			drift: []string{`Role/NAME-upgrader: rules lacks an entry {"verbs":["get","list","watch","create","update","patch"],"apiGroups":["extensions","apps"],"resources":["deployments"]}`},
		},
		{
			name: "verb gone", spoil: patching("Role", `[{"op": "replace", "path": "/rules/1/verbs", "value": ["get", "list", "watch", "create", "update"]}]`),
			drift: []string{`Role/NAME-upgrader: rules[1].verbs lacks "patch"`},
		},
		{
			name: "verb gone that was chosen", given: arguments{"kubernetes.rbac.deployment_verbs": `["get", "patch"]`},
			spoil: patching("Role", `[{"op": "remove", "path": "/rules/1/verbs/0"}]`), shows: []string{"kubernetes.rbac.deployment_verbs"},
		},
		{
			name: "rule too many", spoil: patching("Role", `[{"op": "add", "path": "/rules/-", "value": {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}}]`),
			drift: []string{`Role/NAME-upgrader: rules has an extra entry {"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}`},
		},
		{
			name: "subject", spoil: editing("RoleBinding", "{subjects: [{kind: ServiceAccount, name: default}]}"),
			drift: []string{
				`RoleBinding/NAME-upgrader-cronjob: subjects[0].name is "default", should be "NAME-upgrader-cronjob-sa"`,
				`RoleBinding/NAME-upgrader-cronjob: subjects[0].namespace is missing, should be "NAMESPACE"`,
			},
		},
		{
			name: "no subject", spoil: editing("RoleBinding", "{subjects: null}"),
			drift: []string{`RoleBinding/NAME-upgrader-cronjob: subjects is missing`},
		},
		{
			name: "roleRef", spoil: otherRole,
			drift: []string{`RoleBinding/NAME-upgrader-cronjob: roleRef.name is "other", should be "NAME-upgrader"`},
		},
		{name: "setting that is an argument", spoil: inConfig("dryRun: false", "dryRun: true"), shows: []string{"dry_run"}},
		{name: "container to upgrade", spoil: inConfig("containerName: delegate", "containerName: main"), shows: []string{"kubernetes.delegate_container"}},
		{name: "setting", spoil: inConfig("mode: Delegate", "mode: Other"), drift: []string{`ConfigMap/NAME-upgrader-config: data["config.yaml"].mode is "Other", should be "Delegate"`}},
		{name: "setting gone", spoil: inConfig("mode: Delegate\n", ""), drift: []string{`ConfigMap/NAME-upgrader-config: data["config.yaml"].mode is missing, should be "Delegate"`}},
		{name: "setting too many", spoil: inConfig("mode:", "more: 1\nmode:"), drift: []string{`ConfigMap/NAME-upgrader-config: data["config.yaml"].more should not be there`}},
		{name: "settings unreadable", spoil: inConfig("mode: Delegate", "mode: ["), drift: []string{`ConfigMap/NAME-upgrader-config: data["config.yaml"] can't be read as YAML`}},
		{name: "no settings", spoil: editing("ConfigMap", "{data: null}"), drift: []string{`ConfigMap/NAME-upgrader-config: data["config.yaml"] is missing`}},
		{name: "token", spoil: otherToken, drift: []string{`Secret/NAME-upgrader-token: data["UPGRADER_TOKEN"] is not the token that was written last`}},
		{name: "write-only token", given: writeOnly, spoil: otherToken, drift: []string{`Secret/NAME-upgrader-token: data["UPGRADER_TOKEN"] is not the token that was written last`}},
		{name: "no token", spoil: editing("Secret", "{data: null}"), drift: []string{`Secret/NAME-upgrader-token: data["UPGRADER_TOKEN"] is missing`}},
		{name: "write-only Secret missing", given: writeOnly, spoil: removing("Secret"), drift: []string{"Secret/NAME-upgrader-token is missing"}},
		{name: "two missing", spoil: removing("Secret", "CronJob"), drift: []string{"Secret/NAME-upgrader-token is missing", "CronJob/NAME-upgrader-job is missing"}},
	}
	for i, kind := range own {
		cases = append(cases, spoiled{name: kind + " missing", spoil: removing(kind), drift: []string{objectsOf("NAME")[i] + " is missing"}})
	}
	return cases
}

var writeOnly = arguments{"token": "", "token_wo": quoted(token), "token_wo_version": "1"}

func otherToken(p *place, name string) {
	p.edit(idOf(name, "Secret"), "{stringData: {UPGRADER_TOKEN: b3RoZXI=}}")
}

// otherRole lets the RoleBinding refer to another Role, for which it has to be
// made anew: as this provider would, or it would be somebody else's.
func otherRole(p *place, name string) {
	p.t.Helper()
	id := idOf(name, "RoleBinding")
	binding := p.get(id)
	p.remove(id)
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": binding.GetAPIVersion(), "kind": "RoleBinding", "metadata": map[string]any{"name": binding.GetName()},
		"subjects": field(binding.Object, "subjects"), "roleRef": field(binding.Object, "roleRef"),
	}}
	if err := unstructured.SetNestedField(made.Object, "other", "roleRef", "name"); err != nil {
		p.t.Fatal(err)
	}
	options := metav1.ApplyOptions{FieldManager: "terraform-provider-harnessdelegate"}
	if _, err := p.of("RoleBinding").Apply(p.t.Context(), binding.GetName(), made, options); err != nil {
		p.t.Fatal(err)
	}
}
