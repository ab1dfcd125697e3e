package upgrader_test

// argument is a case for one argument, or for some that can't go without each
// other.
type argument struct {
	// paths are the arguments that the case changes.
	paths string
	// always is set in all states, first and second in one each: HCL expressions
	// by path. In the base state the arguments are left out.
	always, first, second arguments
	// live are the fields that the argument is about, as "KIND PATH"; the kind
	// Config is that of the object with config.yaml.
	live []string
	// want are the fields' values in the states base, first and second, as JSON.
	want [3]string
}

// one is the case of an argument with a default or without, that is one field.
func one(path, first, second, live string, want ...string) argument {
	return argument{
		paths: path, first: arguments{path: first}, second: arguments{path: second},
		live: []string{live}, want: [3]string{want[0], want[1], want[2]},
	}
}

// Paths of fields in a CronJob.
const (
	jobSpec   = "CronJob spec.jobTemplate.spec"
	podSpec   = jobSpec + ".template.spec"
	container = podSpec + ".containers.0"
)

// commonCases are about the arguments outside the kubernetes block.
func commonCases() []argument {
	proxy := arguments{"proxy.host": `"proxy.example.com"`, "proxy.port": "3128"}
	inProxy := func(path, first, second, live string, want ...string) argument {
		c := one(path, first, second, live, want...)
		c.always = proxy
		return c
	}
	return []argument{
		one("account_id", `"other"`, `"another"`, "Config data.config.yaml.delegateConfig.accountId", `"aBcDeFgHiJkLmNoPqRsTuV"`, `"other"`, `"another"`),
		one("manager_endpoint", `"https://app.harness.io"`, `"https://harness.example.com/gate"`, "Config data.config.yaml.delegateConfig.managerHost",
			"MANAGER", `"https://app.harness.io"`, `"https://harness.example.com/gate"`),
		{
			paths: "token", first: arguments{"token": `"b25l"`}, second: arguments{"token": `"dHdv"`},
			live: []string{"Secret data.UPGRADER_TOKEN"}, want: [3]string{"TOKEN", `"YjI1bA=="`, `"ZEhkdg=="`},
		},
		{
			paths: "token token_wo token_wo_version",
			first: arguments{"token": "", "token_wo": `"b25l"`, "token_wo_version": "1"}, second: arguments{"token": "", "token_wo": `"dHdv"`, "token_wo_version": "2"},
			live: []string{"Secret data.UPGRADER_TOKEN"}, want: [3]string{"TOKEN", `"YjI1bA=="`, `"ZEhkdg=="`},
		},
		one("schedule", `"@hourly"`, `"*/15 * * * *"`, "CronJob spec.schedule", `"0 */1 * * *"`, `"@hourly"`, `"*/15 * * * *"`),
		one("auto_upgrade", "false", "true", "CronJob spec.suspend", "false", "true", "false"),
		one("dry_run", "true", "false", "Config data.config.yaml.dryRun", "false", "true", "false"),
		one("image", `"registry.example.com/upgrader:1"`, `"registry.example.com/upgrader@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`,
			container+".image", `"harness/upgrader:latest"`, `"registry.example.com/upgrader:1"`,
			`"registry.example.com/upgrader@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`),
		{
			paths: "proxy", first: proxy, second: arguments{"proxy.host": `"other.example.com"`, "proxy.port": "8080"},
			live: []string{"Config data.config.yaml.proxyHost"}, want: [3]string{"null", `"proxy.example.com"`, `"other.example.com"`},
		},
		inProxy("proxy.scheme", `"https"`, `"http"`, "Config data.config.yaml.proxyScheme", `"http"`, `"https"`, `"http"`),
		inProxy("proxy.host", `"a"`, `"b"`, "Config data.config.yaml.proxyHost", `"proxy.example.com"`, `"a"`, `"b"`),
		inProxy("proxy.port", "1", "2", "Config data.config.yaml.proxyPort", "3128", "1", "2"),
		inProxy("proxy.user", `"jane"`, `"joe"`, "Config data.config.yaml.proxyUser", "null", `"jane"`, `"joe"`),
		inProxy("proxy.password", `"pa"`, `"pb"`, "Config data.config.yaml.proxyPassword", "null", `"pa"`, `"pb"`),
		{
			paths: "proxy.password_wo proxy.password_wo_version", always: proxy,
			first:  arguments{"proxy.password_wo": `"pa"`, "proxy.password_wo_version": "1"},
			second: arguments{"proxy.password_wo": `"pb"`, "proxy.password_wo_version": "2"},
			live:   []string{"Config data.config.yaml.proxyPassword"}, want: [3]string{"null", `"pa"`, `"pb"`},
		},
		inProxy("proxy.proxy_manager", `"true"`, `"false"`, "Config data.config.yaml.proxyManager", "null", "true", "false"),
		{paths: "timeouts.create timeouts.read timeouts.update timeouts.delete", first: arguments{
			"timeouts.create": `"1m"`, "timeouts.read": `"1m"`, "timeouts.update": `"1m"`, "timeouts.delete": `"1m"`,
		}, second: arguments{"timeouts.create": `"2m"`, "timeouts.read": `"2m"`, "timeouts.update": `"2m"`, "timeouts.delete": `"2m"`}},
	}
}

