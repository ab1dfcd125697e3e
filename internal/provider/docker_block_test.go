package provider

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/moby/moby/api/pkg/authconfig"
	mobyclient "github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docker"
)

func quoted(text string) string { return strconv.Quote(text) }

// dockerConfig is what the arguments and the environment come to.
func dockerConfig(tb testing.TB, arguments any, env environment) docker.Config {
	tb.Helper()
	argument := parse(tb, block{"docker": arguments}).Docker
	n := newNested(dockerBlock, env.get)
	config, diags := parseDocker(tb.Context(), argument, n)
	if len(diags) > 0 {
		tb.Fatal(diags)
	}
	return config
}

// Each argument is the block's, else the environment's, else the default; an
// empty text is as good as none.
func TestDockerPrecedence(t *testing.T) {
	text := func(value string) any { return value }
	for attribute, tc := range map[string]struct {
		variable string
		value    func(string) any
		field    func(docker.Config) string
	}{
		"host":          {"DOCKER_HOST", text, func(c docker.Config) string { return c.Host }},
		"context":       {"DOCKER_CONTEXT", text, func(c docker.Config) string { return c.Context }},
		"ca_material":   {"DOCKER_CA_MATERIAL", text, func(c docker.Config) string { return c.CAMaterial }},
		"cert_material": {"DOCKER_CERT_MATERIAL", text, func(c docker.Config) string { return c.CertMaterial }},
		"key_material":  {"DOCKER_KEY_MATERIAL", text, func(c docker.Config) string { return string(c.KeyMaterial) }},
		"cert_path":     {"DOCKER_CERT_PATH", text, func(c docker.Config) string { return c.CertPath }},
		"ssh_opts": {
			"DOCKER_SSH_OPTS",
			func(value string) any {
				if value == "" {
					return []any{}
				}
				return []any{value}
			},
			func(c docker.Config) string { return strings.Join(c.SSHOpts, "|") },
		},
	} {
		for name, want := range map[string]struct {
			configured any
			variable   string
			want       string
		}{
			"neither":             {nil, "", ""},
			"the environment's":   {nil, "env", "env"},
			"the block's":         {tc.value("block"), "", "block"},
			"both":                {tc.value("block"), "env", "block"},
			"an empty one":        {tc.value(""), "env", "env"},
			"empty everywhere":    {tc.value(""), " ", ""},
			"one that is to come": {unknown, "env", ""},
		} {
			t.Run(attribute+"/"+name, func(t *testing.T) {
				if got := tc.field(dockerConfig(t, block{attribute: want.configured}, environment{tc.variable: want.variable})); got != want.want {
					t.Errorf("got %q, want %q", got, want.want)
				}
			})
		}
	}
}

