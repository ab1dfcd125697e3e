package upgrader_test

import "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"

// option is an argument, its field, and two values of both. Where the API spells a
// value like the argument does, it stands once.
type option struct {
	argument string
	// object is the kind of the object, path the field in it.
	object, path string
	// live are two values as the API has them, given the same ones as the argument has
	// them, all in YAML.
	live, given [2]string
	// otherwise is what the argument is by default; empty is nothing.
	otherwise string
	// implied is the live value that says no more than none.
	implied string
}

// options are the arguments that are a field, by what the documentation says.
func options() []option {
	const k = "kubernetes."
	inCronJob := func(argument, path, a, b string) option {
		return option{argument: argument, object: "CronJob", path: path, live: [2]string{a, b}, given: [2]string{a, b}}
	}
	inConfig := func(argument, setting, a, b string) option {
		return option{argument: argument, object: "Config", path: `data["config.yaml"].` + setting, live: [2]string{a, b}, given: [2]string{a, b}}
	}
	with := func(o option, otherwise, implied string) option {
		o.otherwise, o.implied = otherwise, implied
		return o
	}
	as := func(o option, a, b string) option {
		o.given = [2]string{a, b}
		return o
	}
	return []option{
		with(inCronJob("schedule", "spec.schedule", "'*/30 * * * *'", "15 * * * *"), "0 */1 * * *", ""),
		with(as(inCronJob("auto_upgrade", "spec.suspend", "true", "false"), "false", "true"), "true", "false"),
		with(inCronJob("image", containerPath+"image", "harness/upgrader:1", "registry.example.com/upgrader:2"), "harness/upgrader:latest", ""),
		inCronJob(k+"timezone", "spec.timeZone", "Europe/Berlin", "Etc/UTC"),
		with(inCronJob(k+"concurrency_policy", "spec.concurrencyPolicy", "Replace", "Allow"), "Forbid", ""),
		with(inCronJob(k+"starting_deadline_seconds", "spec.startingDeadlineSeconds", "30", "60"), "20", ""),
		with(inCronJob(k+"successful_jobs_history_limit", "spec.successfulJobsHistoryLimit", "0", "5"), "", "3"),
		with(inCronJob(k+"failed_jobs_history_limit", "spec.failedJobsHistoryLimit", "0", "5"), "", "1"),
		inCronJob(k+"active_deadline_seconds", jobPath+"activeDeadlineSeconds", "60", "120"),
		with(inCronJob(k+"backoff_limit", jobPath+"backoffLimit", "0", "2"), "", "6"),
		inCronJob(k+"ttl_seconds_after_finished", jobPath+"ttlSecondsAfterFinished", "0", "60"),
		with(inCronJob(k+"image_pull_policy", containerPath+"imagePullPolicy", "IfNotPresent", "Never"), "Always", ""),
		as(inCronJob(k+"image_pull_secrets", podPath+"imagePullSecrets", "[{name: a}]", "[{name: b}, {name: c}]"), "[a]", "[b, c]"),
		inCronJob(k+"node_selector", podPath+"nodeSelector", "{disk: ssd}", "{zone: a, example.com/kind: b}"),
		inCronJob(k+"priority_class_name", podPath+"priorityClassName", "system-node-critical", "other"),
		as(inCronJob(k+"toleration", podPath+"tolerations", "[{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]", "[{key: b, value: x}, {operator: Exists}]"),
			"[{key: a, operator: Exists, effect: NoExecute, toleration_seconds: 5}]", "[{key: b, value: x}, {operator: Exists}]"),
		inCronJob(k+"resources.requests", containerPath+"resources.requests", "{cpu: 10m}", "{cpu: 20m, memory: 64Mi}"),
		inCronJob(k+"resources.limits", containerPath+"resources.limits", "{memory: 128Mi}", "{memory: 256Mi, cpu: 1500m}"),
		inCronJob(k+"affinity", podPath+"affinity",
			"{nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}",
			"{podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: zone}}]}}"),
		inCronJob(k+"security_context", containerPath+"securityContext", "{runAsNonRoot: true}", "{capabilities: {drop: [ALL]}, readOnlyRootFilesystem: true}"),
		with(inCronJob(k+"pod_security_context", podPath+"securityContext", "{runAsUser: 1001}", "{fsGroup: 2000, runAsNonRoot: true}"), "{fsGroup: 1001}", ""),
		as(inCronJob(k+"env", containerPath+"env", "[{name: A, value: '1'}]", "[{name: A}, {name: B, value: x}]"), "{A: '1'}", "{A: '', B: x}"),
		inCronJob(k+"mtls_secret", podPath+`volumes["client-certificate"].secret.secretName`, "a", "b"),
		inCronJob(k+"custom_ca_secret", podPath+`volumes["custom-certs"].secret.secretName`, "a", "b"),
		with(inConfig("dry_run", "dryRun", "true", "false"), "false", "false"),
		with(inConfig(k+"delegate_container", "containerName", "main", "second"), "delegate", ""),
		inConfig(k+"registry_mirror", "registryMirror", "a.example.com", "b.example.com/x"),
		inConfig("proxy.host", "proxyHost", "proxy.example.com", "other.example.com"),
	}
}

