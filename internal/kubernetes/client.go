// Package kubernetes connects to a cluster. It knows neither Terraform nor the
// objects that are managed there: it takes plain settings, and gives a client
// for any kind of object.
//
// The client is client-go's dynamic one. The typed clientset would double the
// size of the provider and register every kind of every API group whenever
// Terraform starts it, also for those who use no cluster.
package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// Limits of requests. client-go's own (5 per second, 10 at once) are for
// controllers, which work all the time. Terraform works on ten objects at
// once, each of which is made of half a dozen objects of the cluster, and then
// is done; the server guards itself by its flow control. These are kubectl's.
const (
	queriesPerSecond = 50
	queriesAtOnce    = 300
)

// ErrNoCluster says that no setting names a cluster and that the program
// doesn't run in one.
var ErrNoCluster = errors.New("no cluster is named, and this is not running in a pod")

// Client talks to one cluster as one user. It is safe for concurrent use.
type Client struct {
	host    string
	rest    rest.Interface
	dynamic dynamic.Interface
	lists   *Lists
}

// New makes a client. It reads the files that the settings name, and connects
// to nothing. Settings that can't be right are Problems; where no cluster is
// named at all, the error is ErrNoCluster.
func New(config Config) (*Client, error) { return newClient(config, rest.InClusterConfig) }

func newClient(config Config, inCluster func() (*rest.Config, error)) (*Client, error) {
	settings, err := config.rest(inCluster)
	if err != nil {
		return nil, err
	}
	settings.QPS = queriesPerSecond
	settings.Burst = queriesAtOnce
	settings.UserAgent = config.UserAgent
	settings.WarningHandlerWithContext = warnings{config.OnWarning}
	// There is no time limit on purpose: it would cut logs off. The context
	// of each request bounds it.
	settings.Timeout = 0

	settings = dynamic.ConfigFor(settings)
	// The path is for requests that don't bring their own. All do.
	settings.APIPath = "/api"
	connection, err := rest.HTTPClientFor(settings)
	if err != nil {
		return nil, config.unusable(settings, err)
	}
	if settings.ExecProvider != nil {
		connection.Transport = newPlugin(settings, connection.Transport)
	}
	client, err := rest.UnversionedRESTClientForConfigAndClient(settings, connection)
	if err != nil {
		return nil, config.unusable(settings, err)
	}
	return &Client{host: address(settings.Host), rest: client, dynamic: dynamic.New(client), lists: &Lists{}}, nil
}

// unusable says why there is no client. Of what is set here, Check has found the
// certificates that are none; the others are the kubeconfig's.
func (c Config) unusable(settings *rest.Config, err error) error {
	if c.hasKubeconfig() {
		return Problems{{Arguments: []string{c.kubeconfigArgument()}, Text: fmt.Sprintf(
			"The cluster %s, or its user, is not usable as the kubeconfig has it: %v.", address(settings.Host), err)}}
	}
	return fmt.Errorf("preparing the connection to %s: %w", address(settings.Host), err)
}

// The log of client-go goes to standard error, which Terraform would show line
// by line. What matters comes back as errors and by Config.OnWarning. It is
// turned off before anything runs, since klog doesn't guard it.
func init() { klog.SetLogger(logr.Discard()) }

// Dynamic gives access to objects of all kinds.
func (c *Client) Dynamic() dynamic.Interface { return c.dynamic }

// Lists are what was listed in this run.
func (c *Client) Lists() *Lists { return c.lists }

// Host is the address of the API server, for messages.
func (c *Client) Host() string { return c.host }

// Format implements fmt.Formatter: fmt would show credentials, which lie in
// unexported fields.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "client of %s", c.host) }

// Delete deletes an object. It reports whether the object is gone; one with
// finalizers is still there. The dynamic client drops the answer that tells.
func (c *Client) Delete(
	ctx context.Context, resource schema.GroupVersionResource, namespace, name string, options metav1.DeleteOptions,
) (gone bool, err error) {
	root := []string{"apis", resource.Group, resource.Version}
	if resource.Group == "" {
		root = []string{"api", resource.Version}
	}
	body, err := json.Marshal(options)
	if err != nil {
		return false, fmt.Errorf("encoding the options: %w", err)
	}
	result := c.rest.Delete().AbsPath(append(root, "namespaces", namespace, resource.Resource, name)...).
		SetHeader("Content-Type", "application/json").Body(body).Do(ctx)
	if err := result.Error(); err != nil {
		return false, err
	}
	answer, err := result.Raw()
	var left metav1.PartialObjectMetadata // or a Status, which has no finalizers
	return err == nil && json.Unmarshal(answer, &left) == nil && len(left.Finalizers) == 0, nil
}

// Logs gives the last lines of a container's log; zero lines mean all. Of long
// ones it keeps the end, where the reason of a failure stands.
func (c *Client) Logs(ctx context.Context, namespace, pod, container string, tailLines int) (string, error) {
	request := c.rest.Get().AbsPath("/api/v1/namespaces", namespace, "pods", pod, "log")
	if container != "" {
		request.Param("container", container)
	}
	if tailLines > 0 {
		request.Param("tailLines", strconv.Itoa(tailLines))
	}
	stream, err := request.Stream(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the log of pod %s/%s: %w", namespace, pod, err)
	}
	defer func() { _ = stream.Close() }()
	var kept tail
	if _, err := io.Copy(&kept, stream); err != nil {
		return "", fmt.Errorf("reading the log of pod %s/%s: %w", namespace, pod, err)
	}
	return string(kept), nil
}

// tailBytes bounds what is kept of a log.
const tailBytes = 64 << 10

// tail keeps the end of what is written to it.
type tail []byte

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	*t = append(*t, p...)
	if excess := len(*t) - tailBytes; excess > 0 {
		*t = append((*t)[:0], (*t)[excess:]...)
	}
	return len(p), nil
}

// warnings hands on what the server warns of, such as an API that is going to
// be removed. client-go would write it to standard error.
type warnings struct {
	tell func(context.Context, string)
}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
// Warnings have the code 299, by the HTTP standard.
func (w warnings) HandleWarningHeaderWithContext(ctx context.Context, code int, _, text string) {
	if w.tell != nil && code == 299 && text != "" {
		w.tell(ctx, text)
	}
}
