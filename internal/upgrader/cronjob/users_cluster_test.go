package cronjob

import (
	"maps"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// workload writes something that makes pods, with fields of its pods' spec and of
// their container.
func (f *fixture) workload(kind, name string, podFields, containerFields map[string]any) {
	f.Helper()
	container := map[string]any{"name": "main", "image": "x"}
	maps.Copy(container, containerFields)
	podSpec := map[string]any{"containers": []any{container}}
	if kind == kindJob {
		podSpec["restartPolicy"] = "Never"
	}
	maps.Copy(podSpec, podFields)
	labels := map[string]any{"app": name}
	fields := map[string]any{"template": map[string]any{"metadata": map[string]any{"labels": labels}, "spec": podSpec}}
	if kind != kindJob {
		fields["selector"] = map[string]any{"matchLabels": labels}
	}
	if kind == kindStatefulSet {
		fields["serviceName"] = name
	}
	f.write("x", map[string]any{
		"apiVersion": kinds[kind].resource.GroupVersion().String(), "kind": kind, "metadata": map[string]any{"name": name}, "spec": fields,
	})
}

func byName(field, name string) map[string]any {
	return map[string]any{field: map[string]any{"name": name}}
}

// Whatever else in the namespace uses an object keeps it, on a destroy and on a
// change of names.
func TestCluster_usedByOthers(t *testing.T) {
	t.Parallel()
	volume := func(source map[string]any) map[string]any {
		source["name"] = "v"
		return map[string]any{"volumes": []any{source}}
	}
	variable := func(source, name string) map[string]any {
		return map[string]any{"env": []any{map[string]any{"name": "A", "valueFrom": map[string]any{source: map[string]any{"name": name, "key": "a"}}}}}
	}
	for name, tt := range map[string]struct {
		kind           string
		pod, container map[string]any
		keeps          key
	}{
		"account":          {kindDeployment, map[string]any{"serviceAccountName": theAccount.name}, nil, theAccount},
		"pull secret":      {kindStatefulSet, map[string]any{"imagePullSecrets": []any{map[string]any{"name": theSecret.name}}}, nil, theSecret},
		"secret volume":    {kindDaemonSet, volume(map[string]any{"secret": map[string]any{"secretName": theSecret.name}}), nil, theSecret},
		"config volume":    {kindJob, volume(byName("configMap", theConfig.name)), nil, theConfig},
		"projected secret": {kindDeployment, volume(map[string]any{"projected": map[string]any{"sources": []any{byName("secret", theSecret.name)}}}), nil, theSecret},
		"projected config": {kindDeployment, volume(map[string]any{"projected": map[string]any{"sources": []any{byName("configMap", theConfig.name)}}}), nil, theConfig},
		"secret source":    {kindDeployment, nil, map[string]any{"envFrom": []any{byName("secretRef", theSecret.name)}}, theSecret},
		"config source":    {kindDeployment, nil, map[string]any{"envFrom": []any{byName("configMapRef", theConfig.name)}}, theConfig},
		"secret variable":  {kindDeployment, nil, variable("secretKeyRef", theSecret.name), theSecret},
		"config variable":  {kindDeployment, map[string]any{"initContainers": []any{map[string]any{"name": "i", "image": "x", "env": variable("configMapKeyRef", theConfig.name)["env"]}}}, nil, theConfig},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			want := f.in(small())
			applied := f.apply(want, nil)
			f.workload(tt.kind, "other", tt.pod, tt.container)
			why := tt.keeps.String() + " left: " + tt.kind + "/other uses it"

			renamed := f.in(small(func(u *spec.Upgrader) { u.Kubernetes.Names = spec.DefaultNames("api") }))
			again := f.apply(renamed, applied.Objects)
			if !f.exists(tt.keeps) || !slices.Contains(again.Left, why) {
				t.Errorf("after a change of names: left %q", again.Left)
			}
			// It is the other's now: no plan is to show it for ever.
			seen, err := f.platform.Observe(t.Context(), renamed, again.Objects)
			if err != nil || len(seen.Drift) > 0 || len(again.Objects) != 6 {
				t.Errorf("drift %q, objects %v, %v", seen.Drift, again.Objects, err)
			}
			back := f.apply(want, again.Objects)
			gone, err := f.platform.Delete(t.Context(), want, back.Objects, nil)
			if err != nil || !f.exists(tt.keeps) || !slices.Contains(gone.Left, why) || f.exists(theCronJob) {
				t.Errorf("after a destroy: %+v, %v", gone, err)
			}
			if tt.keeps != theAccount && len(gone.Done) != 5 {
				t.Errorf("done %q", gone.Done)
			}
		})
	}
}

