package dockertest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"go.uber.org/goleak"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/dockertest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func wantEqual(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (-want +got):\n%s", diff)
	}
}

// programs builds the upgrader and the delegate.
func programs(t *testing.T) (upgrader, delegate string) {
	t.Helper()
	upgrader, delegate, err := standin.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return upgrader, delegate
}

// delegateImage makes an image of the stand-in delegate.
func delegateImage(t *testing.T, e *dockertest.Engine, repoTag, version string, more ...string) {
	t.Helper()
	_, delegate := programs(t)
	e.Image(t, repoTag, delegate, append([]string{"-version=" + version}, more...)...)
}

// named is a container of an image that is called after its delegate.
func named(name, image string) client.ContainerCreateOptions {
	return client.ContainerCreateOptions{
		Name:       name,
		Config:     &container.Config{Image: image, Env: []string{"DELEGATE_NAME=" + name}},
		HostConfig: &container.HostConfig{},
	}
}

// waitForLog waits until a container has printed the text.
func waitForLog(t *testing.T, e *dockertest.Engine, name, text string) {
	t.Helper()
	dockertest.Eventually(t, name+" prints "+text, func() bool { return strings.Contains(e.Logs(t, name), text) })
}
