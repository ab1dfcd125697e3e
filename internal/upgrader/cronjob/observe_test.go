package cronjob

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

const podPath = "spec.jobTemplate.spec.template.spec."

var (
	theCronJob = key{kindCronJob, "web-upgrader-job"}
	theRole    = key{kindRole, "web-upgrader"}
	theBinding = key{kindRoleBinding, "web-upgrader-cronjob"}
	theAccount = key{kindServiceAccount, "web-upgrader-cronjob-sa"}
	theSecret  = key{kindSecret, "web-upgrader-token"}
	theConfig  = key{kindConfigMap, "web-upgrader-config"}
	toPod      = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	toUpgrader = slices.Concat(toPod, []string{"containers", "upgrader"})
)

func TestObserve_words(t *testing.T) {
	t.Parallel()
	verbs := []any{"get", "list", "watch", "create", "update"}
	extraRule := map[string]any{"apiGroups": []any{""}, "resources": []any{"secrets"}, "verbs": []any{"get", "list"}}
	config := func(change ...string) string { return strings.NewReplacer(change...).Replace(configFile(small())) }
	path := func(prefix []string, rest ...string) []string { return slices.Concat(prefix, rest) }
	for name, tt := range map[string]struct {
		object key
		value  any
		path   []string
		want   []string
	}{
		"nothing":                       {theRole, "1", []string{"metadata", "resourceVersion"}, nil},
		"a label of somebody else":      {theRole, map[string]any{"a": "b"}, []string{"metadata", "labels"}, nil},
		"no say about credentials":      {theAccount, nil, []string{"automountServiceAccountToken"}, nil},
		"no credentials":                {theAccount, false, []string{"automountServiceAccountToken"}, []string{`ServiceAccount/web-upgrader-cronjob-sa: automountServiceAccountToken is false, should be true`}},
		"verb gone":                     {theRole, verbs, []string{"rules", "1", "verbs"}, []string{`Role/web-upgrader: rules[1].verbs lacks "patch"`}},
		"verb too many":                 {theRole, append(slices.Clone(verbs), "patch", "delete"), []string{"rules", "1", "verbs"}, []string{`Role/web-upgrader: rules[1].verbs has an extra "delete"`}},
		"other order of verbs":          {theRole, []any{"patch", "update", "watch", "list", "get"}, []string{"rules", "0", "verbs"}, nil},
		"rule restricted to a name":     {theRole, []any{"x"}, []string{"rules", "1", "resourceNames"}, []string{`Role/web-upgrader: rules[1].resourceNames has an extra "x"`}},
		"rules gone":                    {theRole, nil, []string{"rules"}, []string{`Role/web-upgrader: rules lacks an entry {"verbs":["get","list","watch","update","patch"],"apiGroups":["batch","apps","extensions"],"resources":["cronjobs"]}`, `Role/web-upgrader: rules lacks an entry {"verbs":["get","list","watch","create","update","patch"],"apiGroups":["extensions","apps"],"resources":["deployments"]}`}},
		"rules others":                  {theRole, []any{extraRule}, []string{"rules"}, []string{`Role/web-upgrader: rules lacks an entry {"verbs":["get","list","watch","update","patch"],"apiGroups":["batch","apps","extensions"],"resources":["cronjobs"]}`, `Role/web-upgrader: rules lacks an entry {"verbs":["get","list","watch","create","update","patch"],"apiGroups":["extensions","apps"],"resources":["deployments"]}`, `Role/web-upgrader: rules has an extra entry {"verbs":["get","list"],"apiGroups":[""],"resources":["secrets"]}`}},
		"another subject":               {theBinding, "other", []string{"subjects", "0", "name"}, []string{`RoleBinding/web-upgrader-cronjob: subjects[0].name is "other", should be "web-upgrader-cronjob-sa"`}},
		"subjects gone":                 {theBinding, nil, []string{"subjects"}, []string{`RoleBinding/web-upgrader-cronjob: subjects is missing`}},
		"another role":                  {theBinding, "admin", []string{"roleRef", "name"}, []string{`RoleBinding/web-upgrader-cronjob: roleRef.name is "admin", should be "web-upgrader"`}},
		"secret of another type":        {theSecret, "x/y", []string{"type"}, []string{`Secret/web-upgrader-token: type is "x/y", should be "Opaque"`}},
		"secret without its key":        {theSecret, map[string]any{"OTHER": "eA=="}, []string{"data"}, []string{`Secret/web-upgrader-token: data["UPGRADER_TOKEN"] is missing`}},
		"another token":                 {theSecret, "eA==", []string{"data", "UPGRADER_TOKEN"}, nil},
		"config written otherwise":      {theConfig, "{" + strings.ReplaceAll(`mode: "Delegate", dryRun: "false", workloadName: web, namespace: harness-delegate-ng, containerName: delegate, delegateConfig: {accountId: aBcDeFgHiJkLmNoPqRsTuV, managerHost: https://app.harness.io}`, "web", "'web'") + "}", []string{"data", "config.yaml"}, nil},
		"config without a key":          {theConfig, config("mode: Delegate\n", ""), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].mode is missing, should be "Delegate"`}},
		"config of another namespace":   {theConfig, config("harness-delegate-ng", "other"), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].namespace is "other", should be "harness-delegate-ng"`}},
		"config with more":              {theConfig, config("mode:", "registryMirror: x\nmode:"), []string{"data", "config.yaml"}, nil},
		"config that can't be read":     {theConfig, "a: [", []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"] can't be read as YAML`}},
		"config gone":                   {theConfig, nil, []string{"data"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"] is missing`}},
		"another volume":                {theCronJob, "a", path(toPod, "volumes", "config-volume", "configMap", "name"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"].configMap.name is "a", should be "web-upgrader-config"`}},
		"volume of some files":          {theCronJob, []any{map[string]any{"key": "a", "path": "b"}}, path(toPod, "volumes", "config-volume", "configMap", "items"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"].configMap.items is [{"key":"a","path":"b"}], should not be there`}},
		"volume's default mode":         {theCronJob, int64(420), path(toPod, "volumes", "config-volume", "configMap", "defaultMode"), nil},
		"no volumes":                    {theCronJob, nil, path(toPod, "volumes"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"] is missing, should be {"name":"config-volume","configMap":{"name":"web-upgrader-config"}}`}},
		"another mount":                 {theCronJob, "/tmp", path(toUpgrader, "volumeMounts", "config-volume", "mountPath"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].volumeMounts["/etc/config"] is missing, should be {"name":"config-volume","mountPath":"/etc/config"}`}},
		"another service account":       {theCronJob, "default", path(toPod, "serviceAccountName"), []string{"CronJob/web-upgrader-job: " + podPath + `serviceAccountName is "default", should be "web-upgrader-cronjob-sa"`}},
		"another token source":          {theCronJob, "other", path(toUpgrader, "envFrom", "0", "secretRef", "name"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].envFrom[0].secretRef.name is "other", should be "web-upgrader-token"`}},
		"one more token source":         {theCronJob, []any{map[string]any{"secretRef": map[string]any{"name": "web-upgrader-token"}}, map[string]any{"configMapRef": map[string]any{"name": "x"}}}, path(toUpgrader, "envFrom"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].envFrom has an extra entry {"configMapRef":{"name":"x"}}`}},
		"a variable of somebody else":   {theCronJob, []any{map[string]any{"name": "HTTP_PROXY", "value": "x"}}, path(toUpgrader, "env"), nil},
		"a container of somebody else":  {theCronJob, []any{}, path(toPod, "containers"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"] is missing`}},
		"restart policy":                {theCronJob, "OnFailure", path(toPod, "restartPolicy"), []string{"CronJob/web-upgrader-job: " + podPath + `restartPolicy is "OnFailure", should be "Never"`}},
		"Harness's label":               {theCronJob, nil, []string{"metadata", "labels"}, []string{`CronJob/web-upgrader-job: metadata.labels["harness.io/name"] is missing, should be "web-upgrader-job"`}},
		"Harness's label for something": {theCronJob, map[string]any{"harness.io/name": "x"}, []string{"metadata", "labels"}, nil},
		"a schedule":                    {theCronJob, "@daily", []string{"spec", "schedule"}, nil},
		"config with another key":       {theConfig, config("mode:", "other: x\nmode:"), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].other should not be there`}},
		"Jobs suspended":                {theCronJob, true, []string{"spec", "jobTemplate", "spec", "suspend"}, []string{"CronJob/web-upgrader-job: spec.jobTemplate.spec.suspend is true, should be false"}},
		"no pods":                       {theCronJob, int64(0), []string{"spec", "jobTemplate", "spec", "parallelism"}, []string{"CronJob/web-upgrader-job: spec.jobTemplate.spec.parallelism is 0, should be 1"}},
		"another command":               {theCronJob, []any{"true"}, path(toUpgrader, "command"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].command is ["true"], should not be there`}},
		"a gate":                        {theCronJob, []any{map[string]any{"name": "x"}}, path(toPod, "schedulingGates"), []string{"CronJob/web-upgrader-job: " + podPath + `schedulingGates is [{"name":"x"}], should not be there`}},
		"pods without credentials":      {theCronJob, false, path(toPod, "automountServiceAccountToken"), []string{"CronJob/web-upgrader-job: " + podPath + "automountServiceAccountToken is false, should be true"}},
		"a token of somebody else":      {theCronJob, []any{map[string]any{"name": "UPGRADER_TOKEN", "value": "geheim"}}, path(toUpgrader, "env"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].env["UPGRADER_TOKEN"] should not be there: it takes precedence over what the upgrader is given`}},
		"suspended":                     {theCronJob, true, []string{"spec", "suspend"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := alive(t, small())
			live.set(t, tt.object, tt.value, tt.path...)
			seen := sight(t, small(), live)
			if diff := cmp.Diff(tt.want, seen.Drift); diff != "" {
				t.Errorf("drift (-want +got):\n%s", diff)
			}
		})
	}
}

func TestObserve_secretsUnseen(t *testing.T) {
	t.Parallel()
	want := small(withProxyCredentials)
	config := key{kindSecret, "web-upgrader-config"}
	file := strings.NewReplacer("proxyUser: harness", "proxyUser: mallory", "mode: Delegate", "mode: Hidden", "proxyPassword:", "proxyPasswort:").
		Replace(configFile(want))
	live := alive(t, want)
	live.set(t, config, base64.StdEncoding.EncodeToString([]byte(file)), "data", configKey)
	seen := sight(t, want, live)
	if seen.Upgrader.Proxy.User != "mallory" {
		t.Errorf("user %q", seen.Upgrader.Proxy.User)
	}
	if diff := cmp.Diff([]string{
		`Secret/web-upgrader-config: data["config.yaml"].mode is not what it should be`,
		`Secret/web-upgrader-config: data["config.yaml"].proxyPassword is missing`,
		`Secret/web-upgrader-config: data["config.yaml"].proxyPasswort should not be there`,
	}, seen.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}

	// A refresh that doesn't know the password sees the other one, and where.
	want.Proxy.Password = ""
	seen = sight(t, want, alive(t, small(withProxyCredentials)))
	if len(seen.Drift) > 0 || string(seen.ProxyPassword) != `p: "x" #1` {
		t.Errorf("drift %q", seen.Drift)
	}
	if seen.ProxyPasswordField != `Secret/web-upgrader-config: data["config.yaml"].proxyPassword` || seen.TokenField != `Secret/web-upgrader-token: data["UPGRADER_TOKEN"]` {
		t.Errorf("fields %s, %s", seen.ProxyPasswordField, seen.TokenField)
	}
}

func TestObserve_missing(t *testing.T) {
	t.Parallel()
	want := small()
	for _, gone := range keysOf(want) {
		live := alive(t, small(func(u *spec.Upgrader) { u.Schedule, u.DryRun = "@daily", true }))
		delete(live, gone)
		seen := sight(t, want, live)
		if diff := cmp.Diff([]string{gone.String() + " is missing"}, seen.Drift); diff != "" {
			t.Errorf("drift (-want +got):\n%s", diff)
		}
		if len(seen.Objects) != 5 {
			t.Errorf("objects %v", seen.Objects)
		}
		if got := seen.Upgrader.Schedule == want.Schedule; got != (gone == theCronJob) {
			t.Errorf("without %s the schedule is %q", gone, seen.Upgrader.Schedule)
		}
		if got := seen.Upgrader.DryRun == want.DryRun; got != (gone == theConfig) {
			t.Errorf("without %s dry run is %v", gone, seen.Upgrader.DryRun)
		}
	}
	if seen := sight(t, want, jsonObjects{}); len(seen.Objects) != 0 {
		t.Errorf("objects of nothing: %v", seen.Objects)
	}
}

// The same said in other words is no difference.
func TestObserve_sameInOtherWords(t *testing.T) {
	t.Parallel()
	live := alive(t, large())
	live.set(t, theCronJob, map[string]any{"requests": map[string]any{"cpu": "100m", "memory": "65536Ki"}, "limits": map[string]any{"memory": "128Mi"}},
		slices.Concat(toUpgrader, []string{"resources"})...)
	seen := sight(t, large(), live)
	if diff := cmp.Diff(large(), seen.Upgrader, secretsShown); diff != "" || len(seen.Drift) > 0 {
		t.Errorf("drift %q, (-want +got):\n%s", seen.Drift, diff)
	}
}

// Verbs that the user has chosen are an argument.
func TestObserve_chosenVerbs(t *testing.T) {
	t.Parallel()
	live := alive(t, large())
	live.set(t, theRole, []any{"get", "delete"}, "rules", "1", "verbs")
	seen := sight(t, large(), live)
	if got := seen.Upgrader.Kubernetes.RBAC.DeploymentVerbs; !slices.Equal(got, []string{"get", "delete"}) || len(seen.Drift) > 0 {
		t.Errorf("verbs %v, drift %q", got, seen.Drift)
	}
}

// A label that was changed in one place is told of that place, and not of the
// others that are as they should be.
func TestObserve_labelInOnePlace(t *testing.T) {
	t.Parallel()
	live := alive(t, large())
	live.set(t, theCronJob, "other", "metadata", "labels", "team")
	if seen := sight(t, large(), live); seen.Upgrader.Kubernetes.Labels["team"] != "other" || len(seen.Drift) > 0 {
		t.Errorf("labels %v, drift %q", seen.Upgrader.Kubernetes.Labels, seen.Drift)
	}
	live = alive(t, large())
	live.set(t, theAccount, "other", "metadata", "labels", "team")
	seen := sight(t, large(), live)
	if diff := cmp.Diff([]string{`ServiceAccount/web-upgrader-cronjob-sa: metadata.labels["team"] is "other", should be "build"`}, seen.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

// Where admission adds a variable, the values of all of them are left out of the
// warning.
func TestVerdict_variablesUnseen(t *testing.T) {
	t.Parallel()
	i := slices.IndexFunc(fields, func(f field) bool { return f.argument == "kubernetes.env" })
	want, live := &batchv1.CronJob{}, &batchv1.CronJob{}
	live.Spec.JobTemplate.Spec.Template.Spec.Containers = []corev1.Container{{
		Name: containerName, Env: []corev1.EnvVar{{Name: "PROXY", Value: "s3cret"}},
	}}
	if got := fields[i].verdict(want, live); got != "has other values" {
		t.Errorf("the verdict is %q", got)
	}
}
