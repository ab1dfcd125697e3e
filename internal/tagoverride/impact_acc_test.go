package tagoverride_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/tfcli"
)

// The calls that impacts make besides those on overrides, as the simulator
// counts them.
const (
	delegatesPath = "POST /ng/api/delegate-setup/listDelegates"
	orgsPath      = "GET /ng/api/organizations"
	projectsPath  = "GET /ng/api/projects"
)

// addFleet registers a few delegates, all of which run the latest version.
func addFleet(m *acctest.Manager) {
	for _, d := range []simulator.Delegate{
		{Name: "shared"},
		{OrgID: "default", Name: "org-wide"},
		{OrgID: "default", ProjectID: "payments", Name: "Gpu-1", Tags: []string{"gpu"}},
		{OrgID: "default", ProjectID: "payments", Name: "cpu-1"},
		{OrgID: "platform", ProjectID: "build", Name: "builder"},
	} {
		d.AccountID = acctest.Account
		d.UpgraderLastUpdated = acctest.Start
		d.Replicas = []simulator.Replica{{Image: latestImage, Alive: true}}
		m.AddDelegate(d)
	}
}

func impactOf(arguments ...string) string {
	return fmt.Sprintf("data \"harnessdelegate_override_impact\" \"of\" {\n  %s\n}\n", strings.Join(arguments, "\n  "))
}

func impactHas(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.harnessdelegate_override_impact.of", tfjsonpath.New(attribute), value)
}

// lines checks the ids of a list of delegates, and one more attribute of each.
func lines(attribute string, want ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(want))
	for i, line := range want {
		id, value, _ := strings.Cut(line, " ")
		checks[i] = knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": text(acctest.Account + "/" + id), attribute: text(value)})
	}
	return knownvalue.ListExact(checks)
}

func TestAccOverrideImpact(t *testing.T) {
	t.Parallel()
	const newer = "harness/delegate:24.05.83001"
	const older = "harness/delegate:24.03.82600"
	for _, test := range []struct {
		name      string
		holds     []simulator.Override
		arguments []string
		changes   []string // id and direction
		unchanged []string // id and reason
		summary   string
	}{
		{
			"an organization",
			[]simulator.Override{atProject(older)},
			[]string{`org_id = "default"`, image(newer)},
			[]string{"default/org-wide upgrade"},
			[]string{
				`default/payments/Gpu-1 the override for project "default/payments" is nearer to the delegate`,
				`default/payments/cpu-1 the override for project "default/payments" is nearer to the delegate`,
			},
			"1 delegate gets another image (1 upgrade), 2 keep theirs",
		},
		{
			"the account, with tags",
			[]simulator.Override{atProject(newer)},
			[]string{image(older), `tags = ["gpu"]`},
			[]string{"default/payments/Gpu-1 downgrade"},
			[]string{
				"shared the delegate lacks the override's tags {gpu}",
				"default/org-wide the delegate lacks the override's tags {gpu}",
				"default/payments/cpu-1 the delegate lacks the override's tags {gpu}",
				"platform/build/builder the delegate lacks the override's tags {gpu}",
			},
			"1 delegate gets another image (1 downgrade), 4 keep theirs",
		},
		{
			"a project, by a delegate's name",
			nil,
			[]string{inPayments, image("registry.example.com/delegate:stable"), `tags = ["gpu-1"]`},
			[]string{"default/payments/Gpu-1 unknown"},
			[]string{"default/payments/cpu-1 the delegate lacks the override's tags {gpu-1}"},
			"1 delegate gets another image (1 version unknown), 1 keeps its own",
		},
		{
			"removal",
			[]simulator.Override{atAccount(newer), atOrg(older)},
			[]string{`org_id = "default"`, "remove = true"},
			[]string{"default/org-wide upgrade", "default/payments/Gpu-1 upgrade", "default/payments/cpu-1 upgrade"},
			nil,
			"3 delegates get another image (3 upgrade)",
		},
		{
			"nothing there to remove",
			nil,
			[]string{inPayments, "remove = true"},
			nil,
			[]string{"default/payments/Gpu-1 there is no override to remove", "default/payments/cpu-1 there is no override to remove"},
			"0 delegates get another image, 2 keep theirs",
		},
		{"no delegates", nil, []string{`org_id = "default"`, `project_id = "search"`, image(newer)}, nil, nil, "0 delegates get another image"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := acctest.NewManager(t)
			addFleet(m)
			for _, o := range test.holds {
				m.Put(t, o)
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: acctest.Factories(),
				Steps: []resource.TestStep{{
					Config: m.Config(impactOf(test.arguments...)),
					ConfigStateChecks: []statecheck.StateCheck{
						impactHas("changes", lines("direction", test.changes...)),
						impactHas("unchanged", lines("reason", test.unchanged...)),
						impactHas("summary", text(test.summary)),
						impactHas("unseen", knownvalue.ListSizeExact(0)),
					},
				}},
			})
		})
	}
}

