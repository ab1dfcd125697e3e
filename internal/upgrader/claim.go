package upgrader

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// Resources of one run may concern the same objects: by mistake, or because one
// lets go of what another takes over (names that move on by one, create before
// destroy). Each notes what it has applied, by the objects' IDs, and leaves alone
// what another one has noted.

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

// claimPlace notes that an upgrader is applied in this run. It is an error if
// another resource has done so: the two would overwrite each other for ever.
func claimPlace(data *providerdata.Data, of spec.Upgrader) diag.Diagnostics {
	var diags diag.Diagnostics
	if _, taken := data.Note(placeKey(of), ""); taken {
		diags.AddAttributeError(platformPath(of), "Two Resources for One Upgrader", fmt.Sprintf(
			"Another resource of this configuration has just applied %s, so that the two would overwrite each other for ever. Keep one of them, or give them different names.", placeID(of)))
	}
	return diags
}

// claimObjects notes what was applied.
func claimObjects(data *providerdata.Data, of spec.Upgrader, applied []spec.Object) {
	for _, object := range applied {
		data.Note(objectKey(object), placeID(of))
	}
	text, _ := json.Marshal(applied) // texts can always be encoded
	data.Note(objectsKey(of), string(text))
}

// unclaimed are those of an upgrader's remembered objects that no other one has
// applied in this run.
func unclaimed(data *providerdata.Data, last []spec.Object) []spec.Object {
	return slices.DeleteFunc(slices.Clone(last), func(object spec.Object) bool { return data.Noted(objectKey(object)) })
}

// claimed are the objects that another resource has applied at the same place,
// or took over from this one, in this run.
func claimed(data *providerdata.Data, of spec.Upgrader, last []spec.Object) []spec.Object {
	var result []spec.Object
	if data.Noted(objectsKey(of)) {
		text, _ := data.Note(objectsKey(of), "")
		_ = json.Unmarshal([]byte(text), &result) // as it was encoded above
	}
	for _, object := range last {
		if data.Noted(objectKey(object)) {
			result = append(result, object)
		}
	}
	return result
}

func objectKey(object spec.Object) string { return "upgrader's object " + object.ID }

func objectsKey(of spec.Upgrader) string { return placeKey(of) + " objects" }

// placeKey is the note that an upgrader was applied.
func placeKey(of spec.Upgrader) string {
	host := ""
	if of.Docker != nil {
		host = of.Docker.Host
	}
	return "upgrader " + host + " " + placeID(of)
}

// checkVacant refuses to create an upgrader where this provider has made one with
// other settings, which is another resource's, or was lost from a state. One
// with the same settings is what an interrupted creation has left.
func checkVacant(ctx context.Context, platform spec.Platform, plan resourceModel, want spec.Upgrader) diag.Diagnostics {
	var diags diag.Diagnostics
	seen, err := platform.Observe(ctx, want, nil)
	if err != nil {
		return explain(unableToCreate, err, spec.Applied{})
	}
	if !seen.Made { // nothing is there, or what Apply refuses to touch
		return diags
	}
	found := plan
	found.take(seen.Upgrader)
	what := ""
	switch {
	case !reflect.DeepEqual(found.commonModel, plan.commonModel):
		what = "other settings"
	case seen.Token != "" && want.Token != "" && seen.Token != want.Token:
		what = "another token"
	default:
		return diags
	}
	id := placeID(want)
	diags.AddAttributeError(platformPath(want), "Upgrader Already Exists", fmt.Sprintf(
		"There is an upgrader at %s already, with %s than this resource has. Nothing was written.\n\n"+
			"If another resource manages it, give this one another name. To manage it here, import it with a block:\n\n"+
			"  import {\n    to = harnessdelegate_upgrader.<NAME>\n    id = %q\n  }\n\n"+
			"or with a command:\n\n  terraform import harnessdelegate_upgrader.<NAME> %s", id, what, id, id))
	return diags
}
