package upgrader_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// cronJobRounds is how many upgraders of others are imported.
const cronJobRounds = 60

// Whoever made an upgrader, and whatever the configuration says: each change that
// the plan shows is in the live objects after the apply, nothing else has changed,
// the state is what is live, the next plan is empty, and no secret is in plan,
// state or output. Where the plan is refused, nothing was written.
func TestAccKubernetes_anyUpgrader(t *testing.T) { //nolint:tparallel // the rounds are counted together
	t.Parallel()
	p := newPlace(t)
	refused := 0
	for round := range cronJobRounds {
		name := fmt.Sprintf("any%d", round)
		t.Run(name, func(t *testing.T) {
			here := *p
			here.t = t
			r := &cronJobRound{
				place: &here, name: name, random: rand.New(rand.NewPCG(propertySeed, uint64(round))), //nolint:gosec // a repeatable choice is wanted
			}
			r.run()
			if r.refused {
				refused++
			}
		})
	}
	if refused == 0 || refused == cronJobRounds {
		t.Errorf("%d of %d plans were refused with a conflict, want some", refused, cronJobRounds)
	}
}

// cronJobRound is one upgrader of others, and what becomes of it.
type cronJobRound struct {
	*place

	random  *rand.Rand
	name    string
	manager string
	made    map[string]map[string]any
	config  acctest.Block
	given   map[string]bool
	refused bool
	heard   []acctest.Said
}

func (r *cronJobRound) run() {
	t := r.t
	r.make()
	r.configure()
	before := r.objects()
	state := r.imported()
	planned, refused := r.plan(state)
	if diff := cmp.Diff(r.versions(before), r.versions(r.objects())); diff != "" {
		t.Fatalf("the plan has written something (-before +after):\n%s", diff)
	}
	if refused {
		if planned, refused = r.plan(state); refused {
			t.Fatalf("the plan is refused with force_conflicts, too: %v", r.heard)
		}
	}
	applied, diags := r.wire(r.Kubeconfig).Apply(upgraderType, state, planned, r.config)
	r.hear("apply", diags)
	w := r.wire(r.Kubeconfig)
	refreshed, diags := w.Read(upgraderType, applied)
	r.hear("refresh", diags)
	again, _, diags := w.Plan(upgraderType, refreshed, r.config)
	r.hear("plan again", diags)
	if diff := cmp.Diff(refreshed.State, again.State); diff != "" {
		t.Errorf("the next plan is not empty (-state +plan):\n%s", diff)
	}
	if diff := cmp.Diff(planned.State, refreshed.State); diff != "" {
		t.Errorf("the apply did not what was planned (-plan +state):\n%s", diff)
	}
	if shown := fmt.Sprint(state, planned, applied, refreshed, r.heard); strings.Contains(shown, theirSecret) || strings.Contains(shown, inSecret(theirSecret)) {
		t.Errorf("a secret is shown: %s", shown)
	}
	after := r.objects()
	r.promised(after, refreshed.State)
	r.nothingElse(state.State, planned.State, before, after)
	if t.Failed() {
		text, _ := yaml.Marshal(r.made)
		t.Logf("made by %s:\n%s\nconfigured: %v\nstate: %v\nplan: %v\nsaid: %v", r.manager, text, r.config, state.State, planned.State, r.heard)
	}
	_, diags = r.wire(r.Kubeconfig).Apply(upgraderType, refreshed, acctest.Object{}, nil)
	r.hear("destroy", diags)
}

func (r *cronJobRound) hear(what string, diags []acctest.Said) {
	r.t.Helper()
	quiet(r.t, what, diags)
	r.heard = append(r.heard, diags...)
}

func (r *cronJobRound) imported() acctest.Object {
	r.t.Helper()
	w := r.wire(r.Kubeconfig)
	imported, diags := w.ImportByID(upgraderType, "kubernetes/"+r.namespace+"/"+r.name+"-upgrader-job")
	r.hear("import", diags)
	state, diags := w.Read(upgraderType, imported)
	r.hear("read", diags)
	return state
}

