package cronjob

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func existing(name string) func(*spec.Upgrader) {
	return func(u *spec.Upgrader) { u.Token, u.Kubernetes.ExistingSecret = "", name }
}

// A Secret that existing_secret has named is never deleted afterwards, whoever
// has made it.
func TestCluster_secretHandedOver(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*fixture) []spec.Object{
		"of a token": func(f *fixture) []spec.Object { return f.apply(f.in(small()), nil).Objects },
		"of an import": func(f *fixture) []spec.Object {
			f.writeFile("kubectl-create", "manifest.yaml", "DELEGATE", "web")
			return f.observe(f.taken(theCronJob.name)).Objects
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			last := first(f)
			if !slices.ContainsFunc(last, func(o spec.Object) bool { return rememberedKey(o) == theSecret }) {
				t.Fatalf("not remembered: %v", last)
			}
			same := func(u *spec.Upgrader) {
				u.Kubernetes.ExistingSecret, u.Token = theSecret.name, ""
				u.Kubernetes.Names = f.find(theCronJob.name).Kubernetes.Names
			}
			other := func(u *spec.Upgrader) {
				same(u)
				u.Kubernetes.ExistingSecret = "other"
			}
			f.patch("kubectl-edit", theCronJob, types.MergePatchType, `{"spec":{"suspend":true}}`)
			applied := f.apply(f.in(small(same)), last)
			if slices.ContainsFunc(applied.Objects, func(o spec.Object) bool { return rememberedKey(o) == theSecret }) {
				t.Errorf("remembered: %v", applied.Objects)
			}
			applied = f.apply(f.in(small(other)), applied.Objects)
			if !f.exists(theSecret) {
				t.Error("the Secret is gone")
			}
			if _, err := f.platform.Delete(t.Context(), f.in(small(other)), applied.Objects, nil); err != nil || !f.exists(theSecret) {
				t.Errorf("after a destroy: %v", err)
			}
		})
	}
}

// What another upgrader of the same run has taken over is not deleted.
func TestCluster_deleteKeeps(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	applied := f.apply(want, nil)
	secret := identity(f.read(theSecret))
	gone, err := f.platform.Delete(t.Context(), want, applied.Objects, []spec.Object{secret})
	if err != nil || !f.exists(theSecret) || len(gone.Done) != 5 || !said(gone.Left, "Secret/web-upgrader-token left: another upgrader has taken it over") {
		t.Errorf("deleted %+v, %v", gone, err)
	}
	if gone, err = f.platform.Delete(t.Context(), want, applied.Objects, []spec.Object{{Kind: secret.Kind, Name: secret.Name, ID: "other"}}); err != nil || f.exists(theSecret) {
		t.Errorf("deleted %+v, %v", gone, err)
	}
}

// What is left of a change of names that was given up halfway is seen, and goes.
func TestCluster_leftOver(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	last := f.apply(want, nil).Objects
	f.secret("left", map[string]string{"a": "b"})
	left := identity(f.read(key{kindSecret, "left"}))
	gone := spec.Object{Kind: kindConfigMap, Name: "gone", ID: "x"}
	another := spec.Object{Kind: kindSecret, Name: "left", ID: "x"}
	seen, err := f.platform.Observe(t.Context(), want, append(slices.Clone(last), gone, another, left))
	if err != nil || !slices.Equal(seen.Drift, []string{"Secret/left is left over"}) || len(seen.Objects) != 6 {
		t.Errorf("drift %q, objects %v, %v", seen.Drift, seen.Objects, err)
	}
	named := f.in(small(existing("left")))
	if seen, err = f.platform.Observe(t.Context(), named, []spec.Object{left}); err != nil || said(seen.Drift, "left over") {
		t.Errorf("drift %q, %v", seen.Drift, err)
	}
	applied := f.apply(want, append(slices.Clone(last), left))
	if seen, err = f.platform.Observe(t.Context(), want, applied.Objects); err != nil || len(seen.Drift) > 0 {
		t.Errorf("drift %q, %v", seen.Drift, err)
	}
	if f.exists(rememberedKey(left)) {
		t.Error("it is still there")
	}
}

// A password without a user, too, keeps config.yaml in a Secret.
func TestCluster_findPassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small(withProxyCredentials, func(u *spec.Upgrader) { u.Proxy.User = "" }))
	f.apply(want, nil)
	found := f.find(theCronJob.name)
	if !found.Proxy.HasPassword || found.Proxy.Password != want.Proxy.Password {
		t.Error("the password was not found")
	}
	found.Proxy.Password = "" // as a state has it that doesn't hold it
	seen := f.observe(found)
	if len(seen.Drift) > 0 || len(seen.Objects) != 5 || !slices.ContainsFunc(seen.Objects, func(o spec.Object) bool {
		return rememberedKey(o) == key{kindSecret, theConfig.name}
	}) {
		t.Errorf("drift %q, objects %v", seen.Drift, seen.Objects)
	}
}