// everywhere is a field of all objects and of the pods.
func everywhere(path string) []string {
	all := []string{jobSpec + ".template." + path, "Config " + path}
	for _, kind := range []string{"ServiceAccount", "Role", "RoleBinding", "Secret", "CronJob"} {
		all = append(all, kind+" "+path)
	}
	return all
}

// kubernetesCases are about the arguments of the kubernetes block.
func kubernetesCases() []argument {
	const k = "kubernetes."
	labels := one(k+"labels", `{ team = "a" }`, `{ team = "b" }`, "", "null", `"a"`, `"b"`)
	labels.live = everywhere("metadata.labels.team")
	annotations := one(k+"annotations", `{ team = "a" }`, `{ team = "b" }`, "", "null", `"a"`, `"b"`)
	annotations.live = everywhere("metadata.annotations.team")
	return []argument{
		one(k+"delegate_container", `"main"`, `"second"`, "Config data.config.yaml.containerName", `"delegate"`, `"main"`, `"second"`),
		one(k+"registry_mirror", `"a.example.com"`, `"b.example.com/x"`, "Config data.config.yaml.registryMirror", "null", `"a.example.com"`, `"b.example.com/x"`),
		labels, annotations,
		one(k+"service_account_annotations", `{ role = "a" }`, `{ role = "b" }`, "ServiceAccount metadata.annotations", "null", `{"role":"a"}`, `{"role":"b"}`),
		{
			paths: k + "rbac", first: arguments{k + "rbac.cron_job_verbs": "[]"},
			second: arguments{k + "rbac.cron_job_verbs": `["get"]`, k + "rbac.deployment_verbs": `["get"]`},
			live:   []string{"Role rules.0.verbs"},
			want:   [3]string{`["get","list","watch","update","patch"]`, `["get","list","watch","create","update","patch"]`, `["get"]`},
		},
		one(k+"rbac.cron_job_verbs", `["patch", "get"]`, `["list"]`, "Role rules.0.verbs", `["get","list","watch","update","patch"]`, `["get","patch"]`, `["list"]`),
		one(k+"rbac.deployment_verbs", `["patch", "get"]`, `["list"]`, "Role rules.1.verbs",
			`["get","list","watch","create","update","patch"]`, `["get","patch"]`, `["list"]`),
		{paths: k + "force_conflicts", first: arguments{k + "force_conflicts": "true"}, second: arguments{k + "force_conflicts": "false"}},
		one(k+"timezone", `"Europe/Berlin"`, `"Etc/UTC"`, "CronJob spec.timeZone", "null", `"Europe/Berlin"`, `"Etc/UTC"`),
		one(k+"concurrency_policy", `"Replace"`, `"Allow"`, "CronJob spec.concurrencyPolicy", `"Forbid"`, `"Replace"`, `"Allow"`),
		one(k+"starting_deadline_seconds", "30", "60", "CronJob spec.startingDeadlineSeconds", "20", "30", "60"),
		one(k+"successful_jobs_history_limit", "0", "5", "CronJob spec.successfulJobsHistoryLimit", "3", "0", "5"),
		one(k+"failed_jobs_history_limit", "0", "5", "CronJob spec.failedJobsHistoryLimit", "1", "0", "5"),
		one(k+"active_deadline_seconds", "60", "120", jobSpec+".activeDeadlineSeconds", "null", "60", "120"),
		one(k+"backoff_limit", "0", "2", jobSpec+".backoffLimit", "null", "0", "2"),
		one(k+"ttl_seconds_after_finished", "0", "60", jobSpec+".ttlSecondsAfterFinished", "null", "0", "60"),
		one(k+"image_pull_policy", `"IfNotPresent"`, `"Never"`, container+".imagePullPolicy", `"Always"`, `"IfNotPresent"`, `"Never"`),
		one(k+"image_pull_secrets", `["a"]`, `["b", "c"]`, podSpec+".imagePullSecrets", "null", `[{"name":"a"}]`, `[{"name":"b"},{"name":"c"}]`),
		one(k+"pod_labels", `{ a = "1" }`, `{ b = "2" }`, jobSpec+".template.metadata.labels", "null", `{"a":"1"}`, `{"b":"2"}`),
		one(k+"pod_annotations", `{ a = "1" }`, `{ b = "2" }`, jobSpec+".template.metadata.annotations", "null", `{"a":"1"}`, `{"b":"2"}`),
		one(k+"env", `{ A = "1" }`, `{ A = "", B = "x" }`, container+".env", "null", `[{"name":"A","value":"1"}]`, `[{"name":"A"},{"name":"B","value":"x"}]`),
		one(k+"node_selector", `{ disk = "ssd" }`, `{ zone = "a" }`, podSpec+".nodeSelector", "null", `{"disk":"ssd"}`, `{"zone":"a"}`),
		one(k+"priority_class_name", `"system-node-critical"`, `"other"`, podSpec+".priorityClassName", "null", `"system-node-critical"`, `"other"`),
		one(k+"toleration", "key = \"a\"\noperator = \"Exists\"\neffect = \"NoExecute\"\ntoleration_seconds = 5", "key = \"b\"\nvalue = \"x\"|operator = \"Exists\"",
			podSpec+".tolerations", "null", `[{"effect":"NoExecute","key":"a","operator":"Exists","tolerationSeconds":5}]`, `[{"key":"b","value":"x"},{"operator":"Exists"}]`),
		{
			paths: k + "resources", first: arguments{k + "resources.requests": `{ cpu = "10m" }`}, second: arguments{k + "resources.limits": `{ memory = "128Mi" }`},
			live: []string{container + ".resources"}, want: [3]string{"{}", `{"requests":{"cpu":"10m"}}`, `{"limits":{"memory":"128Mi"}}`},
		},
		one(k+"resources.requests", `{ cpu = "0.1" }`, `{ memory = "1Gi" }`, container+".resources.requests", "null", `{"cpu":"100m"}`, `{"memory":"1Gi"}`),
		one(k+"resources.limits", `{ cpu = "0.1" }`, `{ memory = "1Gi" }`, container+".resources.limits", "null", `{"cpu":"100m"}`, `{"memory":"1Gi"}`),
		one(k+"affinity", `{ nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms = [{ matchExpressions = [{ key = "a", operator = "Exists" }] }] } } }`,
			`{ podAntiAffinity = { preferredDuringSchedulingIgnoredDuringExecution = [{ weight = 1, podAffinityTerm = { topologyKey = "zone" } }] } }`, podSpec+".affinity", "null",
			`{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}}}`,
			`{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"podAffinityTerm":{"topologyKey":"zone"},"weight":1}]}}`),
		one(k+"security_context", `{ runAsNonRoot = true }`, `{ capabilities = { drop = ["ALL"] } }`, container+".securityContext", "null", `{"runAsNonRoot":true}`, `{"capabilities":{"drop":["ALL"]}}`),
		one(k+"pod_security_context", `{ runAsUser = 1001 }`, `{ fsGroup = 2000, runAsNonRoot = true }`, podSpec+".securityContext",
			`{"fsGroup":1001}`, `{"runAsUser":1001}`, `{"fsGroup":2000,"runAsNonRoot":true}`),
		one(k+"mtls_secret", `"a"`, `"b"`, podSpec+".volumes.1.secret", "null", `{"defaultMode":288,"secretName":"a"}`, `{"defaultMode":288,"secretName":"b"}`),
		one(k+"custom_ca_secret", `"a"`, `"b"`, podSpec+".volumes.1.secret", "null", `{"defaultMode":288,"secretName":"a"}`, `{"defaultMode":288,"secretName":"b"}`),
	}
}

// elsewhere are the arguments that tests of their own are about.
var elsewhere = []string{
	"delegate_name", "kubernetes.cron_job_name", "kubernetes.service_account_name", "kubernetes.role_name",
	"kubernetes.role_binding_name", "kubernetes.secret_name", "kubernetes.config_map_name", // TestAccKubernetes_names
	"kubernetes.namespace",       // TestAccKubernetes_namespace
	"kubernetes.existing_secret", // TestAccKubernetes_tokenMoves
	"verify",                     // TestAccKubernetes_verify
}
