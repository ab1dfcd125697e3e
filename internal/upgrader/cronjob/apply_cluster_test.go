package cronjob

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestCluster_life(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]func() spec.Upgrader{
		"default":           func() spec.Upgrader { return small() },
		"full":              func() spec.Upgrader { return large() },
		"existing secret":   func() spec.Upgrader { return small(withExistingSecret) },
		"proxy credentials": func() spec.Upgrader { return large(withProxyCredentials) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			want := f.in(u())
			applied := f.apply(want, nil)
			if len(applied.Objects) != len(Objects(want)) || len(applied.Left) > 0 || !said(applied.Done, "CronJob/web-upgrader-job created") {
				t.Errorf("applied %+v", applied)
			}
			f.clean(want)

			again := f.apply(want, applied.Objects)
			if !slices.Equal(again.Objects, applied.Objects) {
				t.Errorf("objects %v, before %v", again.Objects, applied.Objects)
			}
			for _, line := range again.Done {
				if !strings.HasSuffix(line, " unchanged") {
					t.Error(line)
				}
			}

			gone, err := f.platform.Delete(f.Context(), want, again.Objects, nil)
			if err != nil || len(gone.Objects) > 0 || len(gone.Left) > 0 || len(gone.Done) != len(applied.Objects) {
				t.Errorf("deleted %+v, %v", gone, err)
			}
			if seen := f.observe(want); len(seen.Objects) > 0 {
				t.Errorf("still there: %v", seen.Objects)
			}
			if gone, err = f.platform.Delete(f.Context(), want, again.Objects, nil); err != nil || len(gone.Done)+len(gone.Left) > 0 {
				t.Errorf("deleted again: %+v, %v", gone, err)
			}
		})
	}
}

// Every argument changes in place, and back.
func TestCluster_change(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.in(small())
	applied := f.apply(first, nil)
	uid := f.read(theCronJob).GetUID()
	for _, want := range []spec.Upgrader{f.in(large()), f.in(small()), f.in(small(withProxyCredentials)), f.in(large(withExistingSecret)), f.in(small())} {
		applied = f.apply(want, applied.Objects)
		f.clean(want)
		if len(applied.Objects) != len(Objects(want)) {
			t.Errorf("objects %v", applied.Objects)
		}
	}
	if f.read(theCronJob).GetUID() != uid {
		t.Error("the CronJob was made anew")
	}
	if container := listAt(f.read(theCronJob).Object, slices.Concat(toPod, []string{"containers"})...)[0]; at(container, "env") != nil {
		t.Errorf("variables that were given up are still there: %v", at(container, "env"))
	}
	if f.exists(key{kindSecret, "web-upgrader-config"}) {
		t.Error("the Secret of the proxy's credentials is left over")
	}
}

func TestCluster_rename(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	applied := f.apply(f.in(small()), nil)
	want := f.in(small(func(u *spec.Upgrader) { u.Kubernetes.Names = spec.DefaultNames("other") }))
	again := f.apply(want, applied.Objects)
	f.clean(want)
	if !said(again.Done, "CronJob/web-upgrader-job deleted") || f.exists(theCronJob) || f.exists(theAccount) || f.exists(theRole) {
		t.Errorf("after the change of names: %+v", again)
	}
}

// The Secret whose token was unknown keeps it; without one nothing is written.
func TestCluster_unknownToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(small())
	blind := f.in(small(func(u *spec.Upgrader) { u.Token = "" }))
	_, err := f.platform.Apply(f.Context(), spec.Change{Want: blind})
	f.failed(err, "Secret/web-upgrader-token", "token isn't known")
	if f.exists(theAccount) {
		t.Error("something was written all the same")
	}
	applied := f.apply(want, nil)
	f.apply(blind, applied.Objects)
	f.clean(want)

	secretly := f.in(small(withProxyCredentials))
	applied = f.apply(secretly, applied.Objects)
	forgot := f.in(small(withProxyCredentials, func(u *spec.Upgrader) { u.Proxy.Password = "" }))
	f.apply(forgot, applied.Objects)
	if seen := f.observe(secretly); seen.ProxyPassword != secretly.Proxy.Password || len(seen.Drift) > 0 {
		t.Errorf("the password is lost; drift %q", seen.Drift)
	}
}

// What others have added stays, through changes and repairs.
func TestCluster_fieldsOfOthers(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := f.in(large())
	applied := f.apply(want, nil)
	f.patch("sidecars", theCronJob, types.StrategicMergePatchType, `{"metadata":{"labels":{"mine":"1"}},"spec":{"jobTemplate":{"spec":{"template":{"spec":{
		"hostNetwork": true, "containers":[
			{"name":"upgrader","env":[{"name":"FROM_FIELD","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],"ports":[{"containerPort":80}]}, {"name":"sidecar","image":"sidecar:1"}]}}}}}}`)
	f.patch("sidecars", theConfig, types.MergePatchType, `{"data":{"other":"x"}}`)
	f.patch("sidecars", theSecret, types.MergePatchType, `{"data":{"other":"eA=="}}`)
	f.clean(want)
	want.Schedule = "*/5 * * * *"
	f.apply(want, applied.Objects)
	f.clean(want)
	live := f.read(theCronJob).Object
	text := inWords(live)
	for _, part := range []string{`"mine":"1"`, `"hostNetwork":true`, `"containerPort":80`, `"image":"sidecar:1"`, `"name":"FROM_FIELD"`} {
		if !strings.Contains(text, part) {
			t.Errorf("lost: %s", part)
		}
	}
	if textAt(f.read(theConfig).Object, "data", "other") != "x" || textAt(f.read(theSecret).Object, "data", "other") == "" {
		t.Error("lost: others' data")
	}
}
