package upgrader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// charted makes upgraders as the official chart does, and gives their delegates'
// names.
func (p *place) charted(count int) []string {
	p.t.Helper()
	var names []string
	for i := range count {
		name := fmt.Sprintf("team-%02d", i)
		names = append(names, name)
		p.create("helm", strings.ReplaceAll(p.plainChartManifest(), "payments", name))
	}
	return names
}

// plainChartManifest is chartManifest without a certificate authority of the
// user's, of which the chart gets the file's mode wrong.
func (p *place) plainChartManifest() string {
	return strings.NewReplacer(
		"\n            - {name: custom-certs, mountPath: /ca-bundle, readOnly: true}", "",
		"\n          - {name: custom-certs, secret: {secretName: company-ca, defaultMode: 400}}", "",
	).Replace(p.chartManifest())
}

// userWith makes a user with rights in the namespace, and waits until they count.
func (p *place) userWith(name string, rules ...string) (kubeconfig string) {
	p.t.Helper()
	kubeconfig, err := p.User(name)
	if err != nil {
		p.t.Fatal(err)
	}
	p.create("somebody", "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: "+name+"}, rules: ["+strings.Join(rules, ", ")+"]}")
	p.create("somebody", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: "+name+"}, "+
		"roleRef: {kind: Role, name: "+name+", apiGroup: rbac.authorization.k8s.io}, "+
		"subjects: [{kind: User, name: "+name+", apiGroup: rbac.authorization.k8s.io}]}")
	return kubeconfig
}

func (p *place) identity(cronJob string) acctest.Block {
	return acctest.Block{"platform": "kubernetes", "namespace": p.namespace, "name": cronJob}
}

