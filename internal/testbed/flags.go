package main

import (
	_ "embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// The components, and the first argument that makes this program one of them.
const (
	etcd                  = "etcd"
	kubeAPIServer         = "kube-apiserver"
	kubeControllerManager = "kube-controller-manager"
	kubeScheduler         = "kube-scheduler"
)

const loopback = "127.0.0.1"

//go:embed audit-policy.yaml
var auditPolicy []byte

// controllers are those that matter to workloads. There is none for nodes: the
// only node never reports, and must not be found dead for it.
var controllers = []string{
	"clusterrole-aggregation-controller",
	"cronjob-controller",
	"deployment-controller",
	"garbage-collector-controller",
	"job-controller",
	"namespace-controller",
	"pod-garbage-collector-controller",
	"replicaset-controller",
	"root-ca-certificate-publisher-controller",
	"serviceaccount-controller",
	"serviceaccount-token-controller",
	"ttl-after-finished-controller",
}

// socket is where etcd listens: no port to be taken by somebody else.
func (b *bed) socket() string { return "unix://" + filepath.Join(b.dir, "etcd.sock") }

// etcdFlags trade durability for speed; the data doesn't outlive the bed. The
// heartbeat only makes the sole member elect itself sooner. No peer ever calls;
// etcd insists on an address for them that looks like a host with a port, and
// makes a socket of that name in its working folder.
func (b *bed) etcdFlags() []string {
	const nobody = "unix://localhost:0"
	return []string{
		"--name=testbed",
		"--data-dir=" + b.path("etcd"),
		"--unsafe-no-fsync",
		"--heartbeat-interval=10",
		"--election-timeout=100",
		"--listen-client-urls=" + b.socket(),
		"--advertise-client-urls=http://" + loopback + ":1",
		"--listen-peer-urls=" + nobody,
		"--initial-advertise-peer-urls=" + nobody,
		"--initial-cluster=testbed=" + nobody,
	}
}

// apiServerFlags ask for what clusters have: RBAC, the default admission
// plugins, privileged pods allowed. No certificate of a kubelet is verified.
func (b *bed) apiServerFlags() []string {
	return []string{
		"--etcd-servers=" + b.socket(),
		"--bind-address=" + loopback,
		"--advertise-address=" + loopback,
		fmt.Sprintf("--secure-port=%d", b.port),
		"--cert-dir=" + b.path("pki"),
		"--tls-cert-file=" + b.path("pki/server.crt"),
		"--tls-private-key-file=" + b.path("pki/server.key"),
		"--client-ca-file=" + b.path("ca.crt"),
		"--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-signing-key-file=" + b.path("pki/sa.key"),
		"--service-account-key-file=" + b.path("pki/sa.pub"),
		"--service-cluster-ip-range=10.96.0.0/24",
		"--endpoint-reconciler-type=none",
		"--allow-privileged=true",
		"--kubelet-preferred-address-types=InternalIP",
		"--audit-policy-file=" + b.path("audit-policy.yaml"),
		"--audit-log-path=" + b.path("audit.jsonl"),
		"--audit-log-maxsize=100000", // one file: its reader knows no other
	}
}

// controllerManagerFlags give each controller its own service account, under
// the RBAC rules that a cluster has for it.
func (b *bed) controllerManagerFlags() []string {
	return []string{
		"--kubeconfig=" + b.path(kubeconfig("system:kube-controller-manager")),
		"--controllers=" + strings.Join(controllers, ","),
		"--use-service-account-credentials=true",
		"--service-account-private-key-file=" + b.path("pki/sa.key"),
		"--root-ca-file=" + b.path("ca.crt"),
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
	}
}

func (b *bed) schedulerFlags() []string {
	return []string{
		"--kubeconfig=" + b.path(kubeconfig("system:kube-scheduler")),
		"--leader-elect=false",
		"--secure-port=0",
	}
}

// path is a file of the bed.
func (b *bed) path(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }

// write puts a file into the bed.
func (b *bed) write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(b.path(name)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(b.path(name), content, 0o600)
}

// freePort is a port that nobody listened on a moment ago.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("%s is no TCP address", listener.Addr())
	}
	return address.Port, nil
}
