package upgrader_test

// dockerArgument is a case for one argument on Docker, or for some that can't go
// without each other. The upgrader of a case has little else set.
type dockerArgument struct {
	// paths are the arguments that the case changes.
	paths string
	// always is set in both states; set is given at first, and then left out: HCL
	// expressions by path. CASE stands for the case's name, IMAGE for the image's.
	always, set arguments
	// live is the field that the argument is about, of the described container, if
	// there is one; and its values with and without the argument, as JSON.
	live, with, without string
	// keeps tells that the change keeps the container.
	keeps bool
}

// variableOf is the case of an argument that is one variable.
func variableOf(path, expression, name, with, without string) dockerArgument {
	return dockerArgument{paths: path, set: arguments{path: expression}, live: "env." + name, with: with, without: without}
}

// dockerField is the case of an argument that is one field.
func dockerField(path, expression, live, with, without string) dockerArgument {
	return dockerArgument{paths: path, set: arguments{path: expression}, live: live, with: with, without: without}
}

func (c dockerArgument) inPlace() dockerArgument {
	c.keeps = true
	return c
}

func (c dockerArgument) beside(always arguments) dockerArgument {
	c.always = always
	return c
}

// dockerCommonCases are about the arguments outside the docker block.
func dockerCommonCases() []dockerArgument {
	proxy := arguments{"proxy.host": `"proxy.example.com"`, "proxy.port": "3128", "proxy.user": `"jane"`}
	return []dockerArgument{
		// The container's name follows.
		{paths: "delegate_name id docker.name", always: arguments{"docker.name": ""}, set: arguments{"delegate_name": "CASE-other"}},
		variableOf("account_id", `"other"`, "ACCOUNT_ID", `"other"`, `"aBcDeFgHiJkLmNoPqRsTuV"`),
		variableOf("manager_endpoint", `"https://app.harness.io"`, "MANAGER_HOST_AND_PORT", `"https://app.harness.io"`, "MANAGER"),
		variableOf("token", `"b25l"`, "UPGRADER_TOKEN", `"b25l"`, "TOKEN"),
		{
			paths: "token token_wo token_wo_version", set: arguments{"token": "", "token_wo": `"b25l"`, "token_wo_version": "1"},
			live: "env.UPGRADER_TOKEN", with: `"b25l"`, without: "TOKEN",
		},
		variableOf("schedule", `"*/5 * * * *"`, "SCHEDULE", `"*/5 * * * *"`, `"0 */1 * * *"`),
		variableOf("auto_upgrade", "false", "DISABLE_AUTO_UPGRADE", `"true"`, `"false"`),
		dockerField("image", `"IMAGE:two"`, "Config.Image", `"IMAGE:two"`, `"IMAGE:one"`),
		{paths: "proxy", set: proxy, live: "env.PROXY_HOST", with: `"proxy.example.com"`, without: "null"},
		variableOf("proxy.scheme", `"https"`, "PROXY_SCHEME", `"https"`, `"http"`).beside(proxy),
		variableOf("proxy.host", `"a"`, "PROXY_HOST", `"a"`, `"proxy.example.com"`).beside(proxy),
		variableOf("proxy.port", "1", "PROXY_PORT", `"1"`, `"3128"`).beside(proxy),
		variableOf("proxy.user", `"joe"`, "PROXY_USER", `"joe"`, `"jane"`).beside(proxy),
		variableOf("proxy.password", `"of-the-proxy"`, "PROXY_PASSWORD", `"of-the-proxy"`, "null").beside(proxy),
		{
			paths: "proxy.password_wo proxy.password_wo_version", always: proxy,
			set:  arguments{"proxy.password_wo": `"of-the-proxy"`, "proxy.password_wo_version": "1"},
			live: "env.PROXY_PASSWORD", with: `"of-the-proxy"`, without: "null",
		},
		{keeps: true, paths: "timeouts.create timeouts.read timeouts.update timeouts.delete", set: arguments{
			"timeouts.create": `"3m"`, "timeouts.read": `"3m"`, "timeouts.update": `"3m"`, "timeouts.delete": `"3m"`,
		}},
	}
}

// dockerCases are about the arguments of the docker block.
func dockerCases() []dockerArgument {
	const d = "docker."
	return []dockerArgument{
		{keeps: true, paths: d + "name id", set: arguments{d + "name": "CASE-other"}},
		dockerField(d+"cpus", "0.25", "HostConfig.NanoCpus", "250000000", "100000000").inPlace(),
		dockerField(d+"memory", "64", "HostConfig.Memory", "67108864", "104857600").inPlace(),
		dockerField(d+"restart", `"no"`, "HostConfig.RestartPolicy.Name", `"no"`, `"unless-stopped"`).inPlace(),
		// It is about the next container only.
		{keeps: true, paths: d + "pull_policy", set: arguments{d + "pull_policy": `"never"`}},
		// What lies there doesn't matter to the engine, and the stand-in doesn't look before its first round.
		dockerField(d+"socket_path", `"/dev/null"`, "Mounts.0.Source", `"/dev/null"`, "SOCKET"),
		variableOf(d+"container_stop_timeout", "0", "CONTAINER_STOP_TIMEOUT", `"0"`, `"3600"`),
		dockerField(d+"network_mode", `"none"`, "HostConfig.NetworkMode", `"none"`, `"default"`),
		dockerField(d+"labels", `{ team = "b", more = "" }`, "labels.team", `"b"`, "null"),
		variableOf(d+"env", `{ A = "$HOME", B = "" }`, "A", `"$HOME"`, "null"),
		dockerField(d+"log_driver", `"none"`, "HostConfig.LogConfig.Type", `"none"`, `"json-file"`),
		dockerField(d+"log_opts", `{ tag = "b", max-file = "2" }`, "HostConfig.LogConfig.Config.tag", `"b"`, "null").
			beside(arguments{d + "log_driver": `"json-file"`}),
	}
}

// dockerElsewhere are the arguments that tests of their own are about.
var dockerElsewhere = []string{
	"docker.host",                    // TestAccDocker_host
	"verify",                         // TestAccDocker_verify
	"dry_run", "proxy.proxy_manager", // TestAccDocker_refused
}
