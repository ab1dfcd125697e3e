package upgrade

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSuccessorHasWhatUsersChoseAndNotWhatTheImageGave(t *testing.T) {
	old := found{
		ID: "0123456789abcdef",
		Config: object{
			"Image": "d:1", "Hostname": "0123456789ab", "Domainname": "example.com", "User": "1001", "WorkingDir": "/opt",
			"Env":        []any{"DELEGATE_NAME=d1", "PATH=/bin", "VERSION=1"},
			"Entrypoint": []any{"/app", "-version=1"}, "Cmd": []any{"mine"},
			"Labels": object{"mine": "1", "vendor": "harness"},
		},
		HostConfig: object{"NetworkMode": "second", "Memory": float64(1 << 30), "Binds": []any{"/a:/b"}},
	}
	old.NetworkSettings.Networks = map[string]object{
		"first":  {"IPAddress": "10.0.0.2", "Aliases": []any{"0123456789ab", "also"}, "NetworkID": "n1"},
		"second": {"IPAMConfig": object{"IPv4Address": "10.1.0.9"}, "Aliases": nil},
	}
	image := object{
		"User": "1001", "WorkingDir": "/", "Env": []any{"PATH=/bin", "VERSION=1"}, "Entrypoint": []any{"/app", "-version=1"},
		"Labels": object{"vendor": "harness"},
	}
	request, others := old.successor("d:2", image)
	want := object{
		"Image": "d:2", "Domainname": "example.com", "WorkingDir": "/opt",
		"Env": []string{"DELEGATE_NAME=d1"}, "Cmd": []any{"mine"}, "Labels": object{"mine": "1"},
		"HostConfig":       old.HostConfig,
		"NetworkingConfig": object{"EndpointsConfig": object{"second": object{"IPAMConfig": object{"IPv4Address": "10.1.0.9"}}}},
	}
	if diff := cmp.Diff(want, request); diff != "" {
		t.Errorf("the request differs (-want +got):\n%s", diff)
	}
	wantOthers := []network{{name: "first", endpoint: object{"Aliases": []string{"also"}}}}
	if diff := cmp.Diff(wantOthers, others, cmp.AllowUnexported(network{})); diff != "" {
		t.Errorf("the other networks differ (-want +got):\n%s", diff)
	}
}

func TestSuccessorOfAContainerWithoutNetworkOfItsOwn(t *testing.T) {
	old := found{
		ID:         "0123456789abcdef",
		Config:     object{"Image": "d:1", "Hostname": "chosen"},
		HostConfig: object{"NetworkMode": "container:other"},
	}
	request, others := old.successor("d:2", nil)
	want := object{"Image": "d:2", "Hostname": "chosen", "HostConfig": old.HostConfig}
	if diff := cmp.Diff(want, request); diff != "" || len(others) > 0 {
		t.Errorf("the request differs (-want +got), other networks are %v:\n%s", others, diff)
	}
}
