package docker

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
)

// hubAddress is what Docker Hub is called where credentials are kept.
const hubAddress = "https://index.docker.io/v1/"

func stored(name, password string) string {
	return fmt.Sprintf(`{"auth": %q}`, base64.StdEncoding.EncodeToString([]byte(name+":"+password)))
}

func TestAuth(t *testing.T) {
	own := folderOf(t, map[string]string{"config.json": `{"auths": {
		"https://index.docker.io/v1/": ` + stored("hub", "hub:pass") + `,
		"https://old.example.com/v2/": ` + stored("old", "s3cret") + `,
		"port.example.com:5000": {"username": "port", "password": "s3cret"},
		"token.example.com": {"identitytoken": "s3cret"},
		"docker.io.example.com": ` + stored("trap", "s3cret") + `
	}}`})
	other := filepath.Join(folderOf(t, map[string]string{"other.json": `{"auths": {"registry.example.com": ` + stored("other", "s3cret") + `}}`}), "other.json")
	user := func(address string) []RegistryAuth {
		return []RegistryAuth{{Address: "elsewhere.example.com", Username: "x", Password: "y"}, {Address: address, Username: "me", Password: "s3cret"}}
	}
	me := func(address string) registry.AuthConfig {
		return registry.AuthConfig{Username: "me", Password: "s3cret", ServerAddress: address}
	}
	for name, tc := range map[string]struct {
		image   string
		entries []RegistryAuth
		folder  string
		want    registry.AuthConfig
	}{
		"Docker Hub's entry":              {"harness/upgrader:latest", user("docker.io"), own, me(hubAddress)},
		"Docker Hub's entry by address":   {"busybox", user(hubAddress), own, me(hubAddress)},
		"Docker Hub's by another name":    {"docker.io/library/busybox", user("registry-1.docker.io"), own, me(hubAddress)},
		"a registry's entry":              {"registry.example.com/a/b@sha256:" + strings.Repeat("a", 64), user("registry.example.com"), own, me("registry.example.com")},
		"a registry's entry by address":   {"registry.example.com:5000/a/b:1", user("https://Registry.example.com:5000/v2/"), own, me("registry.example.com:5000")},
		"another port's entry":            {"registry.example.com:5000/a/b:1", user("registry.example.com"), own, registry.AuthConfig{}},
		"an entry without credentials":    {"busybox", []RegistryAuth{{Address: "docker.io"}}, own, registry.AuthConfig{Username: "hub", Password: "hub:pass", ServerAddress: hubAddress}},
		"an entry that wants none":        {"busybox", []RegistryAuth{{Address: "docker.io", AuthDisabled: true}}, own, registry.AuthConfig{}},
		"an entry's file":                 {"registry.example.com/a", []RegistryAuth{{Address: "registry.example.com", ConfigFile: other}}, own, registry.AuthConfig{Username: "other", Password: "s3cret", ServerAddress: "registry.example.com"}},
		"an entry's file without it":      {"busybox", []RegistryAuth{{Address: "docker.io", ConfigFile: other}}, own, registry.AuthConfig{}},
		"an entry's text":                 {"busybox", []RegistryAuth{{Address: "docker.io", ConfigFileContent: `{"auths":{"docker.io":{"username":"t","password":"s3cret"}}}`}}, own, registry.AuthConfig{Username: "t", Password: "s3cret", ServerAddress: hubAddress}},
		"no entry, Docker Hub":            {"busybox", nil, own, registry.AuthConfig{Username: "hub", Password: "hub:pass", ServerAddress: hubAddress}},
		"no entry, an old file's address": {"old.example.com/a", nil, own, registry.AuthConfig{Username: "old", Password: "s3cret", ServerAddress: "old.example.com"}},
		"no entry, a name and a password": {"port.example.com:5000/a", nil, own, registry.AuthConfig{Username: "port", Password: "s3cret", ServerAddress: "port.example.com:5000"}},
		"no entry, a token":               {"token.example.com/a", nil, own, registry.AuthConfig{IdentityToken: "s3cret", ServerAddress: "token.example.com"}},
		"no entry, a file for the folder": {"registry.example.com/a", nil, other, registry.AuthConfig{Username: "other", Password: "s3cret", ServerAddress: "registry.example.com"}},
		"nothing known":                   {"unknown.example.com/a", nil, own, registry.AuthConfig{}},
		"no file":                         {"busybox", nil, t.TempDir(), registry.AuthConfig{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := mustNew(t, Config{Host: "tcp://127.0.0.1:1", RegistryAuth: tc.entries, ConfigDir: tc.folder})
			encoded, err := c.Auth(tc.image)
			if err != nil {
				t.Fatal(err)
			}
			if (encoded == "") != (tc.want == registry.AuthConfig{}) {
				t.Errorf("it is %q", encoded)
			}
			got, err := authconfig.Decode(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthInTheHome(t *testing.T) {
	home := folderOf(t, map[string]string{
		".docker/config.json": `{"auths": {"registry.example.com": ` + stored("home", "s3cret") + `}}`,
		"mine.json":           `{"auths": {"registry.example.com": ` + stored("mine", "s3cret") + `}}`,
	})
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	for want, entries := range map[string][]RegistryAuth{"home": nil, "mine": {{Address: "registry.example.com", ConfigFile: "~/mine.json"}}} {
		encoded, err := mustNew(t, Config{Host: "tcp://127.0.0.1:1", RegistryAuth: entries}).Auth("registry.example.com/a")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := authconfig.Decode(encoded); err != nil || got.Username != want {
			t.Errorf("got %v, %v; want %s", got, err, want)
		}
	}
}

// The stand-in for a credential helper, and what it is told by.
const (
	helperShort   = "test"
	helperProgram = "docker-credential-" + helperShort
	helperSays    = "TEST_HELPER_SAYS"
	helperFails   = "TEST_HELPER_FAILS"
)

// actAsHelper is a credential helper.
func actAsHelper() int {
	server, err := io.ReadAll(os.Stdin)
	if err != nil || len(os.Args) != 2 || os.Args[1] != "get" {
		return 2
	}
	_, _ = fmt.Fprint(os.Stdout, strings.ReplaceAll(os.Getenv(helperSays), "SERVER", string(server)))
	if os.Getenv(helperFails) != "" {
		return 1
	}
	return 0
}

func TestHelpers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("programs go by their endings there")
	}
	const (
		forAll  = `{"credsStore": "test", "auths": {"registry.example.com": {"username": "file", "password": "s3cret"}}}`
		forSome = `{"credsStore": "absent", "credHelpers": {"registry.example.com": "test", "https://index.docker.io/v1/": "test"}}`
		absent  = `{"credsStore": "absent"}`
	)
	for name, tc := range map[string]struct {
		config string
		image  string
		says   string
		fails  bool
		// entry asks by an entry instead of the Docker CLI's own file.
		entry bool
		want  registry.AuthConfig
		err   string
	}{
		"for all": {
			config: forAll, image: "registry.example.com/a", says: `{"ServerURL":"SERVER","Username":"SERVER","Secret":"s3cret"}`,
			want: registry.AuthConfig{Username: "registry.example.com", Password: "s3cret", ServerAddress: "registry.example.com"},
		},
		"for one": {
			config: forSome, image: "registry.example.com/a", says: `{"Username":"me","Secret":"s3cret"}`,
			want: registry.AuthConfig{Username: "me", Password: "s3cret", ServerAddress: "registry.example.com"},
		},
		"for Docker Hub": {
			config: forSome, image: "busybox", says: `{"Username":"SERVER","Secret":"s3cret"}`,
			want: registry.AuthConfig{Username: hubAddress, Password: "s3cret", ServerAddress: hubAddress},
		},
		"a token": {
			config: forAll, image: "registry.example.com/a", says: `{"Username":"<token>","Secret":"s3cret"}`,
			want: registry.AuthConfig{IdentityToken: "s3cret", ServerAddress: "registry.example.com"},
		},
		"it knows nothing": {
			config: forAll, image: "registry.example.com/a", says: notFound + "\n", fails: true,
			want: registry.AuthConfig{Username: "file", Password: "s3cret", ServerAddress: "registry.example.com"},
		},
		"it fails": {
			config: forAll, image: "registry.example.com/a", says: "the keychain is locked", fails: true,
			err: "finding the credentials for registry.example.com: docker-credential-test: exit status 1: the keychain is locked",
		},
		"it talks nonsense": {
			config: forAll, image: "registry.example.com/a", says: `{"Secret":"s3cret"`,
			err: "docker-credential-test answered something that is no credentials",
		},
		"it isn't there": {config: absent, image: "registry.example.com/a"},
		"it isn't there, but an entry names it": {
			config: absent, image: "registry.example.com/a", entry: true, err: "docker-credential-absent",
		},
		"it is a path": {config: `{"credsStore": "../evil"}`, image: "registry.example.com/a", err: `"../evil" is no name of a credential helper`},
	} {
		t.Run(name, func(t *testing.T) {
			putInPath(t, helperProgram)
			t.Setenv(helperSays, tc.says)
			if tc.fails {
				t.Setenv(helperFails, "yes")
			}
			config := Config{Host: "tcp://127.0.0.1:1", ConfigDir: folderOf(t, map[string]string{"config.json": tc.config})}
			if tc.entry {
				config.RegistryAuth = []RegistryAuth{{Address: "registry.example.com", ConfigFile: filepath.Join(config.ConfigDir, "config.json")}}
			}
			encoded, err := mustNew(t, config).Auth(tc.image)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "s3cret") {
					t.Errorf("got %v, want %s", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := authconfig.Decode(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthThatCannotBeFound(t *testing.T) {
	entry := func(entry RegistryAuth) Config {
		entry.Address = "docker.io"
		return Config{RegistryAuth: []RegistryAuth{entry}, ConfigDir: t.TempDir()}
	}
	for name, tc := range map[string]struct {
		config Config
		image  string
		want   string
	}{
		"no image's name":   {Config{}, "Not An Image", `"Not An Image" is no name of an image`},
		"an absent file":    {entry(RegistryAuth{ConfigFile: "/nowhere/config.json"}), "busybox", "finding the credentials for docker.io: open /nowhere/config.json"},
		"a broken file":     {Config{ConfigDir: folderOf(t, map[string]string{"config.json": `{"auths": "s3cret`})}, "busybox", "config.json: it is no config.json of the Docker CLI"},
		"broken in a file":  {Config{ConfigDir: folderOf(t, map[string]string{"config.json": `{"auths": {"docker.io": {"auth": "s3cret"}}}`})}, "busybox", `"auth" in config.json is not base64`},
		"broken in a text":  {entry(RegistryAuth{ConfigFileContent: `{"auths": {"docker.io": {"auth": "czNjcmV0"}}}`}), "busybox", `"auth" in config.json is not base64`},
		"of another's kind": {entry(RegistryAuth{ConfigFile: folderOf(t, nil)}), "busybox", "finding the credentials for docker.io: read"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.config.Host = "tcp://127.0.0.1:1"
			_, err := mustNew(t, tc.config).Auth(tc.image)
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