// Everything that is told of a delegate.
func TestAccOverrideImpact_details(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: m.Config(impactOf(inPayments, image(imageA), `tags = ["gpu"]`)),
			ConfigStateChecks: []statecheck.StateCheck{
				impactHas("changes", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"id": text(acctest.Account + "/default/payments/Gpu-1"), "name": text("Gpu-1"), "org_id": text("default"), "project_id": text("payments"),
					"tags": tags("gpu", "gpu-1"), "auto_upgrade": text("ON"), "versions": knownvalue.ListExact([]knownvalue.Check{text(acctest.Latest)}),
					"from": text(latestImage), "to": text(imageA), "direction": text("same_version"),
					"reason": text("the delegate carries its tags {gpu}, and it is the nearest such override (at the delegate's own scope)"),
				})})),
				impactHas("unchanged", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
					"image": text(latestImage), "project_id": text("payments"),
				})})),
			},
		}},
	})
}

// What can't be seen is told, and the rest is answered.
func TestAccOverrideImpact_unseen(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	m.AddKey(simulator.Key{
		Token: "pat.no-scopes", AccountID: acctest.Account,
		Grants: []simulator.Grant{{Permissions: []string{simulator.PermissionView}}},
	})
	config := strings.ReplaceAll(m.Config(impactOf(image(imageA))), acctest.APIKey, "pat.no-scopes")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				impactHas("changes", lines("direction", "shared same_version")),
				impactHas("unchanged", knownvalue.ListSizeExact(0)),
				impactHas("summary", text("1 delegate gets another image (1 same version); not all could be seen")),
				impactHas("unseen", knownvalue.ListPartial(map[int]knownvalue.Check{
					0: knownvalue.StringRegexp(regexp.MustCompile(`^the identifiers of the organization named "default" and 2 more.*core_organization_view, core_project_view`)),
				})),
			},
		}},
	})
}

func TestAccOverrideImpact_refused(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	refused(t, m.Config(impactOf()), "Neither delegate_tag nor remove is set")
	refused(t, m.Config(impactOf(image(imageA), "remove = true")), "Both delegate_tag and remove are set")
	refused(t, m.Config(impactOf("remove = false")), "remove")
	refused(t, m.Config(impactOf(image("a b"))), "delegate_tag")
}

// impactWarnings gives the texts of the warnings about impacts.
func impactWarnings(result tfcli.Result) []string {
	var details []string
	for _, d := range result.Diagnostics() {
		if d.Severity == "warning" && strings.HasPrefix(d.Summary, "Delegates Get Another Image: ") {
			details = append(details, d.Detail)
		}
	}
	return details
}

