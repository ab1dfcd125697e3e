package cronjob

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// LogReader gives the last lines that a container wrote. The dynamic client
// can't: logs aren't objects.
type LogReader func(ctx context.Context, namespace, pod, container string, tailLines int) (string, error)

// Deleter deletes an object and reports whether it is gone. The dynamic client
// drops the answer that tells.
type Deleter func(ctx context.Context, resource schema.GroupVersionResource, namespace, name string, options metav1.DeleteOptions) (gone bool, err error)

// Option changes a platform.
type Option func(*platform)

// WithPace sets another pace.
func WithPace(pace kubernetes.Pace) Option {
	return func(p *platform) { p.requests = kubernetes.NewRequests(pace) }
}

// WithLists reads by the lists of a run.
func WithLists(lists *kubernetes.Lists) Option {
	return func(p *platform) { p.lists = lists }
}

// WithDeleter saves the look whether a deleted object is gone.
func WithDeleter(deleter Deleter) Option {
	return func(p *platform) { p.deleter = deleter }
}

// WithRun lets Apply go on from the Preflight of the same run.
func WithRun(run *Run) Option {
	return func(p *platform) { p.run = run }
}

// New makes a platform of a client. Host is the server's address, for messages.
func New(client dynamic.Interface, host string, logs LogReader, options ...Option) spec.Platform {
	p := &platform{client: client, host: host, logs: logs, requests: kubernetes.NewRequests(kubernetes.DefaultPace())}
	p.deleter = p.deleteUnseen
	for _, option := range options {
		option(p)
	}
	return p
}

var _ spec.Starter = (*platform)(nil)

type platform struct {
	client   dynamic.Interface
	host     string
	logs     LogReader
	requests *kubernetes.Requests
	deleter  Deleter
	// lists are those of this run; without them each object is read by itself.
	lists *kubernetes.Lists
	// run is nil where every operation is on its own.
	run *Run
}

func (p *platform) deleteUnseen(ctx context.Context, resource schema.GroupVersionResource, namespace, name string, options metav1.DeleteOptions) (bool, error) {
	return false, p.client.Resource(resource).Namespace(namespace).Delete(ctx, name, options)
}

// try repeats a request for as long as its failure looks like one that passes.
func (p *platform) try(ctx context.Context, request func(context.Context) error) error {
	return p.requests.Try(ctx, request)
}

// forgetLists is called before an upgrader is written. Lists of what upgraders
// consist of are forgotten; the workloads of the namespace are not changed.
func (p *platform) forgetLists(namespace string) {
	if p.lists == nil {
		return
	}
	for _, kind := range []string{kindServiceAccount, kindRole, kindRoleBinding, kindSecret, kindConfigMap, kindCronJob} {
		p.lists.Forget(kinds[kind].resource, namespace)
	}
}
