package standin_test

import (
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

const podToken = "the pod's own token"

// cluster is as much of Kubernetes as one run of the upgrader touches.
type cluster struct {
	t      *testing.T
	server *httptest.Server
	root   string

	mu sync.Mutex
	// images of the containers of the Deployment d1, and of the CronJobs by their name.
	delegate map[string]string
	cronJobs map[string]string
	patches  []string
	forbid   bool
}

// newCluster makes a namespace with the Deployment d1, which runs the image beside a sidecar.
func newCluster(t *testing.T, image string) *cluster {
	t.Helper()
	c := &cluster{
		t:        t,
		root:     t.TempDir(),
		delegate: map[string]string{"sidecar": "sidecar:1", "delegate": image},
		cronJobs: map[string]string{"d1": "harness/upgrader:0", "d1-upgrader-job": "harness/upgrader:1"},
	}
	c.server = httptest.NewTLSServer(c)
	t.Cleanup(c.server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.server.Certificate().Raw})
	c.write("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", string(authority))
	c.write("/var/run/secrets/kubernetes.io/serviceaccount/token", podToken)
	return c
}

// write puts a file into the pod.
func (c *cluster) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run makes one run of the upgrader with the configuration.
func (c *cluster) run(config, token string, extra ...string) result {
	c.t.Helper()
	upgrader, _ := programs(c.t)
	c.write("/etc/config/config.yaml", config)
	at, err := url.Parse(c.server.URL)
	if err != nil {
		c.t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(at.Host)
	if err != nil {
		c.t.Fatal(err)
	}
	process, output := command(c.t.Context(), upgrader, map[string]string{
		"UPGRADER_TOKEN": token, "HOSTNAME": "d1-upgrader-job-29000000-x7k2p",
		"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port,
	}, append(extra, "STANDIN_ROOT="+c.root)...)
	if err := process.Start(); err != nil {
		c.t.Fatal(err)
	}
	return finish(c.t, process, output, token)
}

func (c *cluster) wantImage(want string, patches int) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	wantEqual(c.t, c.delegate, map[string]string{"sidecar": "sidecar:1", "delegate": want})
	wantEqual(c.t, len(c.patches), patches)
}

// ServeHTTP knows one Deployment and the list of CronJobs.
func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	const deployment = "/apis/apps/v1/namespaces/harness-delegate-ng/deployments/d1"
	const jobs = "/apis/batch/v1/namespaces/harness-delegate-ng/cronjobs"
	switch {
	case r.Header.Get("Authorization") != "Bearer "+podToken:
		fail(w, http.StatusUnauthorized, "Unauthorized")
	case c.forbid:
		fail(w, http.StatusForbidden, "deployments.apps is forbidden")
	case r.Method+r.URL.Path == "GET"+deployment:
		send(w, workload(c.delegate))
	case r.Method+r.URL.Path == "GET"+jobs:
		items := []any{}
		for name, image := range c.cronJobs {
			items = append(items, map[string]any{
				"metadata": map[string]any{"name": name},
				"spec":     map[string]any{"jobTemplate": workload(map[string]string{"upgrader": image})},
			})
		}
		send(w, map[string]any{"items": items})
	case r.Method+r.URL.Path == "PATCH"+deployment:
		c.patch(w, r, ofDeployment, c.delegate)
	case r.Method+r.URL.Path == "PATCH"+jobs+"/d1-upgrader-job":
		containers := map[string]string{}
		c.patch(w, r, ofCronJob, containers)
		c.cronJobs["d1-upgrader-job"] = containers["upgrader"]
	default:
		fail(w, http.StatusNotFound, r.Method+" "+r.URL.Path+" is not known")
	}
}

// podTemplate is a Deployment, or what is inside a CronJob, as far as a patch of images names it.
type podTemplate struct {
	Spec struct {
		Template struct {
			Spec struct {
				Containers []struct{ Name, Image string }
			}
		}
	}
}

// patch merges the images of a patch into containers. read takes the pod template out of what the patch is of.
func (c *cluster) patch(w http.ResponseWriter, r *http.Request, read func(*json.Decoder) (podTemplate, error), containers map[string]string) {
	c.patches = append(c.patches, r.URL.Path)
	if r.Header.Get("Content-Type") != "application/strategic-merge-patch+json" {
		fail(w, http.StatusUnsupportedMediaType, "not a strategic merge")
		return
	}
	template, err := read(json.NewDecoder(r.Body))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	for _, changed := range template.Spec.Template.Spec.Containers {
		containers[changed.Name] = changed.Image
	}
	send(w, map[string]any{})
}

func ofDeployment(decoder *json.Decoder) (podTemplate, error) {
	var template podTemplate
	err := decoder.Decode(&template)
	return template, err
}

func ofCronJob(decoder *json.Decoder) (podTemplate, error) {
	var job struct {
		Spec struct{ JobTemplate podTemplate }
	}
	err := decoder.Decode(&job)
	return job.Spec.JobTemplate, err
}

func workload(images map[string]string) map[string]any {
	containers := []any{}
	for name, image := range images {
		containers = append(containers, map[string]any{"name": name, "image": image})
	}
	return map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": containers}}}}
}

func send(w http.ResponseWriter, object any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object)
}

func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"kind": "Status", "message": message})
}