// plan plans. A refusal is one for conflicts, which names the manager, and has the
// next plan take the fields over.
func (r *cronJobRound) plan(state acctest.Object) (planned acctest.Object, refused bool) {
	r.t.Helper()
	planned, replaces, diags := r.wire(r.Kubeconfig).Plan(upgraderType, state, r.config)
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError && strings.Contains(d.Detail, fmt.Sprintf("%q manages", r.manager)) && strings.Contains(d.Detail, "force_conflicts = true") {
			r.refused, refused = true, true
		}
	}
	if refused {
		kubernetes, _ := r.config["kubernetes"].(acctest.Block)
		kubernetes["force_conflicts"] = true
		r.heard = append(r.heard, diags...)
		return planned, true
	}
	r.hear("plan", diags)
	if replaces {
		r.t.Fatal("the plan replaces the resource")
	}
	return planned, false
}

func (r *cronJobRound) chance(of int) bool { return r.random.IntN(of) == 0 }

// objects are those of the upgrader that exist.
func (r *cronJobRound) objects() []unstructured.Unstructured {
	r.t.Helper()
	found, err := r.all(own...)
	if err != nil {
		r.t.Fatal(err)
	}
	return slices.DeleteFunc(found, func(o unstructured.Unstructured) bool { return !strings.HasPrefix(o.GetName(), r.name+"-") })
}

// make makes the upgrader of others.
func (r *cronJobRound) make() {
	t := r.t
	r.made = map[string]map[string]any{}
	for _, document := range strings.Split(strings.ReplaceAll(r.documentedManifest(), "payments", r.name), "\n---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		kind := fmt.Sprint(object["kind"])
		if kind == "ConfigMap" {
			kind = "Config"
			data, _ := object["data"].(map[string]any)
			data["config.yaml"] = settingsOf(fmt.Sprint(data["config.yaml"]))
		}
		r.made[kind] = object
	}
	names := map[string]string{"ServiceAccount": "upgrader-cronjob-sa", "Role": "upgrader", "RoleBinding": "upgrader-cronjob"}
	for kind, suffix := range names {
		setAt(t, r.made[kind], "metadata.name", r.name+"-"+suffix)
	}
	setAt(t, r.made["RoleBinding"], "roleRef", "{kind: Role, name: NAME-upgrader, apiGroup: rbac.authorization.k8s.io}")
	for _, e := range []extra{
		{"RoleBinding", "roleRef.name", r.name + "-upgrader"},
		{"RoleBinding", "subjects", fmt.Sprintf("[{kind: ServiceAccount, name: %s-upgrader-cronjob-sa, namespace: %s}]", r.name, r.namespace)},
		{"CronJob", podPath + "serviceAccountName", r.name + "-upgrader-cronjob-sa"},
	} {
		setAt(t, r.made[e.object], e.path, e.value)
	}
	for _, o := range options() {
		if r.chance(2) {
			setAt(t, r.made[o.object], o.path, o.live[r.random.IntN(2)])
		}
	}
	for _, e := range extras() {
		if r.chance(8) {
			setAt(t, r.made[e.object], e.path, strings.NewReplacer("NAMESPACE", r.namespace, "NAME", r.name).Replace(e.value))
		}
	}
	r.certificates()
	r.writeAll()
}

// certificates mounts the volumes of certificates that others have, sometimes.
func (r *cronJobRound) certificates() {
	const mounts = containerPath + "volumeMounts"
	for _, one := range [][2]string{{"client-certificate", "/etc/mtls"}, {"custom-certs", "/ca-bundle"}} {
		name, path := one[0], one[1]
		mounted, readOnly := r.chance(2), r.chance(2)
		if valueAt(r.made["CronJob"], podPath+fmt.Sprintf("volumes[%q]", name)) != nil && mounted {
			setAt(r.t, r.made["CronJob"], mounts+fmt.Sprintf("[%q]", path), fmt.Sprintf("{name: %s, readOnly: %t}", name, readOnly))
		}
	}
	if r.chance(4) {
		setAt(r.t, r.made["Config"], `data["config.yaml"].clientCertificateFilePath`, "/etc/mtls/client.crt")
	}
	if r.chance(8) { // the volume has another name
		setAt(r.t, r.made["CronJob"], podPath+`volumes["config"]`, fmt.Sprintf("{configMap: {name: %s-upgrader-config}}", r.name))
		setAt(r.t, r.made["CronJob"], mounts+`["/etc/config"]`, "{name: config}")
	}
	for _, kind := range []string{"ServiceAccount", "Role", "RoleBinding", "Secret", "Config"} {
		if r.chance(20) {
			delete(r.made, kind)
		}
	}
}