// What one query finds, the configuration that is generated of it imports, and
// the plan changes nothing.
func TestAccList_importsWithoutChange(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	const count = 50
	want := map[string]bool{}
	for _, name := range p.charted(count) {
		want[name+"-upgrader-job"] = true
	}
	before := p.contents()
	w := p.wire(p.Kubeconfig)
	for _, found := range listed(w, acctest.Block{"kubernetes": acctest.Block{"namespace": p.namespace}}, 0, true) {
		quiet(t, "listing", found.Said)
		name := fmt.Sprint(found.Identity["name"])
		if delete(want, name); len(found.Resource) == 0 {
			t.Fatalf("%s has no resource", name)
		}
		config := w.Generate(upgraderType, found.Resource)
		quiet(t, "validating what was generated", w.Validate(upgraderType, config))
		imported, diags := w.ImportByIdentity(upgraderType, found.Identity)
		quiet(t, "importing", diags)
		object, diags := w.Read(upgraderType, imported)
		quiet(t, "reading", diags)
		if diff := cmp.Diff(found.Resource, object.State); diff != "" {
			t.Errorf("%s: the list and the import differ (-listed +imported):\n%s", name, diff)
		}
		planned, replaces, diags := w.Plan(upgraderType, object, config)
		quiet(t, "planning", diags)
		if diff := cmp.Diff(object.State, planned.State); diff != "" || replaces {
			t.Errorf("%s: the plan changes something, or replaces (%t):\n%s", name, replaces, diff)
		}
		if strings.Contains(asJSON(t, []any{found, object.State, config}), token) {
			t.Errorf("%s: the token is shown", name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if diff := cmp.Diff(before, p.contents()); diff != "" {
		t.Errorf("something has changed (-before +after):\n%s", diff)
	}
}

// Only upgraders are found, whoever made them, and no more than are wanted. The
// display name is readable.
func TestAccList_findsUpgradersOnly(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.charted(2)
	p.create("kubectl", p.documentedManifest())
	o := operations{p.wire(p.Kubeconfig), t, true}
	own := p.inBlock("")
	own["delegate_name"] = "own"
	o.change("create", acctest.Object{}, own, p.identity("own-upgrader-job"))
	for _, other := range []string{
		// Another program altogether, one that only has the container's name, and the upgrader in another mode.
		`{name: backup, image: backup}`,
		`{name: upgrader, image: x, envFrom: [{secretRef: {name: token}}]}`,
		`{name: upgrader, image: x, volumeMounts: [{name: config-volume, mountPath: /etc/config}]}`,
		`{name: upgrader, image: x, envFrom: [{secretRef: {name: token}}], volumeMounts: [{name: config-volume, mountPath: /etc/config}]}`,
	} {
		p.create("kubectl", strings.NewReplacer("NAME", fmt.Sprintf("other-%d", len(other)), "CONTAINER", other).Replace(`
apiVersion: batch/v1
kind: CronJob
metadata: {name: NAME}
spec: {schedule: "@daily", jobTemplate: {spec: {template: {spec: {restartPolicy: Never,
  volumes: [{name: config-volume, configMap: {name: secrets-upgrader}}], containers: [CONTAINER]}}}}}`))
	}
	p.create("kubectl", "{apiVersion: v1, kind: ConfigMap, metadata: {name: secrets-upgrader}, data: {config.yaml: 'mode: Agent'}}")

	here := acctest.Block{"kubernetes": acctest.Block{"namespace": p.namespace}}
	want := []string{
		p.namespace + "/own-upgrader-job, of the delegate own", p.namespace + "/payments-upgrader-job, of the delegate payments",
		p.namespace + "/team-00-upgrader-job, of the delegate team-00", p.namespace + "/team-01-upgrader-job, of the delegate team-01",
	}
	for _, resources := range []bool{false, true} {
		for _, limit := range []int64{0, 1, 3, 9} {
			names := []string{}
			for _, found := range listed(o.Wire, here, limit, resources) {
				quiet(t, "listing", found.Said)
				names = append(names, found.DisplayName)
				if (found.Resource != nil) != resources {
					t.Errorf("%s: the resource is %v", found.DisplayName, found.Resource)
				}
			}
			expected := want
			if limit > 0 {
				expected = want[:min(int(limit), len(want))]
			}
			if diff := cmp.Diff(expected, names); diff != "" {
				t.Errorf("resources %t, limit %d (-want +got):\n%s", resources, limit, diff)
			}
		}
	}
	// Terraform may stop reading at any moment.
	o.List(upgraderType, here, 0, true, func(acctest.Listed) bool { return false })
	// The whole cluster has these, too, among those of other tests.
	found := 0
	for _, one := range listed(o.Wire, acctest.Block{"kubernetes": acctest.Block{}}, 0, false) {
		quiet(t, "listing", one.Said)
		if one.Identity["namespace"] == p.namespace {
			found++
		}
	}
	if found != len(want) {
		t.Errorf("the whole cluster has %d of them, want %d", found, len(want))
	}
}

// What can't be read doesn't end the list, and what can't be listed says what to
// do about it.
func TestAccList_errors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.charted(2)
	here := acctest.Block{"kubernetes": acctest.Block{"namespace": p.namespace}}
	for name, test := range map[string]struct {
		config acctest.Block
		rights string
		says   []string
	}{
		"no right in the whole cluster": {
			config: acctest.Block{"kubernetes": acctest.Block{}}, rights: `{apiGroups: [batch], resources: [cronjobs], verbs: [list]}`,
			says: []string{"Unable to List Upgraders", "list the CronJobs of all namespaces", "kubernetes.namespace", "ClusterRole", "--all-namespaces"},
		},
		"no right in the namespace": {
			config: here, rights: `{apiGroups: [""], resources: [pods], verbs: [list]}`,
			says: []string{"Unable to List Upgraders", "list the CronJobs in namespace " + p.namespace, "may not list cronjobs.batch", "kubectl auth can-i"},
		},
	} {
		user := "lister-" + strings.ReplaceAll(name, " ", "-") + "-" + p.namespace
		kubeconfig := p.userWith(user, test.rights)
		results := listed(p.wire(kubeconfig), test.config, 0, true)
		if len(results) != 1 {
			t.Fatalf("%s: results %v", name, results)
		}
		sayingOnce(t, name, results[0].Said, test.says...)
	}

	// One that can't be read whole is left out, and the others are there.
	kubeconfig := p.userWith("reader-"+p.namespace,
		`{apiGroups: [batch], resources: [cronjobs], verbs: [get, list]}`,
		`{apiGroups: [""], resources: [configmaps, serviceaccounts], verbs: [get]}`,
		`{apiGroups: [""], resources: [secrets], resourceNames: [team-01-upgrader-token], verbs: [get]}`,
		`{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [get, list]}`)
	var results []acctest.Listed
	eventually(t, "the rights count", func() bool {
		results = listed(p.wire(kubeconfig), here, 0, true)
		return len(results) == 2 && results[1].Resource != nil
	})
	if results[1].Identity["name"] != "team-01-upgrader-job" {
		t.Fatalf("results %v", results)
	}
	sayingOnce(t, "a Secret that is out of reach", results[0].Said, "Upgrader Left Out", "kubernetes/"+p.namespace+"/team-00-upgrader-job is not among the results", "secrets")
	if results[0].Identity != nil {
		t.Errorf("what was left out has the identity %v", results[0].Identity)
	}
	// Without the resources nothing of it is needed.
	if results := listed(p.wire(kubeconfig), here, 0, false); len(results) != 2 || len(results[0].Said)+len(results[1].Said) > 0 {
		t.Errorf("results %v", results)
	}
}

func TestList_validates(t *testing.T) {
	t.Parallel()
	w := acctest.NewManager(t).Wire(t)
	for name, test := range map[string]struct {
		config acctest.Block
		says   string
	}{
		"neither":     {acctest.Block{}, "No attribute specified when one (and only one) of"},
		"both":        {acctest.Block{"kubernetes": acctest.Block{}, "docker": acctest.Block{}}, "one (and only one)"},
		"a namespace": {acctest.Block{"kubernetes": acctest.Block{"namespace": "a/b"}}, "must be a namespace"},
		"an address":  {acctest.Block{"docker": acctest.Block{"host": "nonsense"}}, "nonsense"},
	} {
		diags := w.ValidateList(upgraderType, test.config)
		if len(diags) == 0 || !strings.Contains(diags[0].Detail, test.says) {
			t.Errorf("%s: it says %v, want %q", name, diags, test.says)
		}
	}
	if diags := w.ValidateList(upgraderType, acctest.Block{"kubernetes": acctest.Block{}}); len(diags) > 0 {
		t.Errorf("the whole cluster is refused: %v", diags)
	}
}

// On an engine the containers with the documented environment are found, running
// or not; with a token from somewhere, the plan after import changes nothing but
// that.
func TestAccList_onDocker(t *testing.T) {
	t.Parallel()
	d := newDock(t)
	d.documented(d.name+"-a", "SCHEDULE=*/30 * * * *", "EXTRA=1")
	d.documented(d.name + "-b")
	_, program := programs(t)
	d.runDelegate(d.name+"-delegate", d.addImage("delegate", program))
	elsewhere := d.wire("tcp://127.0.0.1:1")
	found := map[string]acctest.Listed{}
	elsewhere.List(upgraderType, acctest.Block{"docker": acctest.Block{"host": d.Host}}, 0, true, func(one acctest.Listed) bool {
		if name := fmt.Sprint(one.Identity["name"]); strings.HasPrefix(name, d.name) { // others' come and go
			quiet(t, name, one.Said)
			found[name] = one
		}
		return true
	})
	if len(found) != 2 {
		t.Fatalf("found %v", found)
	}
	for name, one := range found {
		if one.DisplayName != name+", of the delegate "+d.name || one.Identity["host"] != d.Host {
			t.Errorf("%s is shown as %q, with the identity %v", name, one.DisplayName, one.Identity)
		}
		config := elsewhere.Generate(upgraderType, one.Resource)
		sayingOnce(t, "validating without a token", elsewhere.Validate(upgraderType, config), "Missing Token")
		config["token"] = token
		imported, diags := elsewhere.ImportByIdentity(upgraderType, one.Identity)
		quiet(t, "importing", diags)
		object, diags := elsewhere.Read(upgraderType, imported)
		quiet(t, "reading", diags)
		if diff := cmp.Diff(one.Resource, object.State); diff != "" {
			t.Errorf("the list and the import differ (-listed +imported):\n%s", diff)
		}
		planned, replaces, diags := elsewhere.Plan(upgraderType, object, config)
		quiet(t, "planning", diags)
		delete(planned.State, "token")
		if diff := cmp.Diff(object.State, planned.State); diff != "" || replaces {
			t.Errorf("the plan changes more than the token, or replaces (%t):\n%s", replaces, diff)
		}
	}
	results := listed(d.wire("tcp://127.0.0.1:1"), acctest.Block{"docker": acctest.Block{}}, 0, false)
	if len(results) != 1 {
		t.Fatalf("results %v", results)
	}
	sayingOnce(t, "no engine", results[0].Said, "Unable to List Upgraders", "list the containers of the engine at tcp://127.0.0.1:1")
}
