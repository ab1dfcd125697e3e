package delegate_test

import (
	"testing"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

func TestImage_published(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ published, public bool }{
		"harness/delegate:25.11.87300":            {true, true},
		"docker.io/harness/delegate:1":            {true, true},
		"harnesssecure/delegate:25.11.87300":      {true, true},
		"acme/delegate:1":                         {false, true},
		"registry.example.com/harness/delegate:1": {false, false},
		"us-docker.pkg.dev/gar-prod-setup/harness-public/harness/delegate:25.11.87300": {true, true},
		"us-docker.pkg.dev/gar-prod-setup/harness-public/harness/other:1":              {false, true},
		"us-docker.pkg.dev/acme/harness-public/harness/delegate:1":                     {false, false},
		"us-west1-docker.pkg.dev/gar-setup/docker/delegate:1":                          {true, true},
		"us-west1-docker.pkg.dev/acme/docker/delegate:1":                               {false, false},
	} {
		image, err := delegate.ParseImage(text)
		if err != nil {
			t.Fatal(err)
		}
		if image.IsPublished() != want.published || image.InPublicRegistry() != want.public {
			t.Errorf("%s: published %t, public %t", text, image.IsPublished(), image.InPublicRegistry())
		}
	}
}
