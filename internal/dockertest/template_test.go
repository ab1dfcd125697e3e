package dockertest

import "testing"

func TestTemplate(t *testing.T) {
	for path, want := range map[string]string{
		"/_ping":                                "/_ping",
		"/v1.41/version":                        "/version",
		"/v1.41/containers/json":                "/containers/json",
		"/v1.41/containers/create":              "/containers/create",
		"/containers/abc":                       "/containers/{id}",
		"/v1.41/containers/abc/json":            "/containers/{id}/json",
		"/v1.41/containers/json2/start":         "/containers/{id}/start",
		"/v1.41/images/create":                  "/images/create",
		"/v1.41/images/a.example.com:5/b/c/tag": "/images/{name}/tag",
		"/v1.41/images/a/b:1/json":              "/images/{name}/json",
		"/v1.41/images/a/b:1":                   "/images/{name}",
		"/v1.41/distribution/a/b:1/json":        "/distribution/{name}/json",
		"/v1.41/networks/n/connect":             "/networks/{id}/connect",
		"/v1.41/exec/e/start":                   "/exec/{id}/start",
		"/v1.41/volumes/prune":                  "/volumes/prune",
		"/v1.41/volumes/v":                      "/volumes/{id}",
		"/v1.41":                                "/",
	} {
		if got := template(path); got != want {
			t.Errorf("template of %s is %s, want %s", path, got, want)
		}
	}
}
