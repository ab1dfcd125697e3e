package cronjob

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

const podPath = "spec.jobTemplate.spec.template.spec."

// set puts a value into a live object. Path elements that are numbers' texts or
// entries' names lead into lists.
func (s snapshot) set(tb testing.TB, k key, value any, path ...string) {
	tb.Helper()
	object, ok := s[k]
	if !ok {
		tb.Fatalf("no %s", k)
	}
	var at any = object.Object
	for _, name := range path[:len(path)-1] {
		switch v := at.(type) {
		case map[string]any:
			at = v[name]
		case []any:
			i := slices.IndexFunc(v, func(entry any) bool {
				return textAt(asMap(entry), "name") == name || textAt(asMap(entry), "mountPath") == name
			})
			if i < 0 {
				i = int(name[0] - '0')
			}
			at = v[i]
		}
	}
	fields, ok := at.(map[string]any)
	if !ok {
		tb.Fatalf("%v leads nowhere", path)
	}
	if value == nil {
		delete(fields, path[len(path)-1])
	} else {
		fields[path[len(path)-1]] = value
	}
}

var (
	theCronJob = key{kindCronJob, "web-upgrader-job"}
	theRole    = key{kindRole, "web-upgrader"}
	theBinding = key{kindRoleBinding, "web-upgrader-cronjob"}
	theAccount = key{kindServiceAccount, "web-upgrader-cronjob-sa"}
	theSecret  = key{kindSecret, "web-upgrader-token"}
	theConfig  = key{kindConfigMap, "web-upgrader-config"}
	inPod      = []string{"spec", "jobTemplate", "spec", "template", "spec"}
	inUpgrader = slices.Concat(inPod, []string{"containers", "upgrader"})
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
		"rule restricted to a name":     {theRole, []any{"x"}, []string{"rules", "1", "resourceNames"}, []string{`Role/web-upgrader: rules[1].resourceNames should not be there`}},
		"rules gone":                    {theRole, nil, []string{"rules"}, []string{`Role/web-upgrader: rules lacks an entry (apiGroups batch, apps, extensions; resources cronjobs; verbs get, list, watch, update, patch)`, `Role/web-upgrader: rules lacks an entry (apiGroups extensions, apps; resources deployments; verbs get, list, watch, create, update, patch)`}},
		"rules others":                  {theRole, []any{extraRule}, []string{"rules"}, []string{`Role/web-upgrader: rules lacks an entry (apiGroups batch, apps, extensions; resources cronjobs; verbs get, list, watch, update, patch)`, `Role/web-upgrader: rules lacks an entry (apiGroups extensions, apps; resources deployments; verbs get, list, watch, create, update, patch)`, `Role/web-upgrader: rules has an extra entry (apiGroups ; resources secrets; verbs get, list)`}},
		"another subject":               {theBinding, "other", []string{"subjects", "0", "name"}, []string{`RoleBinding/web-upgrader-cronjob: subjects[0].name is "other", should be "web-upgrader-cronjob-sa"`}},
		"subjects gone":                 {theBinding, nil, []string{"subjects"}, []string{`RoleBinding/web-upgrader-cronjob: subjects lacks an entry (kind ServiceAccount; name web-upgrader-cronjob-sa; namespace harness-delegate-ng)`}},
		"another role":                  {theBinding, "admin", []string{"roleRef", "name"}, []string{`RoleBinding/web-upgrader-cronjob: roleRef.name is "admin", should be "web-upgrader"`}},
		"secret of another type":        {theSecret, "x/y", []string{"type"}, []string{`Secret/web-upgrader-token: type is "x/y", should be "Opaque"`}},
		"secret without its key":        {theSecret, map[string]any{"OTHER": "eA=="}, []string{"data"}, []string{`Secret/web-upgrader-token: data["UPGRADER_TOKEN"] is missing`}},
		"another token":                 {theSecret, "eA==", []string{"data", "UPGRADER_TOKEN"}, nil},
		"config written otherwise":      {theConfig, "{" + strings.ReplaceAll(`mode: "Delegate", dryRun: "false", workloadName: web, namespace: harness-delegate-ng, containerName: delegate, delegateConfig: {accountId: aBcDeFgHiJkLmNoPqRsTuV, managerHost: https://app.harness.io}`, "web", "'web'") + "}", []string{"data", "config.yaml"}, nil},
		"config without a key":          {theConfig, config("mode: Delegate\n", ""), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].mode is missing, should be "Delegate"`}},
		"config of another namespace":   {theConfig, config("harness-delegate-ng", "other"), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].namespace is "other", should be "harness-delegate-ng"`}},
		"config with more":              {theConfig, config("mode:", "registryMirror: x\nmode:"), []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"].registryMirror should not be there`}},
		"config that can't be read":     {theConfig, "a: [", []string{"data", "config.yaml"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"] can't be read as YAML`}},
		"config gone":                   {theConfig, nil, []string{"data"}, []string{`ConfigMap/web-upgrader-config: data["config.yaml"] is missing`}},
		"another volume":                {theCronJob, "a", path(inPod, "volumes", "config-volume", "configMap", "name"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"].configMap.name is "a", should be "web-upgrader-config"`}},
		"volume of some files":          {theCronJob, []any{map[string]any{"key": "a", "path": "b"}}, path(inPod, "volumes", "config-volume", "configMap", "items"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"].configMap.items should not be there`}},
		"volume's default mode":         {theCronJob, int64(420), path(inPod, "volumes", "config-volume", "configMap", "defaultMode"), nil},
		"no volumes":                    {theCronJob, nil, path(inPod, "volumes"), []string{"CronJob/web-upgrader-job: " + podPath + `volumes["config-volume"] is missing`}},
		"another mount":                 {theCronJob, "/tmp", path(inUpgrader, "volumeMounts", "config-volume", "mountPath"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].volumeMounts["/etc/config"] is missing`}},
		"another service account":       {theCronJob, "default", path(inPod, "serviceAccountName"), []string{"CronJob/web-upgrader-job: " + podPath + `serviceAccountName is "default", should be "web-upgrader-cronjob-sa"`}},
		"another token source":          {theCronJob, "other", path(inUpgrader, "envFrom", "0", "secretRef", "name"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].envFrom[0].secretRef.name is "other", should be "web-upgrader-token"`}},
		"one more token source":         {theCronJob, []any{map[string]any{"secretRef": map[string]any{"name": "web-upgrader-token"}}, map[string]any{"configMapRef": map[string]any{"name": "x"}}}, path(inUpgrader, "envFrom"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"].envFrom has an extra entry (configMapRef name x)`}},
		"a variable of somebody else":   {theCronJob, []any{map[string]any{"name": "HTTP_PROXY", "value": "x"}}, path(inUpgrader, "env"), nil},
		"a container of somebody else":  {theCronJob, []any{}, path(inPod, "containers"), []string{"CronJob/web-upgrader-job: " + podPath + `containers["upgrader"] is missing`}},
		"restart policy":                {theCronJob, "OnFailure", path(inPod, "restartPolicy"), []string{"CronJob/web-upgrader-job: " + podPath + `restartPolicy is "OnFailure", should be "Never"`}},
		"Harness's label":               {theCronJob, nil, []string{"metadata", "labels"}, []string{`CronJob/web-upgrader-job: metadata.labels is missing`}},
		"Harness's label for something": {theCronJob, map[string]any{"harness.io/name": "x"}, []string{"metadata", "labels"}, nil},
		"a schedule":                    {theCronJob, "@daily", []string{"spec", "schedule"}, nil},
		"suspended":                     {theCronJob, true, []string{"spec", "suspend"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := alive(t, Objects(small()))
			live.set(t, tt.object, tt.value, tt.path...)
			seen := observe(small(), live)
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
	live := alive(t, Objects(want))
	live.set(t, config, base64.StdEncoding.EncodeToString([]byte(file)), "data", configKey)
	seen := observe(want, live)
	if seen.Upgrader.Proxy.User != "mallory" {
		t.Errorf("user %q", seen.Upgrader.Proxy.User)
	}
	if diff := cmp.Diff([]string{
		`Secret/web-upgrader-config: data["config.yaml"].proxyPassword is missing`,
		`Secret/web-upgrader-config: data["config.yaml"].mode is not what it should be`,
		`Secret/web-upgrader-config: data["config.yaml"].proxyPasswort should not be there`,
	}, seen.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}

	// A refresh that doesn't know the password sees the other one, and where.
	want.Proxy.Password = ""
	seen = observe(want, alive(t, Objects(small(withProxyCredentials))))
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
	for _, gone := range keysOf(Objects(want)) {
		live := alive(t, Objects(small(func(u *spec.Upgrader) { u.Schedule, u.DryRun = "@daily", true })))
		delete(live, gone)
		seen := observe(want, live)
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
	if seen := observe(want, snapshot{}); len(seen.Objects) != 0 {
		t.Errorf("objects of nothing: %v", seen.Objects)
	}
}

// The same said in other words is no difference.
func TestObserve_sameInOtherWords(t *testing.T) {
	t.Parallel()
	live := alive(t, Objects(large()))
	live.set(t, theCronJob, map[string]any{"requests": map[string]any{"cpu": "100m", "memory": "65536Ki"}, "limits": map[string]any{"memory": "128Mi", "cpu": "1"}},
		slices.Concat(inUpgrader, []string{"resources"})...)
	live.set(t, theCronJob, []any{map[string]any{"name": "injected"}, map[string]any{"name": "registry"}}, slices.Concat(inPod, []string{"imagePullSecrets"})...)
	live.set(t, theCronJob, map[string]any{"runAsNonRoot": true, "allowPrivilegeEscalation": false, "privileged": false, "capabilities": map[string]any{"drop": []any{"ALL"}}},
		slices.Concat(inUpgrader, []string{"securityContext"})...)
	seen := observe(large(), live)
	if diff := cmp.Diff(large(), seen.Upgrader, secretsShown); diff != "" || len(seen.Drift) > 0 {
		t.Errorf("drift %q, (-want +got):\n%s", seen.Drift, diff)
	}
}

// Verbs that the user has chosen are an argument.
func TestObserve_chosenVerbs(t *testing.T) {
	t.Parallel()
	live := alive(t, Objects(large()))
	live.set(t, theRole, []any{"get", "delete"}, "rules", "1", "verbs")
	seen := observe(large(), live)
	if got := seen.Upgrader.Kubernetes.DeploymentVerbs; !slices.Equal(got, []string{"get", "delete"}) || len(seen.Drift) > 0 {
		t.Errorf("verbs %v, drift %q", got, seen.Drift)
	}
}

// A label that was changed in one place is told of that place, and not of the
// others that are as they should be.
func TestObserve_labelInOnePlace(t *testing.T) {
	t.Parallel()
	live := alive(t, Objects(large()))
	live.set(t, theCronJob, "other", "metadata", "labels", "team")
	if seen := observe(large(), live); seen.Upgrader.Kubernetes.Labels["team"] != "other" || len(seen.Drift) > 0 {
		t.Errorf("labels %v, drift %q", seen.Upgrader.Kubernetes.Labels, seen.Drift)
	}
	live = alive(t, Objects(large()))
	live.set(t, theAccount, "other", "metadata", "labels", "team")
	seen := observe(large(), live)
	if diff := cmp.Diff([]string{`ServiceAccount/web-upgrader-cronjob-sa: metadata.labels.team is "other", should be "build"`}, seen.Drift); diff != "" {
		t.Errorf("drift (-want +got):\n%s", diff)
	}
}

func TestStrays(t *testing.T) {
	t.Parallel()
	want := large()
	live := alive(t, Objects(want))
	live.set(t, theCronJob, map[string]any{"secretName": "x"}, slices.Concat(inPod, []string{"volumes", "config-volume", "secret"})...)
	live.set(t, theCronJob, nil, slices.Concat(inPod, []string{"volumes", "config-volume", "configMap"})...)
	live.set(t, theCronJob, "sub", slices.Concat(inUpgrader, []string{"volumeMounts", "config-volume", "subPath"})...)
	live.set(t, theCronJob, map[string]any{"fieldRef": map[string]any{}}, slices.Concat(inUpgrader, []string{"env", "LOG_LEVEL", "valueFrom"})...)
	objects := Objects(want)
	var words []string
	for _, entry := range strays(objects[len(objects)-1].Object, live[theCronJob].Object) {
		for _, field := range entry.fields {
			words = append(words, field.words)
		}
		if left := strings.Contains(summary(withoutStrays(entry.want, entry.live)), "secretName x"); left {
			t.Errorf("still %v", withoutStrays(entry.want, entry.live))
		}
	}
	if diff := cmp.Diff([]string{
		`volumes["config-volume"].secret`, `volumeMounts["/etc/config"].subPath`, `env["LOG_LEVEL"].valueFrom`,
	}, words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