// writeAll writes what was made, in one of the ways in which others do.
func (r *cronJobRound) writeAll() {
	ways := []string{"kubectl-client-side-apply", "helm", "argocd-controller", "kubectl-edit"}
	r.manager = ways[r.random.IntN(len(ways))]
	for _, kind := range []string{"ServiceAccount", "Role", "RoleBinding", "Secret", "Config", "CronJob"} {
		if r.made[kind] == nil {
			continue
		}
		object := maps.Clone(r.made[kind])
		if kind == "Config" {
			data, _ := object["data"].(map[string]any)
			data = maps.Clone(data)
			file, _ := yaml.Marshal(data["config.yaml"])
			data["config.yaml"] = string(file)
			object["data"] = data
		}
		made := &unstructured.Unstructured{Object: object}
		var err error
		switch r.manager {
		case "kubectl-client-side-apply", "kubectl-edit": // the operation Update
			_, err = r.of(made.GetKind()).Create(r.t.Context(), made, metav1.CreateOptions{FieldManager: r.manager})
		case "helm": // the operation Apply
			text, _ := json.Marshal(object)
			_, err = r.of(made.GetKind()).Patch(r.t.Context(), made.GetName(), types.ApplyPatchType, text, metav1.PatchOptions{FieldManager: r.manager})
		default: // made by somebody, and changed
			bare := &unstructured.Unstructured{Object: maps.Clone(object)}
			unstructured.RemoveNestedField(bare.Object, "metadata", "annotations")
			if _, err = r.of(made.GetKind()).Create(r.t.Context(), bare, metav1.CreateOptions{FieldManager: "kubectl-create"}); err == nil {
				_, err = r.of(made.GetKind()).Update(r.t.Context(), made, metav1.UpdateOptions{FieldManager: r.manager})
			}
		}
		if err != nil {
			r.t.Fatalf("%s: %v", kind, err)
		}
	}
}

// configure is what the resource says.
func (r *cronJobRound) configure() {
	kubernetes := acctest.Block{"namespace": r.namespace, "toleration": []string{}}
	r.config = acctest.Block{"delegate_name": r.name, "account_id": acctest.Account, "manager_endpoint": r.place.manager.URL, "kubernetes": kubernetes}
	switch r.random.IntN(3) {
	case 0:
		r.config["token"] = token
	case 1:
		r.config["token_wo"], r.config["token_wo_version"] = token, int64(1)
	default:
		kubernetes["existing_secret"] = r.name + "-upgrader-token"
	}
	if r.chance(4) {
		kubernetes["force_conflicts"] = true
	}
	if r.chance(8) && r.made["ServiceAccount"] != nil {
		kubernetes["rbac"] = acctest.Block{"create": false}
		kubernetes["service_account_name"] = r.name + "-upgrader-cronjob-sa"
	}
	r.given = map[string]bool{}
	for _, o := range options() {
		if choice := r.random.IntN(3); choice < 2 {
			r.set(o.argument, arg(o.given[choice]))
		}
	}
	if r.given["proxy.host"] {
		r.set("proxy.port", int64(3128))
		if r.chance(2) {
			r.set("proxy.user", "jane")
		}
		if r.chance(2) {
			r.set("proxy.password", "ours")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(metadataArguments())) {
		if r.chance(4) {
			r.set("kubernetes."+name, metadataArguments()[name])
		}
	}
}

func (r *cronJobRound) set(argument string, value any) {
	r.given[argument] = true
	block := r.config
	names := strings.Split(argument, ".")
	for _, name := range names[:len(names)-1] {
		inner, is := block[name].(acctest.Block)
		if !is {
			inner = acctest.Block{}
			block[name] = inner
		}
		block = inner
	}
	block[names[len(names)-1]] = value
}

// arg is a value of an argument, from YAML.
func arg(text string) any {
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		panic(err) // of this package
	}
	return asArgument(value)
}

func asArgument(value any) any {
	switch v := value.(type) {
	case map[string]any:
		block := acctest.Block{}
		for name, member := range v {
			block[name] = asArgument(member)
		}
		return block
	case []any:
		all, texts := []any{}, []string{}
		for _, element := range v {
			all = append(all, asArgument(element))
			if text, is := element.(string); is {
				texts = append(texts, text)
			}
		}
		if len(texts) == len(all) {
			return texts
		}
		return all
	case float64:
		return int64(v)
	default:
		return v
	}
}