// The namespace's own ServiceAccount is never deleted.
func TestCluster_defaultAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.write("x", map[string]any{"apiVersion": "v1", "kind": kindServiceAccount, "metadata": map[string]any{"name": defaultAccount}})
	want := f.in(small(func(u *spec.Upgrader) { u.Kubernetes.ServiceAccount = defaultAccount }))
	applied := f.apply(want, append(f.observe(want).Objects, identity(f.read(key{kindServiceAccount, defaultAccount}))))
	gone, err := f.platform.Delete(t.Context(), want, applied.Objects, nil)
	if err != nil || !said(gone.Left, "ServiceAccount/default left: ") || !f.exists(key{kindServiceAccount, defaultAccount}) || len(gone.Done) != 5 {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// Who can't see the others keeps what this provider has not made.
func TestCluster_usersHidden(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.writeFile("helm", "manifest.yaml", "DELEGATE", "web")
	have := f.taken("web-upgrader-job")
	objects := f.observe(have).Objects
	rights := []any{
		rule("", []any{"get", "delete", "patch", "create"}, "secrets", "configmaps", "serviceaccounts"),
		rule("batch", []any{"*"}, "cronjobs", "jobs"), rule(rbacGroup, []any{"*"}, "roles", "rolebindings"),
	}
	all := f.platform
	f.platform = f.as("blind-"+f.namespace, rights...)
	eventually(t, func() bool {
		_, err := f.platform.Observe(t.Context(), have, nil)
		return err == nil
	})
	gone, err := f.platform.Delete(t.Context(), have, objects, nil)
	if err != nil || len(gone.Left) != 5 || f.exists(theCronJob) ||
		!said(gone.Left, "Secret/web-upgrader-token left: this resource has not made it, and it may be in use: these credentials may not list daemonsets, deployments, statefulsets") {
		t.Errorf("deleted %+v, %v", gone, err)
	}

	// What it has made goes all the same.
	f.platform = all
	own := f.in(small(func(u *spec.Upgrader) { u.Kubernetes.Names = spec.DefaultNames("api") }))
	applied := f.apply(own, nil)
	f.platform = f.as("blind-"+f.namespace, rights...)
	if gone, err := f.platform.Delete(t.Context(), own, applied.Objects, nil); err != nil || len(gone.Left) > 0 {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// Names that another upgrader's objects have are refused before anything is
// written; what is left of a killed provider is not.
func TestCluster_namesOfAnother(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		share func(of, from *spec.Names)
		taken key
	}{
		"account": {func(of, from *spec.Names) { of.ServiceAccount = from.ServiceAccount }, theAccount},
		"secret":  {func(of, from *spec.Names) { of.Secret = from.Secret }, theSecret},
		"config":  {func(of, from *spec.Names) { of.ConfigMap = from.ConfigMap }, theConfig},
		"role":    {func(of, from *spec.Names) { of.Role = from.Role }, theRole},
		"binding": {func(of, from *spec.Names) { of.RoleBinding = from.RoleBinding }, theBinding},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			web := f.in(small())
			f.apply(web, nil)
			api := f.in(small(func(u *spec.Upgrader) {
				u.Token, u.DelegateName = "another-token-than-the-first", "api"
				u.Kubernetes.Names = spec.DefaultNames("api")
				tt.share(&u.Kubernetes.Names, &web.Kubernetes.Names)
			}))
			applied, err := f.platform.Apply(t.Context(), spec.Change{Want: api})
			f.failed(err, "Could not write "+tt.taken.String(), "CronJob/web-upgrader-job uses it", "the kubernetes block")
			if len(applied.Objects) > 0 || len(applied.Done) > 0 || len(f.observe(api).Objects) != 1 {
				t.Errorf("applied %+v", applied)
			}
			f.clean(web)
			if err := f.objects(kindCronJob).Delete(t.Context(), theCronJob.name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			f.apply(api, nil)
			f.clean(api)
		})
	}
}

// A label that the user gave and takes back is ours again; one that others have
// set stays theirs.
func TestCluster_nameLabel(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	theirs := f.in(small(func(u *spec.Upgrader) { u.Kubernetes.Labels = map[string]string{nameLabel: "mine"} }))
	want := f.in(small())
	applied := f.apply(theirs, nil)
	f.apply(want, applied.Objects)
	if got := f.read(theCronJob).GetLabels()[nameLabel]; got != theCronJob.name {
		t.Errorf("label %q", got)
	}
	f.patch("helm", theCronJob, types.MergePatchType, `{"metadata":{"labels":{"harness.io/name":"web"}}}`)
	for range 2 {
		f.clean(want)
		f.apply(want, applied.Objects)
		if got := f.read(theCronJob).GetLabels()[nameLabel]; got != "web" {
			t.Errorf("label %q", got)
		}
	}
}
