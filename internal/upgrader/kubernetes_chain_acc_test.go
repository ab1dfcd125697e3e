package upgrader_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

const (
	oldImage = "harness/delegate:24.03.82600"
	ownImage = "registry.example.com/payments/delegate:24.04.82804"
)

// newChain is a place with a delegate that runs, and that the Manager knows in
// the project default/payments; Jobs run the stand-in for the upgrader.
func newChain(t *testing.T) *place {
	t.Helper()
	if err := kubetest.CanRunPods(); err != nil {
		t.Skip(err)
	}
	p := newPlace(t)
	program, _, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.manager.AddDelegateToken(simulator.DelegateToken{
		AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: "payments", Value: token,
	})
	p.manager.AddDelegate(simulator.Delegate{
		AccountID: acctest.Account, OrgID: "default", ProjectID: "payments", Name: delegate, TokenName: "payments",
	})
	p.create("somebody", secretManifest("payments-account", "DELEGATE_TOKEN", token))
	p.create("somebody", p.delegateManifest(delegate, oldImage, 1))
	t.Cleanup(p.AutoReady(t.Context(), p.namespace, "app="+delegate))
	stop := p.RunJobs(t.Context(), p.namespace, kubetest.Program{Path: program})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// override is an override for the delegate's project.
const override = `
resource "harnessdelegate_tag_override" "it" {
  org_id       = "default"
  project_id   = "payments"
  delegate_tag = "` + ownImage + `"
}
`

func (p *place) delegateImage() any {
	return field(p.get("Deployment/payments").Object, "spec.template.spec.containers.0.image")
}

// runsNow starts a run of the deployed CronJob, as its schedule would, and waits
// for its end. It returns the log.
func (p *place) runsNow(want string) string {
	p.t.Helper()
	job, err := p.Trigger(p.t.Context(), p.namespace, "payments-upgrader-job")
	if err != nil {
		p.t.Fatal(err)
	}
	ended := ""
	eventually(p.t, "the run has ended", func() bool {
		conditions, _ := field(p.get("Job/"+job).Object, "status.conditions").([]any)
		for _, condition := range conditions {
			if kind, _ := field(condition, "type").(string); (kind == "Complete" || kind == "Failed") && field(condition, "status") == "True" {
				ended = kind
			}
		}
		return ended != ""
	})
	pods, err := p.all("Pod")
	if err != nil {
		p.t.Fatal(err)
	}
	log := ""
	for _, pod := range pods {
		if pod.GetLabels()["job-name"] == job {
			text, err := p.Logs(p.t.Context(), p.namespace, pod.GetName())
			if err != nil {
				p.t.Fatal(err)
			}
			log += text
		}
	}
	if ended != want || strings.Contains(log, token) {
		p.t.Errorf("the run is %s, want %s; its log is\n%s", ended, want, log)
	}
	return log
}

// The whole chain: one configuration sets an override and deploys the upgrader,
// and a run of that upgrader brings the image to the delegate, which is rolled
// out.
func TestAccKubernetes_chain(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	given := in(p.namespace).with("kubernetes.backoff_limit", "0")
	reaches := func(image string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			log := p.runsNow("Complete")
			if got := p.delegateImage(); got != image {
				return fmt.Errorf("the delegate runs %v, want %s:\n%s", got, image, log)
			}
			eventually(t, "the roll-out is over", func() bool {
				d := p.get("Deployment/payments").Object
				return field(d, "status.observedGeneration") == field(d, "metadata.generation") &&
					field(d, "status.updatedReplicas") == int64(1) && field(d, "status.readyReplicas") == int64(1) && field(d, "status.replicas") == int64(1)
			})
			return nil
		}
	}
	p.upgraders([]string{"Secret/payments-account"},
		resource.TestStep{Config: p.config(override, given.with("dry_run", "true").block("it")), Check: reaches(oldImage)},
		resource.TestStep{Config: p.config(override, given.with("auto_upgrade", "false").block("it")), Check: reaches(ownImage)},
		resource.TestStep{Config: p.config(given.with("kubernetes.registry_mirror", `"mirror.example.com/hub"`).block("it")), Check: reaches("mirror.example.com/hub/harness/delegate:" + acctest.Latest)},
	)
	if got := p.delegateImage(); got != "mirror.example.com/hub/harness/delegate:"+acctest.Latest {
		t.Errorf("destroying has set the delegate to %v", got)
	}
}

