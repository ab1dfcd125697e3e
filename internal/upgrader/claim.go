package upgrader

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Resources of one run may concern the same objects: by mistake, or because one
// lets go of what another takes over (names that move on by one, create before
// destroy). Each registers what it has applied, and leaves alone what another one
// has registered.

// appliedInRun is what the upgraders of one run have applied.
type appliedInRun struct {
	// places are the upgraders, and objects the IDs of their objects.
	places  providerdata.Registry[place, bool]
	objects providerdata.Registry[string, bool]
	// objectsOf are all objects of an upgrader, once they are applied.
	objectsOf providerdata.Registry[place, []spec.Object]
}

// place is where an upgrader is: on which engine, and its ID there.
type place struct{ host, id string }

// hold keeps others of this run from an upgrader's objects, wanted and
// remembered ones.
func hold(data *providerdata.Data, of spec.Upgrader, last []spec.Object) (release func()) {
	where := "docker"
	if of.Kubernetes != nil {
		where = "kubernetes " + of.Kubernetes.Namespace
	}
	keys := []string{}
	for _, name := range slices.Concat(objectsOf(of), names(last)) {
		keys = append(keys, where+" "+name)
	}
	return data.Lock(keys...)
}

// claimPlace registers that an upgrader is applied in this run. It is an error if
// another resource has done so: the two would overwrite each other at every apply.
func claimPlace(data *providerdata.Data, of spec.Upgrader) diag.Diagnostics {
	var diags diag.Diagnostics
	if _, taken := providerdata.Shared[appliedInRun](data).places.Claim(placeOf(of), true); taken {
		diags.AddAttributeError(platformPath(of), "Two Resources for One Upgrader", fmt.Sprintf(
			"Another resource of this configuration has just applied %s, so that the two would overwrite each other at every apply. Keep one of them, or give them different names.", placeID(of)))
	}
	return diags
}

// claimObjects registers what was applied.
func claimObjects(data *providerdata.Data, of spec.Upgrader, objects []spec.Object) {
	run := providerdata.Shared[appliedInRun](data)
	for _, object := range objects {
		run.objects.Set(object.ID, true)
	}
	run.objectsOf.Claim(placeOf(of), objects)
}

// unclaimed are those of an upgrader's remembered objects that no other one has
// applied in this run.
func unclaimed(data *providerdata.Data, last []spec.Object) []spec.Object {
	run := providerdata.Shared[appliedInRun](data)
	return slices.DeleteFunc(slices.Clone(last), func(object spec.Object) bool { return run.objects.Has(object.ID) })
}

// claimed are the objects that another resource has applied at the same place,
// or took over from this one, in this run.
func claimed(data *providerdata.Data, of spec.Upgrader, last []spec.Object) []spec.Object {
	run := providerdata.Shared[appliedInRun](data)
	there, _ := run.objectsOf.Get(placeOf(of))
	result := slices.Clone(there)
	for _, object := range last {
		if run.objects.Has(object.ID) {
			result = append(result, object)
		}
	}
	return result
}

func placeOf(of spec.Upgrader) place {
	host := ""
	if of.Docker != nil {
		host = of.Docker.Host
	}
	return place{host, placeID(of)}
}

// refuseOther refuses to create an upgrader where this provider has made one with
// other settings, which is another resource's, or was lost from a state. One
// with the same settings is what an interrupted creation has left.
func refuseOther(plan resourceModel, want spec.Upgrader, seen spec.Observed) *spec.Failure {
	found := plan
	found.take(seen.Upgrader)
	what := ""
	switch {
	case !reflect.DeepEqual(found.commonModel, plan.commonModel):
		what = "other settings"
	case seen.Token != "" && want.Token != "" && !secret.SameToken(seen.Token, want.Token):
		what = "another token"
	default:
		return nil
	}
	id := placeID(want)
	return &spec.Failure{
		Doing:  "create the upgrader " + id,
		Reason: fmt.Sprintf("there is an upgrader already, with %s than this resource. Nothing was written", what),
		Advice: fmt.Sprintf("If another resource manages it, give this one another name. To manage it here, import it with a block in the root module, where ADDRESS is the address of this resource:\n\n"+
			"  import {\n    to = ADDRESS\n    id = %q\n  }", id),
		Argument: []string{platformPath(want).String()},
	}
}
