package providerdata_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docker"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/providerdata"
)

func with(options ...providerdata.Option) *providerdata.Data {
	return providerdata.New(account(types.StringNull()), nil, nil, options...)
}

func TestPlatformsAreConnectedOnceAndWhenNeeded(t *testing.T) {
	var mu sync.Mutex
	made := map[string]int{}
	count := func(platform string) {
		mu.Lock()
		defer mu.Unlock()
		made[platform]++
	}
	data := with(
		providerdata.WithKubernetes(nil, func() (*kubernetes.Client, diag.Diagnostics) {
			count("kubernetes")
			return &kubernetes.Client{}, nil
		}),
		providerdata.WithDocker(nil, func(string) (*docker.Client, diag.Diagnostics) {
			count("docker")
			return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Wrong", "It can't be.")}
		}),
	)
	if len(made) > 0 {
		t.Error("they are connected before anybody needs them")
	}
	var users sync.WaitGroup
	for range 20 {
		users.Go(func() {
			if client, diags := data.Kubernetes(); client == nil || len(diags) > 0 {
				t.Errorf("Kubernetes: %v, %v", client, diags)
			}
			// Users add to what they get, each to their own.
			client, diags := data.Docker()
			if diags.AddError("Mine", "Mine."); client != nil || diags.ErrorsCount() != 2 {
				t.Errorf("Docker: %v, %v", client, diags)
			}
		})
	}
	users.Wait()
	if diff := cmp.Diff(map[string]int{"kubernetes": 1, "docker": 1}, made); diff != "" {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
}

// Each engine has one client, and the provider's is one of them.
func TestEnginesAreConnectedOnceEach(t *testing.T) {
	var mu sync.Mutex
	made := map[string]int{}
	data := with(providerdata.WithDocker(nil, func(host string) (*docker.Client, diag.Diagnostics) {
		mu.Lock()
		defer mu.Unlock()
		made[host]++
		return &docker.Client{}, nil
	}))
	var users sync.WaitGroup
	for range 20 {
		users.Go(func() {
			own, _ := data.Docker()
			first, _ := data.DockerAt("tcp://first:2376")
			again, _ := data.DockerAt("tcp://first:2376")
			second, _ := data.DockerAt("tcp://second:2376")
			if own == first || first == second || first != again {
				t.Error("engines don't have a client each")
			}
		})
	}
	users.Wait()
	if diff := cmp.Diff(map[string]int{"": 1, "tcp://first:2376": 1, "tcp://second:2376": 1}, made); diff != "" {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
}

func TestPlatformsTellWhatIsNotKnownYet(t *testing.T) {
	data := with(
		providerdata.WithKubernetes([]string{"kubernetes.host", "kubernetes.exec.args[0]"}, func() (*kubernetes.Client, diag.Diagnostics) {
			t.Error("a client was made of settings that are to come")
			return nil, nil
		}),
		providerdata.WithDocker([]string{"docker"}, func(string) (*docker.Client, diag.Diagnostics) {
			t.Error("a client was made of settings that are to come")
			return nil, nil
		}),
	)
	if diff := cmp.Diff([]string{"kubernetes.host", "kubernetes.exec.args[0]"}, data.UnknownKubernetes()); diff != "" {
		t.Errorf("of Kubernetes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"docker"}, data.UnknownDocker()); diff != "" {
		t.Errorf("of Docker (-want +got):\n%s", diff)
	}
	_, diags := data.Kubernetes()
	if diags.ErrorsCount() != 2 {
		t.Fatalf("diagnostics: %v", diags)
	}
	wantTexts(t, diags[0], `The provider argument "kubernetes.host" depends on something that is not applied yet`)
	wantTexts(t, diags[1], `"kubernetes.exec.args[0]"`)
	if _, diags = data.Docker(); diags.ErrorsCount() != 1 {
		t.Fatalf("diagnostics: %v", diags)
	}
	wantTexts(t, diags[0], `"docker"`)
}

func TestPlatformsThatAreMissing(t *testing.T) {
	data := with()
	if client, diags := data.Kubernetes(); client != nil || diags.ErrorsCount() != 1 {
		t.Errorf("Kubernetes: %v, %v", client, diags)
	}
	if client, diags := data.Docker(); client != nil || diags.ErrorsCount() != 1 {
		t.Errorf("Docker: %v, %v", client, diags)
	}
}

func TestEndpoint(t *testing.T) {
	null, unknown := types.StringNull(), types.StringUnknown()
	value := types.StringValue
	for name, tc := range map[string]struct {
		own, provider, want types.String
	}{
		"the object's own":          {value("https://own.example.com/gateway"), value("https://app.harness.io/gateway"), value("https://own.example.com/gateway")},
		"the object's own, to come": {unknown, value("https://app.harness.io/gateway"), unknown},
		"the provider's":            {null, value("https://app.harness.io/gateway"), value("https://app.harness.io")},
		"the provider's, without":   {null, value("https://harness.example.com/"), value("https://harness.example.com")},
		"the provider's, slashes":   {null, value("https://harness.example.com//gateway//"), value("https://harness.example.com")},
		"the provider's, below":     {null, value("https://example.com/harness/gateway"), value("https://example.com/harness")},
		"another's gateway":         {null, value("https://example.com/my-gateway"), value("https://example.com/my-gateway")},
		"the provider's, to come":   {null, unknown, unknown},
		"none":                      {null, null, null},
	} {
		t.Run(name, func(t *testing.T) {
			data := providerdata.New(account(null), needed(tc.provider, null), nil)
			if got := data.Endpoint(tc.own); !got.Equal(tc.want) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	if got := with().Endpoint(null); !got.IsNull() {
		t.Errorf("without settings it is %s", got)
	}
}