// extra is what others have set and no argument is about, or not the value.
type extra struct{ object, path, value string }

func extras() []extra {
	const variable = containerPath + "env"
	return []extra{
		{"CronJob", jobPath + "suspend", "true"},
		{"CronJob", jobPath + "parallelism", "0"},
		{"CronJob", jobPath + "completions", "2"},
		{"CronJob", jobPath + "managedBy", "example.com/nobody"},
		{"CronJob", podPath + "automountServiceAccountToken", "false"},
		{"CronJob", podPath + "schedulingGates", "[{name: example.com/wait}]"},
		{"CronJob", podPath + "schedulerName", "other"},
		{"CronJob", podPath + "nodeName", "node-1"},
		{"CronJob", podPath + "restartPolicy", "OnFailure"},
		{"CronJob", podPath + "hostNetwork", "true"},
		{"CronJob", podPath + "terminationGracePeriodSeconds", "5"},
		{"CronJob", podPath + "dnsPolicy", "Default"},
		{"CronJob", podPath + `containers["sidecar"]`, "{image: sidecar, env: [{name: UPGRADER_TOKEN, value: harmless}]}"},
		{"CronJob", podPath + `initContainers["prepare"]`, "{image: prepare}"},
		{"CronJob", podPath + `volumes["scratch"]`, "{emptyDir: {}}"},
		{"CronJob", containerPath + `volumeMounts["/scratch"]`, "{name: config-volume}"},
		{"CronJob", containerPath + "command", `["true"]`},
		{"CronJob", containerPath + "args", `["--help"]`},
		{"CronJob", containerPath + "workingDir", "/tmp"},
		{"CronJob", containerPath + "envFrom", "[{configMapRef: {name: more, optional: true}}, {secretRef: {name: NAME-upgrader-token}}]"},
		{"CronJob", variable + `["UPGRADER_TOKEN"]`, "{value: " + theirSecret + "}"},
		{"CronJob", variable + `["ACCOUNT_SECRET"]`, "{value: " + theirSecret + "}"},
		{"CronJob", variable + `["PROXY_PASSWORD"]`, "{value: " + theirSecret + "}"},
		{"CronJob", variable + `["B"]`, "{valueFrom: {fieldRef: {fieldPath: metadata.name}}}"},
		{"CronJob", variable + `["ELSEWHERE"]`, "{valueFrom: {fieldRef: {fieldPath: metadata.name}}}"},
		{"CronJob", `metadata.labels["harness.io/name"]`, "theirs"},
		{"CronJob", `metadata.labels["team"]`, "ops"},
		{"CronJob", `metadata.annotations["note"]`, "theirs"},
		{"CronJob", jobPath + `template.metadata.labels["team"]`, "ops"},
		{"CronJob", jobPath + `template.metadata.annotations["note"]`, "theirs"},
		{"ServiceAccount", `metadata.annotations["role"]`, "theirs"},
		{"ServiceAccount", "automountServiceAccountToken", "false"},
		{"Role", `metadata.labels["team"]`, "ops"},
		{"Role", "rules", "[{apiGroups: [''], resources: [secrets], verbs: [get]}, {apiGroups: [apps], resources: [deployments], verbs: [get, patch]}]"},
		{"RoleBinding", `metadata.annotations["note"]`, "theirs"},
		{"RoleBinding", "subjects", "[{kind: ServiceAccount, name: NAME-upgrader-cronjob-sa, namespace: NAMESPACE}, {kind: User, name: jane, apiGroup: rbac.authorization.k8s.io}]"},
		{"Secret", `stringData["MORE"]`, theirSecret},
		{"Secret", `data["UPGRADER_TOKEN"]`, inSecret(theirSecret)},
		{"Secret", "type", "example.com/token"},
		{"Secret", "immutable", "true"},
		{"Config", "immutable", "true"},
		{"Config", `data["notes"]`, "theirs"},
		{"Config", `data["config.yaml"].proxyUser`, "jane"},
		{"Config", `data["config.yaml"].proxyPassword`, theirSecret},
		{"Config", `data["config.yaml"].proxyScheme`, "https"},
		{"Config", `data["config.yaml"].proxyPort`, "3128"},
		{"Config", `data["config.yaml"].unknownSetting`, "theirs"},
	}
}

// metadataArguments are about labels and annotations, of which others have their
// own. Their fields are those that begin so.
func metadataArguments() map[string]acctest.Block {
	return map[string]acctest.Block{
		"labels": {"team": "dev", "more": "1"}, "annotations": {"note": "ours"}, "pod_labels": {"team": "pods"},
		"pod_annotations": {"note": "pods"}, "service_account_annotations": {"role": "ours"},
	}
}