// A plan that writes or removes an override tells whom it concerns, once, and
// not when nobody's image changes.
func TestAccTagOverride_impactIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	pinned := func(arguments ...string) string { return override("pin", append(arguments, image(imageA))...) }
	w := acctest.NewWorkspace(t, m, binary, pinned(inPayments))
	expect := func(result tfcli.Result, want ...string) {
		t.Helper()
		got := impactWarnings(result)
		if len(got) != 1 {
			t.Fatalf("%d warnings: %q\n%s", len(got), got, result.Output())
		}
		for _, part := range want {
			if !strings.Contains(got[0], part) {
				t.Errorf("no %q in:\n%s", part, got[0])
			}
		}
	}
	silent := func(result tfcli.Result) {
		t.Helper()
		if got := impactWarnings(result); len(got) != 0 {
			t.Errorf("it warns: %q", got)
		}
	}

	expect(w.Succeed("plan", "-json"),
		`Apply sets "`+imageA+`" for project "default/payments". By itself, that means: 2 delegates get another image (2 same version).`,
		"\n  - default/payments/Gpu-1: "+latestImage+" -> "+imageA+" (same version)\n  - default/payments/cpu-1: ")
	w.Succeed("apply", "-auto-approve", "-no-color")
	silent(w.Succeed("plan", "-json"))
	expect(w.Succeed("plan", "-destroy", "-json"), "Apply removes \""+imageA+"\"", imageA+" -> "+latestImage)

	// A renewal changes nobody's image.
	w.Configure(pinned(inPayments, "valid_for_days = 90"))
	silent(w.Succeed("plan", "-json"))
	// Another slot: whoever keeps the image by the move isn't named.
	w.Configure(pinned(`org_id = "default"`))
	expect(w.Succeed("plan", "-json"), "1 delegate gets another image (1 same version), 2 keep theirs", "- default/org-wide: ")
	w.Configure(pinned(inPayments, `tags = ["gpu"]`))
	expect(w.Succeed("plan", "-json"), "1 delegate gets another image (1 same version), 1 keeps its own", "- default/payments/cpu-1: "+imageA+" -> "+latestImage)
	w.Configure(pinned(`org_id = "platform"`, `project_id = "build"`))
	expect(w.Succeed("plan", "-json"),
		`Apply sets "`+imageA+`" for project "platform/build", and removes "`+imageA+`" for project "default/payments". By itself, that means: 3 delegates`,
		"- default/payments/Gpu-1: "+imageA+" -> "+latestImage, "- platform/build/builder: "+latestImage+" -> "+imageA)
}

// Of a replacement, Terraform shows the warnings of its first planning alone:
// those about the image and the new slot are among them, and none comes twice.
func TestAccTagOverride_replacementIsWarnedOf(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	m.Put(t, atOrg(imageA))
	const ancient = "registry.example.com/delegate:22.01.73500"
	w := acctest.NewWorkspace(t, m, binary, override("pin", inPayments, image(imageA)))
	w.Succeed("apply", "-auto-approve", "-no-color")
	for _, arguments := range [][]string{{`org_id = "default"`}, {`org_id = "platform"`, `project_id = "build"`}, {inPayments, `tags = ["gpu"]`}} {
		w.Configure(override("pin", append(arguments, image(ancient))...))
		want := []string{"Delegate Version Past End of Life", "Delegates Get Another Image", "Delegates Will Be Downgraded"}
		if len(arguments) == 1 {
			want = append(want, "Slot Is Taken")
		}
		var got []string
		for _, d := range w.Succeed("plan", "-json").Diagnostics() {
			summary, _, _ := strings.Cut(d.Summary, ": ")
			got = append(got, summary)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("moved to %s: %q, want %q", arguments, got, want)
		}
	}
}

// Delegates that no upgrader works on are named as such, and a long list ends.
func TestAccTagOverride_impactList(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	for i := range 13 {
		m.AddDelegate(simulator.Delegate{
			AccountID: acctest.Account, Name: fmt.Sprintf("d-%02d", i),
			Replicas: []simulator.Replica{{Image: latestImage, Alive: true, CreatedAt: acctest.Start.Add(-days)}},
		})
	}
	w := acctest.NewWorkspace(t, m, binary, override("pin", image(imageA)))
	got := impactWarnings(w.Succeed("plan", "-json"))
	if len(got) != 1 || !strings.HasSuffix(got[0], "\n  - and 3 more") ||
		!strings.Contains(got[0], "\n  - d-09: "+latestImage+" -> "+imageA+" (same version); its auto-upgrade is OFF, so the override may have no effect\n") {
		t.Errorf("it warns: %q", got)
	}
}

// Nothing may happen to delegates that no upgrader works on, whatever else the
// Manager says of them.
func TestAccTagOverride_impactOnOthers(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	m.AddDelegate(simulator.Delegate{AccountID: acctest.Account, Name: "gone"})
	m.AddDelegate(simulator.Delegate{AccountID: acctest.Account, Name: "mutable", Replicas: []simulator.Replica{{Version: "1.0.76600", Alive: true, Legacy: true}}})
	w := acctest.NewWorkspace(t, m, binary, override("pin", image(imageA)))
	got := impactWarnings(w.Succeed("plan", "-json"))
	told := "  - %s: " + latestImage + " -> " + imageA + " (same version); %s\n"
	want := fmt.Sprintf(told, "gone", "it has no replicas") + fmt.Sprintf(told, "mutable", "it runs the legacy image, which upgrades itself, so the override may have no effect")
	if len(got) != 1 || !strings.HasSuffix(got[0]+"\n", want) {
		t.Errorf("it warns: %q, want %q", got, want)
	}
}