// valueIn is an argument of a state, by its path.
func valueIn(state acctest.Block, path string) any {
	var value any = state
	for name := range strings.SplitSeq(path, ".") {
		block, _ := value.(acctest.Block)
		value = block[name]
	}
	if list, is := value.([]string); is && len(list) == 0 {
		return nil
	}
	return value
}

// promised checks each argument: what is configured, or the default, is live and in
// the state.
func (r *cronJobRound) promised(after []unstructured.Unstructured, state acctest.Block) {
	r.t.Helper()
	for _, o := range options() {
		want := valueIn(r.config, o.argument)
		wantLive := ""
		for i, given := range o.given {
			if want != nil && reflect.DeepEqual(arg(given), want) {
				wantLive = o.live[i]
			}
		}
		if want == nil {
			want = arg(o.otherwise)
			wantLive = o.otherwise
			if o.argument == "auto_upgrade" {
				wantLive = "false"
			}
		}
		if got := valueIn(state, o.argument); !reflect.DeepEqual(got, want) {
			r.t.Errorf("%s is %v in the state, want %v", o.argument, got, want)
		}
		got := r.live(after, o)
		var live any
		if err := yaml.Unmarshal([]byte(wantLive), &live); err != nil {
			r.t.Fatal(err)
		}
		implied := o.implied != "" && (live == nil || wantLive == o.implied) && (got == nil || fmt.Sprint(got) == o.implied)
		if diff := cmp.Diff(live, got); diff != "" && !implied {
			r.t.Errorf("the field of %s is not as it should be (-want +live):\n%s", o.argument, diff)
		}
	}
}

// live is the field of an option. Variables that take their value from elsewhere
// are nobody's argument.
func (r *cronJobRound) live(objects []unstructured.Unstructured, o option) any {
	for _, object := range objects {
		if kind := object.GetKind(); kind != o.object && (o.object != "Config" || object.GetName() != r.name+"-upgrader-config") {
			continue
		}
		text, _ := json.Marshal(object.Object)
		var plain map[string]any
		_ = json.Unmarshal(text, &plain)
		value := valueAt(plain, o.path)
		if list, is := value.([]any); is && strings.HasSuffix(o.path, "].env") {
			list = slices.DeleteFunc(slices.Clone(list), func(one any) bool { fields, _ := one.(map[string]any); return fields["valueFrom"] != nil })
			value = list
		}
		switch v := value.(type) {
		case []any:
			if len(v) == 0 {
				return nil
			}
		case map[string]any:
			if len(v) == 0 {
				return nil
			}
		}
		return value
	}
	return nil
}

// nothingElse checks that each field that has changed is one that the plan shows:
// by an argument, by a line of drift, or by the list of objects.
func (r *cronJobRound) nothingElse(state, plan acctest.Block, before, after []unstructured.Unstructured) {
	r.t.Helper()
	shown := r.shown(state, plan)
	was, is := everything(before), everything(after)
	paths := maps.Clone(was)
	maps.Copy(paths, is)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		if was[path] != is[path] && !slices.ContainsFunc(shown, func(of string) bool { return below(path, of) }) {
			r.t.Errorf("no plan shows that %s is changed from %q to %q\n%s", path, was[path], is[path], strings.Join(shown, "\n"))
		}
	}
}

func everything(objects []unstructured.Unstructured) map[string]string {
	all := map[string]string{}
	for _, object := range objects {
		for path, value := range fieldsIn(&object) {
			all[object.GetKind()+"/"+object.GetName()+"."+path] = value
		}
	}
	return all
}

