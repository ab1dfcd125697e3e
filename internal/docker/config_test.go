package docker

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

func TestCheck(t *testing.T) {
	mine, stranger := newPair(t), newPair(t)
	registry := func(entry RegistryAuth) Config {
		return Config{RegistryAuth: []RegistryAuth{{Address: "docker.io"}, entry}}
	}
	for name, tc := range map[string]struct {
		config Config
		// want is the arguments and the beginning of each problem.
		want []string
	}{
		"nothing":                   {Config{}, nil},
		"a socket":                  {Config{Host: "unix:///run/docker.sock"}, nil},
		"TCP":                       {Config{Host: "tcp://[::1]:2376/prefix"}, nil},
		"ssh":                       {Config{Host: "ssh://me@docker.example.com:22/run/docker.sock"}, nil},
		"ssh without a user":        {Config{Host: "ssh://docker.example.com"}, nil},
		"a context, whatever host":  {Config{Context: "work", Host: "nonsense"}, nil},
		"a folder":                  {Config{CertPath: "/certificates"}, nil},
		"all material":              {Config{CAMaterial: mine.certificate, CertMaterial: mine.certificate, KeyMaterial: secret.Text(mine.key)}, nil},
		"no scheme":                 {Config{Host: "docker.example.com:2376"}, []string{"host: It has no scheme"}},
		"no scheme, context apart":  {Config{Context: "default", Host: "docker.example.com:2376"}, []string{"host: It has no scheme"}},
		"another scheme":            {Config{Host: "ftp://docker.example.com"}, []string{`host: Its scheme is "ftp"`}},
		"a socket without a path":   {Config{Host: "unix://"}, []string{"host: There is no path"}},
		"no host":                   {Config{Host: "tcp://:2376"}, []string{"host: There is no host"}},
		"no URL":                    {Config{Host: "tcp://u:s3cret@do cker"}, []string{"host: It is no address such as tcp://"}},
		"credentials":               {Config{Host: "tcp://u:s3cret@docker.example.com"}, []string{"host: It holds credentials"}},
		"a user":                    {Config{Host: "https://u@docker.example.com"}, []string{"host: It holds credentials"}},
		"ssh with a password":       {Config{Host: "ssh://u:s3cret@docker.example.com"}, []string{"host: It holds credentials"}},
		"ssh with a user for shell": {Config{Host: "ssh://$(id)@docker.example.com"}, []string{"host: There are characters"}},
		"a query":                   {Config{Host: "tcp://docker.example.com?x=y"}, []string{"host: It must end with the path"}},
		"plain, with certificates":  {Config{Host: "http://h", CAMaterial: mine.certificate}, []string{"host ca_material: http:// is without encryption"}},
		"material and a folder": {
			Config{CertPath: "/c", CAMaterial: mine.certificate, CertMaterial: mine.certificate, KeyMaterial: secret.Text(mine.key)},
			[]string{"ca_material cert_path: They are two ways", "cert_material cert_path: They are two ways", "key_material cert_path: They are two ways"},
		},
		"no authority":         {Config{CAMaterial: "s3cret"}, []string{"ca_material: There is no certificate"}},
		"a certificate alone":  {Config{CertMaterial: mine.certificate}, []string{"cert_material: It needs the key"}},
		"a key alone":          {Config{KeyMaterial: secret.Text(mine.key)}, []string{"key_material: It needs the certificate"}},
		"another's key":        {Config{CertMaterial: mine.certificate, KeyMaterial: secret.Text(stranger.key)}, []string{"cert_material key_material: It and the key are no"}},
		"no key":               {Config{CertMaterial: mine.certificate, KeyMaterial: "s3cret"}, []string{"cert_material key_material: It and the key are no"}},
		"a registry":           {registry(RegistryAuth{Address: "a", Username: "u", Password: "s3cret"}), nil},
		"no registry":          {registry(RegistryAuth{Username: "u", Password: "s3cret"}), []string{"registry_auth.1.address: It names no registry"}},
		"a user alone":         {registry(RegistryAuth{Address: "a", Username: "u"}), []string{"registry_auth.1.username: It needs password"}},
		"a password alone":     {registry(RegistryAuth{Address: "a", Password: "s3cret"}), []string{"registry_auth.1.password: It needs username"}},
		"a user, but disabled": {registry(RegistryAuth{Address: "a", Username: "u", AuthDisabled: true}), nil},
		"three ways": {
			registry(RegistryAuth{Address: "a", Username: "u", Password: "s3cret", ConfigFile: "f", ConfigFileContent: "{}"}),
			[]string{"registry_auth.1.username registry_auth.1.config_file registry_auth.1.config_file_content: They are different ways"},
		},
		"no config.json": {registry(RegistryAuth{Address: "a", ConfigFileContent: "s3cret"}), []string{"registry_auth.1.config_file_content: It is no config.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			problems := tc.config.Check()
			var got []string
			for i, problem := range problems {
				text := strings.Join(problem.Arguments, " ") + ": " + problem.Text
				if i < len(tc.want) && strings.HasPrefix(text, tc.want[i]) {
					text = tc.want[i]
				}
				got = append(got, text)
				if !strings.HasSuffix(problem.Text, ".") {
					t.Errorf("it is no sentence: %s", problem.Text)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if shown := fmt.Sprint(problems); strings.Contains(shown, "s3cret") {
				t.Errorf("it shows a secret: %s", shown)
			}
			if len(tc.want) > 0 {
				if _, err := New(tc.config); err == nil || err.Error() != problems.Error() {
					t.Errorf("a client of it: %v", err)
				}
			}
		})
	}
}

func TestPipesAreForWindows(t *testing.T) {
	problems := Config{Host: "npipe:////./pipe/docker_engine"}.Check()
	if (len(problems) == 0) != (runtime.GOOS == "windows") {
		t.Errorf("problems: %v", problems)
	}
}
