// Command inpod is a program for a pod. It reports what it finds, asks the API
// server with the pod's token for the ConfigMap that its argument names, and
// ends with the exit code that its configuration asks for.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

const credentials = "/var/run/secrets/kubernetes.io/serviceaccount"

type report struct {
	Args      []string
	Config    string
	Mode      string
	Greeting  string
	Password  string
	Namespace string
	UID, PID  int
	ReadOnly  bool
	Status    int
}

func main() {
	token := read(filepath.Join(credentials, "token"))
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(read(filepath.Join(credentials, "ca.crt"))))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}

	const config = "/etc/inpod/config.yaml"
	info, err := os.Stat(config)
	check(err)
	r := report{
		Args:      os.Args[1:],
		Config:    read(config),
		Mode:      info.Mode().String(),
		Greeting:  os.Getenv("GREETING"),
		Password:  os.Getenv("PASSWORD"),
		Namespace: read(filepath.Join(credentials, "namespace")),
		UID:       os.Getuid(),
		PID:       os.Getpid(),
		ReadOnly:  os.WriteFile("/etc/inpod/other", nil, 0o600) != nil,
	}
	url := fmt.Sprintf("https://%s:%s/api/v1/namespaces/%s/configmaps/%s", os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"), r.Namespace, os.Args[1])
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	check(err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", "inpod")
	response, err := client.Do(request)
	check(err)
	r.Status = response.StatusCode
	check(json.NewEncoder(os.Stdout).Encode(r))
	check(os.WriteFile("/dev/termination-log", []byte("that was all"), 0o600))
	if os.Getenv("STAY") != "" {
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGTERM)
		<-told
		fmt.Println("told to end")
	}
	if r.Config != "ok" {
		os.Exit(3)
	}
}

func read(path string) string {
	content, err := os.ReadFile(path)
	check(err)
	return string(content)
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