// shown are the fields that a plan changes.
func (r *cronJobRound) shown(state, plan acctest.Block) []string {
	cronJob, config := "CronJob/"+r.name+"-upgrader-job.", "-upgrader-config."
	var all []string
	for _, path := range changes("", asPlain(state), asPlain(plan)) {
		for _, o := range options() {
			switch {
			case !below(path, o.argument) && !below(o.argument, path):
			case o.object == "CronJob":
				all = append(all, cronJob+o.path)
			default:
				all = append(all, "ConfigMap/"+r.name+config+o.path, "Secret/"+r.name+config+o.path)
			}
		}
		all = append(all, r.shownBy(path)...)
	}
	for _, d := range r.heard {
		if id, replaced := strings.CutSuffix(d.Summary, " Is Replaced"); replaced {
			all = append(all, id)
		}
	}
	drift, _ := state["drift"].([]string)
	for _, line := range drift {
		all = append(all, shownInWords(line)...)
		if strings.Contains(line, " is used instead of ") {
			all = append(all, cronJob+podPath+`volumes["config-volume"]`)
		}
	}
	return all
}

// shownBy are the fields of arguments that are not one field.
func (r *cronJobRound) shownBy(path string) []string {
	var all []string
	names := strings.SplitN(path, ".", 3)
	member := ""
	if len(names) > 2 {
		member = fmt.Sprintf("[%q]", names[2])
	}
	pod := "CronJob/" + r.name + "-upgrader-job." + jobPath + "template."
	switch {
	case path == "objects" || strings.HasPrefix(path, "objects."):
		for _, kind := range []string{"ConfigMap/", "Secret/"} {
			all = append(all, kind+r.name+"-upgrader-config")
		}
		all = append(all, "CronJob/"+r.name+"-upgrader-job."+podPath+`volumes["config-volume"]`)
	case path == "kubernetes.mtls_secret":
		cronJob := "CronJob/" + r.name + "-upgrader-job."
		all = append(all, cronJob+podPath+`volumes["client-certificate"]`, cronJob+containerPath+`volumeMounts["/etc/mtls"]`)
		for _, kind := range []string{"ConfigMap/", "Secret/"} {
			all = append(all, kind+r.name+`-upgrader-config.data["config.yaml"].clientCertificateFilePath`, kind+r.name+`-upgrader-config.data["config.yaml"].clientCertificateKeyFilePath`)
		}
	case path == "kubernetes.custom_ca_secret":
		cronJob := "CronJob/" + r.name + "-upgrader-job."
		all = append(all, cronJob+podPath+`volumes["custom-certs"]`, cronJob+containerPath+`volumeMounts["/ca-bundle"]`)
	case strings.HasPrefix(path, "token"):
		all = append(all, "Secret/"+r.name+`-upgrader-token.data["UPGRADER_TOKEN"]`)
	case strings.HasPrefix(path, "proxy"):
		for _, kind := range []string{"ConfigMap/", "Secret/"} {
			all = append(all, kind+r.name+`-upgrader-config.data["config.yaml"]`)
		}
	case names[0] == "kubernetes" && strings.HasPrefix(names[1], "pod_") && (names[1] == "pod_labels" || names[1] == "pod_annotations"):
		all = append(all, pod+"metadata."+strings.TrimPrefix(names[1], "pod_")+member)
	case path == "kubernetes.service_account_annotations" || strings.HasPrefix(path, "kubernetes.service_account_annotations."):
		all = append(all, "ServiceAccount/"+r.name+"-upgrader-cronjob-sa.metadata.annotations"+member)
	case names[0] == "kubernetes" && (names[1] == "labels" || names[1] == "annotations"):
		for _, id := range append(objectsOf(r.name), "Secret/"+r.name+"-upgrader-config") {
			all = append(all, id+".metadata."+names[1]+member)
		}
		all = append(all, pod+"metadata."+names[1]+member)
	case strings.HasPrefix(path, "kubernetes.rbac"):
		all = append(all, "Role/"+r.name+"-upgrader.rules")
	}
	return all
}

// shownInWords is the field that a line of drift is about.
func shownInWords(line string) []string {
	id, rest, isField := strings.Cut(line, ": ")
	if !isField {
		id, _, _ = strings.Cut(line, " ")
		return []string{id}
	}
	path, _, _ := strings.Cut(rest, " ")
	if i := strings.IndexAny(path, "[") + 1; i > 0 { // the entry of a list that has no names
		for _, digit := range "0123456789" {
			if j := strings.IndexRune(path, digit); j > 0 && path[j-1] == '[' {
				path = path[:j-1]
			}
		}
	}
	return []string{id + "." + path}
}

// asPlain is a block as the test compares plans.
func asPlain(value any) any {
	text, _ := json.Marshal(value)
	var plain any
	_ = json.Unmarshal(text, &plain)
	return plain
}
