package container_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	// The check goes by how the image is called. Other tests may call theirs the
	// same at the same time: hence the tag.
	official := "harness/delegate:" + b.name
	private := "registry.invalid/harness/delegate:" + b.name
	custom := "custom/delegate:" + b.name
	for _, name := range []string{official, private, custom} {
		b.Image(t, name, delegateProgram(t))
	}
	t.Cleanup(func() { b.clear(t) })
	p := b.platform()
	want := b.wanted()
	if created := apply(t, p, want, nil).Findings; len(created) != 1 || created[0].Summary != "Delegate Not Found" || !created[0].Pending {
		t.Errorf("created without a delegate: %+v", created)
	}

	summaries := func(want spec.Upgrader) []string {
		t.Helper()
		findings, err := p.Check(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, f := range findings {
			silent(t, f.Summary, f.Detail)
			if len(f.Argument) == 0 || f.Detail == "" {
				t.Errorf("finding lacks something: %+v", f)
			}
			if f.Summary == "Delegate Not Found" && !strings.Contains(f.Detail, b.name+"-someone") && want.DelegateName == "nobody" {
				t.Errorf("the delegates that are there aren't told: %s", f.Detail)
			}
			list = append(list, f.Summary)
		}
		slices.Sort(list)
		return list
	}
	if got := summaries(want); !slices.Equal(got, []string{"Delegate Not Found"}) {
		t.Errorf("without a delegate: %v", got)
	}
	tests := []struct {
		name     string
		findings []string
		image    string
		env      map[string]string
		labels   map[string]string
		change   func(*spec.Upgrader)
	}{
		{name: "good"},
		{name: "other token", findings: []string{"Delegate and Upgrader Have Different Tokens"}, env: map[string]string{"DELEGATE_TOKEN": "another"}},
		{name: "other token, known only by the live upgrader", findings: []string{"Delegate and Upgrader Have Different Tokens"}, env: map[string]string{"DELEGATE_TOKEN": "another"}, change: func(u *spec.Upgrader) { u.Token = "" }},
		{name: "token of the live upgrader", change: func(u *spec.Upgrader) { u.Token = "" }},
		{name: "token about to change", findings: []string{"Delegate and Upgrader Have Different Tokens"}, change: func(u *spec.Upgrader) { u.Token = "new" }},
		{name: "other account", findings: []string{"Delegate and Upgrader Have Different Accounts"}, env: map[string]string{"ACCOUNT_ID": "other"}},
		{name: "other manager", findings: []string{"Delegate and Upgrader Have Different Managers"}, env: map[string]string{"MANAGER_HOST_AND_PORT": "https://other"}},
		{name: "same manager", env: map[string]string{"MANAGER_HOST_AND_PORT": "https://app.harness.io/"}},
		{name: "private image", findings: []string{"Delegate Image of a Private Registry"}, image: private},
		{name: "custom image", findings: []string{"Custom Delegate Image"}, image: custom},
		{name: "custom image without upgrade", image: custom, change: func(u *spec.Upgrader) { u.AutoUpgrade = false }},
		{name: "compose", findings: []string{"Delegate Started by Compose"}, labels: map[string]string{"com.docker.compose.project": "p"}},
		{name: "swarm", findings: []string{"Delegate Started by Swarm"}, labels: map[string]string{"com.docker.swarm.service.id": "s"}},
		{name: "nobody", findings: []string{"Delegate Not Found"}, change: func(u *spec.Upgrader) { u.DelegateName = "nobody" }},
		{name: "second upgrader", findings: []string{"Another Upgrader for the Same Delegate"}, change: func(u *spec.Upgrader) { u.Docker.Name += "-second" }},
	}
	b.delegate(t, official, map[string]string{"DELEGATE_NAME": b.name + "-someone"}, nil)
	for _, test := range tests {
		env := map[string]string{"DELEGATE_NAME": b.name, "DELEGATE_TOKEN": token, "ACCOUNT_ID": want.AccountID}
		maps.Copy(env, test.env)
		image := test.image
		if image == "" {
			image = official
		}
		id := b.delegate(t, image, env, test.labels)
		changed := b.wanted()
		if test.change != nil {
			test.change(&changed)
		}
		if got := summaries(changed); !slices.Equal(got, test.findings) {
			t.Errorf("%s: findings are %v, want %v", test.name, got, test.findings)
		}
		if _, err := b.API.ContainerRemove(t.Context(), id, client.ContainerRemoveOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
	}
}

// delegate runs a container that has a delegate's environment.
func (b bed) delegate(t *testing.T, image string, env, labels map[string]string) string {
	t.Helper()
	options := client.ContainerCreateOptions{
		Name:       b.name + "-delegate-" + env["DELEGATE_NAME"][len(b.name):],
		Config:     &api.Config{Image: image, Labels: labels},
		HostConfig: &api.HostConfig{},
	}
	for name, value := range env {
		options.Config.Env = append(options.Config.Env, name+"="+value)
	}
	return b.Run(t, options)
}