// The look-ups of a plan are few, however many overrides it has, and none where
// they are switched off.
func TestAccTagOverride_impactRequests(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	var config strings.Builder
	for i, scope := range []string{"", `org_id = "default"`, inPayments, `org_id = "platform"`} {
		config.WriteString(override(fmt.Sprintf("plain%d", i), scope, image(imageA)))
		config.WriteString(override(fmt.Sprintf("tagged%d", i), scope, image(imageA), `tags = ["gpu"]`))
	}
	w := acctest.NewWorkspace(t, m, binary, config.String())
	m.ResetCounters()
	if got := len(impactWarnings(w.Succeed("plan", "-json"))); got != 7 {
		t.Errorf("%d warnings", got)
	}
	counts := m.Counters()
	for path, want := range map[string]int{delegatesPath: 1, orgsPath: 1, projectsPath: 1, acctest.ListPath: 5} {
		if counts[path] != want {
			t.Errorf("%d times %s, want %d", counts[path], path, want)
		}
	}

	m.ResetCounters()
	if err := w.Write("quiet_override.tf", "provider \"harnessdelegate\" {\n  warn_override_impact = false\n}\n"); err != nil {
		t.Fatal(err)
	}
	if got := impactWarnings(w.Succeed("plan", "-json")); len(got) != 0 {
		t.Errorf("switched off, it warns: %q", got)
	}
	if asked := m.Counters()[delegatesPath]; asked != 0 {
		t.Errorf("switched off, it asks %d times", asked)
	}
}

// A key that may see a project alone can't know what reaches it from above.
func TestAccOverrideImpact_withinAProject(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	m.AddKey(simulator.Key{
		Token: "pat.project", AccountID: acctest.Account,
		Grants: []simulator.Grant{
			{Permissions: []string{simulator.PermissionView}, OrgID: "default", ProjectID: "payments"},
		},
	})
	config := m.Config(impactOf(inPayments, image(imageA)))
	refused(t, strings.ReplaceAll(config, acctest.APIKey, "pat.project"), `core_delegate_view on delegate for account "`+acctest.Account+`"`)
}

// Terraform folds warnings with equal summaries: the delegates of each override are
// listed nevertheless, and a plan of many overrides stays readable.
func TestAccTagOverride_impactIsNotFolded(t *testing.T) {
	t.Parallel()
	m := acctest.NewManager(t)
	addFleet(m)
	w := acctest.NewWorkspace(t, m, binary, override("payments", inPayments, image(imageA))+override("build", `org_id = "platform"`, `project_id = "build"`, image(imageA)))
	shown := w.Succeed("plan", "-no-color").Output()
	for _, part := range []string{
		`Warning: Delegates Get Another Image: Project "default/payments"`, "- default/payments/cpu-1: ",
		`Warning: Delegates Get Another Image: Project "platform/build"`, "- platform/build/builder: ",
	} {
		if !strings.Contains(shown, part) {
			t.Errorf("no %q in:\n%s", part, shown)
		}
	}

	var many strings.Builder
	account := accountNamed(acctest.Account)
	account.Orgs = map[string][]string{}
	for i := range 15 {
		project := fmt.Sprintf("p%02d", i)
		account.Orgs["default"] = append(account.Orgs["default"], project)
		m.AddDelegate(simulator.Delegate{AccountID: acctest.Account, OrgID: "default", ProjectID: project, Name: "d", Replicas: []simulator.Replica{{Image: latestImage, Alive: true}}})
		many.WriteString(override(project, `org_id = "default"`, fmt.Sprintf("project_id = %q", project), image(imageA)))
	}
	m.AddAccount(account)
	w.Configure(many.String())
	shown = w.Succeed("plan", "-no-color").Output()
	if got := strings.Count(shown, "Warning: Delegates Get Another Image"); got != 11 {
		t.Errorf("%d warnings of 15 overrides, want 10 and one of the others:\n%s", got, shown)
	}
	if !strings.Contains(shown, "4 more similar warnings elsewhere") {
		t.Errorf("it isn't said how many were folded:\n%s", shown)
	}
}