// What the block says about where the engine is goes before all that the
// environment says about it.
func TestDockerAlternatives(t *testing.T) {
	env := environment{
		"DOCKER_HOST": "env", "DOCKER_CONTEXT": "env", "DOCKER_TLS_VERIFY": "0", "DOCKER_CERT_PATH": "env", "DOCKER_SSH_OPTS": " -i  key ",
		"DOCKER_CA_MATERIAL": "env", "DOCKER_CERT_MATERIAL": "env", "DOCKER_KEY_MATERIAL": "env", "DOCKER_CONFIG": "env",
		"DOCKER_REGISTRY_USER": "env", "DOCKER_REGISTRY_PASS": "env",
	}
	ssh := []string{"-i", "key"}
	for name, tc := range map[string]struct {
		arguments any
		want      docker.Config
	}{
		"no block": {nil, docker.Config{
			Host: "env", Context: "env", TLSVerify: true, CertPath: "env", SSHOpts: ssh, CAMaterial: "env", CertMaterial: "env", KeyMaterial: "env", ConfigDir: "env",
		}},
		"a host, a folder": {
			block{"host": "block", "cert_path": "block"},
			docker.Config{Host: "block", TLSVerify: true, CertPath: "block", SSHOpts: ssh, ConfigDir: "env"},
		},
		"a host, material": {
			block{"host": "block", "ca_material": "block"},
			docker.Config{Host: "block", TLSVerify: true, SSHOpts: ssh, CAMaterial: "block", CertMaterial: "env", KeyMaterial: "env", ConfigDir: "env"},
		},
		"a context":             {block{"context": "block"}, docker.Config{Context: "block", SSHOpts: ssh, ConfigDir: "env"}},
		"a context, a host":     {block{"context": "block", "host": "block"}, docker.Config{Context: "block", Host: "block", SSHOpts: ssh, ConfigDir: "env"}},
		"a context and folders": {block{"context": "block", "cert_path": "block"}, docker.Config{Context: "block", CertPath: "block", SSHOpts: ssh, ConfigDir: "env"}},
		"registries": {
			block{"context": "block", "registry_auth": []any{
				block{"address": "a"},
				block{"address": "b", "username": "block", "password": "block"},
				block{"address": "c", "username": "block"},
				block{"address": "d", "config_file": "block"},
				block{"address": "e", "config_file_content": "block"},
				block{"address": "f", "auth_disabled": true},
			}},
			docker.Config{Context: "block", SSHOpts: ssh, ConfigDir: "env", RegistryAuth: []docker.RegistryAuth{
				{Address: "a", Username: "env", Password: "env"},
				{Address: "b", Username: "block", Password: "block"},
				{Address: "c", Username: "block", Password: "env"},
				{Address: "d", ConfigFile: "block"},
				{Address: "e", ConfigFileContent: "block"},
				{Address: "f", AuthDisabled: true},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, dockerConfig(t, tc.arguments, env), cmpopts.EquateEmpty(), plainSecrets); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

// What is wrong with the block is said at once, what is wrong with the
// environment to those who need the engine.
func TestDockerSettingsThatAreWrong(t *testing.T) {
	at := path.Root("docker")
	const summary = "Invalid Docker Configuration"
	for name, tc := range map[string]struct {
		arguments any
		env       environment
		// at is nowhere for what is said later.
		at   path.Path
		want string
	}{
		"no scheme":             {block{"host": "docker.example.com"}, nil, at.AtName("host"), "docker.host: It has no scheme"},
		"credentials":           {block{"host": "tcp://u:s3cret@h"}, nil, at.AtName("host"), "docker.host: It holds credentials"},
		"material and a folder": {block{"key_material": "s3cret", "cert_path": "/c"}, nil, nowhere, ""},
		"no PEM":                {block{"host": "tcp://h", "ca_material": "s3cret"}, nil, at.AtName("ca_material"), "docker.ca_material: There is no certificate"},
		"a user alone": {
			block{"registry_auth": []any{block{"address": "a", "auth_disabled": true}, block{"address": "b", "username": "u"}}},
			nil,
			at.AtName("registry_auth").AtListIndex(1).AtName("username"), "docker.registry_auth[1].username: It needs password.",
		},
		"no registry": {
			block{"registry_auth": []any{block{"username": "u", "password": "s3cret"}}},
			nil,
			at.AtName("registry_auth").AtListIndex(0).AtName("address"), "docker.registry_auth[0].address: It names no registry",
		},
		"no scheme in the environment": {nil, environment{"DOCKER_HOST": "docker.example.com"}, nowhere, "docker.host (from DOCKER_HOST): It has no scheme"},
		"no password in the environment": {
			block{"registry_auth": []any{block{"address": "a"}}},
			environment{"DOCKER_REGISTRY_USER": "u"},
			nowhere,
			"docker.registry_auth[0].username (from DOCKER_REGISTRY_USER): It needs password.",
		},
		"no context": {block{"context": "absent"}, environment{"DOCKER_CONFIG": "/nowhere"}, nowhere, `docker.context: There is no context "absent" in /nowhere/contexts`},
		"no folder":  {nil, environment{"DOCKER_HOST": "tcp://h", "DOCKER_CERT_PATH": "/nowhere"}, nowhere, "docker.cert_path (from DOCKER_CERT_PATH): There is neither ca.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			data, diags := configure(t, block{"docker": tc.arguments}, tc.env)
			if tc.want == "" {
				if diags.ErrorsCount() != 2 || data != nil {
					t.Errorf("diagnostics: %v, want that they exclude each other and that the key is alone", diags)
				}
				return
			}
			if tc.at.Equal(nowhere) {
				if len(diags) > 0 {
					t.Fatalf("at once: %v", diags)
				}
				_, diags = data.Docker()
			}
			wantDiagnostic(t, diags, tc.at, summary, tc.want)
		})
	}
}

func TestDockerToCome(t *testing.T) {
	for name, tc := range map[string]struct {
		arguments any
		want      []string
	}{
		"nothing":   {block{"host": "tcp://h"}, nil},
		"no block":  {nil, nil},
		"all of it": {unknown, []string{"docker"}},
		"each": {
			block{
				"host": unknown, "context": unknown, "ssh_opts": unknown, "ca_material": unknown, "cert_material": unknown,
				"key_material": unknown, "cert_path": unknown, "registry_auth": unknown,
			},
			[]string{
				"docker.ca_material", "docker.cert_material", "docker.cert_path", "docker.context", "docker.host", "docker.key_material",
				"docker.registry_auth", "docker.ssh_opts",
			},
		},
		"some, and mistakes": {block{"host": unknown, "ca_material": "s3cret", "ssh_opts": []any{unknown}}, []string{"docker.host", "docker.ssh_opts[0]"}},
		"parts of registries": {
			block{"registry_auth": []any{block{"address": "a", "password": unknown}, unknown, block{"address": unknown, "auth_disabled": unknown}}},
			[]string{"docker.registry_auth[0].password", "docker.registry_auth[1]", "docker.registry_auth[2].address", "docker.registry_auth[2].auth_disabled"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := block{"docker": tc.arguments}
			if messages := validate(t, b); len(messages) > 0 {
				t.Errorf("the validation minds: %v", messages)
			}
			data := mustConfigure(t, b, environment{"DOCKER_HOST": "tcp://env"})
			if diff := cmp.Diff(tc.want, data.UnknownDocker()); diff != "" {
				t.Errorf("not known yet (-want +got):\n%s", diff)
			}
			client, diags := data.Docker()
			if (client == nil) != (len(tc.want) > 0) || diags.ErrorsCount() != len(tc.want) {
				t.Fatalf("got %v, %v", client, diags)
			}
			for i, argument := range tc.want {
				if want := "The provider argument " + quoted(argument) + " depends on something"; !strings.Contains(diags[i].Detail(), want) {
					t.Errorf("%s is missing in: %s", want, diags[i].Detail())
				}
			}
		})
	}
}

func TestDockerClient(t *testing.T) {
	for name, tc := range map[string]struct {
		arguments any
		env       environment
		want      string
	}{
		"the local one":            {nil, nil, mobyclient.DefaultDockerHost},
		"the environment's":        {nil, environment{"DOCKER_HOST": "tcp://env:1"}, "tcp://env:1"},
		"the block's":              {block{"host": "tcp://block:1"}, environment{"DOCKER_HOST": "tcp://env:1"}, "tcp://block:1"},
		"the block's, no context":  {block{"host": "tcp://block:1"}, environment{"DOCKER_CONTEXT": "absent"}, "tcp://block:1"},
		"no context, by its name":  {block{"context": "default"}, environment{"DOCKER_HOST": "tcp://env:1"}, mobyclient.DefaultDockerHost},
		"encrypted, by a variable": {block{"host": "tcp://block"}, environment{"DOCKER_TLS_VERIFY": "1", "DOCKER_CONFIG": "/nowhere"}, "tcp://block:2376"},
	} {
		t.Run(name, func(t *testing.T) {
			data := mustConfigure(t, block{"docker": tc.arguments}, tc.env)
			client, diags := data.Docker()
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if client.Host() != tc.want {
				t.Errorf("it is %s, want %s", client.Host(), tc.want)
			}
			if again, _ := data.Docker(); again != client {
				t.Error("it is made again")
			}
		})
	}
}

// An object may name another engine, which has all but the address from the
// provider.
func TestDockerAtAnotherHost(t *testing.T) {
	data := mustConfigure(t, block{"docker": block{
		"context": "absent", "registry_auth": []any{block{"address": "docker.io", "username": "me", "password": "s3cret"}},
	}}, environment{"DOCKER_HOST": "tcp://env:1", "DOCKER_CONFIG": "/nowhere"})
	client, diags := data.DockerAt("tcp://other:1")
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if client.Host() != "tcp://other:1" {
		t.Errorf("it is %s", client.Host())
	}
	encoded, err := client.Auth("busybox")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := authconfig.Decode(encoded); err != nil || got.Username != "me" {
		t.Errorf("got %v, %v", got, err)
	}
	data = mustConfigure(t, block{}, environment{"DOCKER_HOST": "tcp://env:1"})
	_, diags = data.DockerAt("tcp://")
	if diags.ErrorsCount() != 1 || !strings.Contains(diags[0].Detail(), "docker.host: There is no host") {
		t.Errorf("got %v", diags)
	}
}

func TestDockerRegistries(t *testing.T) {
	data := mustConfigure(t, block{"docker": block{"registry_auth": []any{block{"address": "docker.io", "username": "me", "password": "s3cret"}}}}, nil)
	client, diags := data.Docker()
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	encoded, err := client.Auth("busybox")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := authconfig.Decode(encoded); err != nil || got.Username != "me" || got.Password != "s3cret" {
		t.Errorf("got %v, %v", got, err)
	}
}