// verify runs the upgrader right after apply, and waits for it.
func TestAccKubernetes_verify(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	verified := in(p.namespace).with("verify", "true")
	broken := verified.with("account_id", `"unknown-account"`)
	p.upgraders([]string{"Secret/payments-account"}, resource.TestStep{
		Config: p.config(override, strings.Replace(verified.block("it"), "{\n", "{\n  depends_on = [harnessdelegate_tag_override.it]\n", 1)),
		Check: func(*terraform.State) error {
			if got := p.delegateImage(); got != ownImage {
				return fmt.Errorf("after apply the delegate runs %v", got)
			}
			jobs, err := p.all("Job")
			if err == nil && len(jobs) > 0 {
				err = fmt.Errorf("%d Jobs are left of the run", len(jobs))
			}
			return err
		},
	}, resource.TestStep{
		Config:      p.config(override, broken.block("it")),
		ExpectError: saying("Upgrader Does Not Work", "the run failed", "The last lines of its log", "upgrader failed", "is kept, so that it can be looked at"),
	}, resource.TestStep{
		// What was applied is kept, and the next apply tries the run again.
		Config: p.config(override, broken.block("it")), ExpectError: saying("Upgrader Does Not Work"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), onlyChanges{address, []string{"drift"}},
		}},
	}, resource.TestStep{
		Config:           p.config(override, verified.block("it")),
		ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
	})
}

// Credentials of a proxy lie in a Secret, whose file the upgrader reads; the
// Manager is only reached through the proxy.
func TestAccKubernetes_chainThroughProxy(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	manager, err := url.Parse(p.manager.URL)
	if err != nil {
		t.Fatal(err)
	}
	var passed atomic.Int32
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(manager) }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentials := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		if user, password, _ := credentials.BasicAuth(); user != "jane" || password != "p@ss: #1" {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		passed.Add(1)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	host, port, _ := strings.Cut(strings.TrimPrefix(proxy.URL, "http://"), ":")
	given := in(p.namespace).with("verify", "true").with("manager_endpoint", `"http://manager.invalid"`).
		with("proxy.host", quoted(host)).with("proxy.port", port).with("proxy.user", `"jane"`).with("proxy.password", `"p@ss: #1"`)
	p.upgraders([]string{"Secret/payments-account"}, resource.TestStep{
		Config: p.config(override, strings.Replace(given.block("it"), "{\n", "{\n  depends_on = [harnessdelegate_tag_override.it]\n", 1)),
		Check: func(*terraform.State) error {
			if got := p.delegateImage(); got != ownImage || passed.Load() == 0 {
				return fmt.Errorf("after apply the delegate runs %v; %d requests came through the proxy", got, passed.Load())
			}
			if p.find("ConfigMap/payments-upgrader-config") != nil || p.fieldOf(delegate, "Config", "data.config.yaml.proxyPassword") != "p@ss: #1" {
				return fmt.Errorf("the password isn't where it should be")
			}
			return nil
		},
	})
}

// The files of mutual TLS and of a private authority can be read by an upgrader
// that isn't root, and by nobody who isn't of its group.
func TestAccKubernetes_chainWithCertificates(t *testing.T) {
	t.Parallel()
	p := newChain(t)
	server := httptest.NewUnstartedServer(p.manager)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	// The server's own certificate does for the client, too.
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	encoded := asJSON(t, map[string]string{
		"client.crt": certificate, "client.key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	})
	p.create("somebody", "{apiVersion: v1, kind: Secret, metadata: {name: certificates}, stringData: "+encoded+"}")
	p.create("somebody", secretManifest("company-ca", "ca.pem", certificate))
	given := in(p.namespace).with("verify", "true").with("manager_endpoint", quoted(server.URL)).with("timeouts.create", `"1m"`).
		with("kubernetes.mtls_secret", `"certificates"`).with("kubernetes.custom_ca_secret", `"company-ca"`).
		with("kubernetes.pod_security_context", `{ runAsUser = 1001, runAsNonRoot = true, fsGroup = 1001 }`)
	p.upgraders([]string{"Secret/payments-account", "Secret/certificates", "Secret/company-ca"}, resource.TestStep{
		Config: p.config(given.block("it")),
		Check: func(*terraform.State) error {
			if got := p.delegateImage(); got != "harness/delegate:"+acctest.Latest {
				return fmt.Errorf("after apply the delegate runs %v", got)
			}
			for _, volume := range []string{"1", "2"} {
				if mode := p.fieldOf(delegate, "CronJob", "spec.jobTemplate.spec.template.spec.volumes."+volume+".secret.defaultMode"); mode != int64(0o440) {
					return fmt.Errorf("the mode of volume %s is %o", volume, mode)
				}
			}
			return nil
		},
	})
}
