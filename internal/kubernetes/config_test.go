package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

func TestCheck(t *testing.T) {
	one, other := newPair(t), newPair(t)
	program := &Exec{APIVersion: "client.authentication.k8s.io/v1beta1", Command: "get-token"}
	const host = "https://cluster.example.com"
	for name, tc := range map[string]struct {
		config Config
		// want is the arguments and the beginning of each problem.
		want []string
	}{
		"nothing":                 {Config{}, nil},
		"a host":                  {Config{Host: host}, nil},
		"a host and a port":       {Config{Host: "cluster.example.com:6443"}, nil},
		"an address of a network": {Config{Host: "https://[::1]:6443/prefix"}, nil},
		"all of AKS's": {Config{
			Host: host, Username: "u", Password: "s3cret", ClusterCACertificate: one.certificate,
			ClientCertificate: one.certificate, ClientKey: secret.Text(one.key),
		}, nil},
		"a program":               {Config{Host: host, Exec: program}, nil},
		"a proxy":                 {Config{Host: host, ProxyURL: "http://u:s3cret@proxy.example.com:3128"}, nil},
		"both kinds of paths":     {Config{ConfigPath: "a", ConfigPaths: []string{"b"}}, []string{"config_path config_paths: Only one"}},
		"a host of another kind":  {Config{Host: "ssh://cluster.example.com"}, []string{"host: Its scheme is"}},
		"a host with credentials": {Config{Host: "https://u:s3cret@cluster.example.com"}, []string{"host: It holds credentials"}},
		"a host that is no URL":   {Config{Host: "https://u:s3cret@clu ster"}, []string{"host: It is no address"}},
		"a host without a name":   {Config{Host: "https://:6443"}, []string{"host: There is no host"}},
		"a host with a query":     {Config{Host: host + "?token=s3cret"}, []string{"host: It must end"}},
		"a proxy of another kind": {Config{Host: host, ProxyURL: "ftp://u:s3cret@proxy.example.com"}, []string{"proxy_url: Its scheme is"}},
		"a proxy without a name":  {Config{Host: host, ProxyURL: "proxy.example.com:3128"}, []string{"proxy_url: It is no address"}},
		"no authority":            {Config{Host: host, ClusterCACertificate: "s3cret"}, []string{"cluster_ca_certificate: There is no certificate"}},
		"an authority unused":     {Config{Host: host, Insecure: true, ClusterCACertificate: one.certificate}, []string{"insecure cluster_ca_certificate: A certificate authority"}},
		"a certificate alone":     {Config{Host: host, ClientCertificate: one.certificate}, []string{"client_certificate: It needs client_key"}},
		"a key alone":             {Config{Host: host, ClientKey: secret.Text(one.key)}, []string{"client_key: It needs client_certificate"}},
		"another's key":           {Config{Host: host, ClientCertificate: one.certificate, ClientKey: secret.Text(other.key)}, []string{"client_certificate client_key: They are no"}},
		"no key":                  {Config{Host: host, ClientCertificate: one.certificate, ClientKey: "s3cret"}, []string{"client_certificate client_key: They are no"}},
		"a password alone":        {Config{Host: host, Password: "s3cret"}, []string{"password: It needs username"}},
		"a broken token":          {Config{Host: host, Token: "s3cret\ns3cret"}, []string{"token: It holds a blank"}},
		"a token and a name":      {Config{Host: host, Token: "s3cret", Username: "u"}, []string{"token username: They are two ways"}},
		"a program and others": {
			Config{Host: host, Exec: program, Token: "s3cret", ClientCertificate: one.certificate, ClientKey: secret.Text(one.key)},
			[]string{"exec token: The program would never", "exec client_certificate: The program would never"},
		},
		"a program and a name":         {Config{Host: host, Exec: program, Username: "u"}, []string{"exec username: The program would never"}},
		"a program without a name":     {Config{Host: host, Exec: &Exec{APIVersion: program.APIVersion}}, []string{"exec.command: It names no program"}},
		"a program of an older kind":   {Config{Host: host, Exec: &Exec{APIVersion: "client.authentication.k8s.io/v1alpha1", Command: "x"}}, []string{"exec.api_version: It is"}},
		"a context without kubeconfig": {Config{Host: host, ConfigContext: "c"}, []string{"config_context: It chooses from a kubeconfig"}},
		"all of a context": {
			Config{Host: host, ConfigContextAuthInfo: "u", ConfigContextCluster: "c"},
			[]string{"config_context_auth_info: It chooses", "config_context_cluster: It chooses"},
		},
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
