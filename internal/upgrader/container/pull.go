package container

import (
	"context"
	"errors"
	"fmt"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// ensureImage sees to it that the engine has the image, before anything that
// runs is touched.
func (t *task) ensureImage(ctx context.Context) error {
	if t.want.Docker.PullPolicy == spec.PullAlways {
		return t.pull(ctx)
	}
	_, err := ask(ctx, func() (client.ImageInspectResult, error) { return t.engine.ImageInspect(ctx, t.want.Image) })
	switch {
	case err == nil:
		return nil
	case !cerrdefs.IsNotFound(err) || t.want.Docker.PullPolicy == spec.PullNever:
		return t.fail(t.doingImage("look for"), err)
	default:
		return t.pull(ctx)
	}
}

func (t *task) doingImage(verb string) string {
	return fmt.Sprintf("%s the image %s on the engine at %s", verb, t.want.Image, t.host)
}

// pull brings the image to the engine.
func (t *task) pull(ctx context.Context) error {
	doing := t.doingImage("pull")
	var auth string
	if t.auth != nil {
		var err error
		if auth, err = t.auth(t.want.Image); err != nil {
			return &spec.Failure{
				Doing: doing, Reason: "the registry's credentials can't be read: " + t.hidden.Hide(err.Error()), Err: err,
				Advice: "Check `registry_auth` in the provider's `docker` block, and ~/.docker/config.json.",
			}
		}
	}
	hidden := t.hidden.With(secret.Text(auth))
	err := repeat(ctx, func() error {
		stream, err := t.engine.ImagePull(ctx, t.want.Image, client.ImagePullOptions{RegistryAuth: auth})
		if err != nil {
			return err
		}
		// The pull lasts as long as its report, which is also where it tells of
		// most failures.
		return stream.Wait(ctx)
	}, nil)
	if err == nil {
		t.did("pulled the image %s", t.want.Image)
		return nil
	}
	failed := t.platform.fail(doing, err, hidden)
	var failure *spec.Failure
	if errors.As(failed, &failure) && !client.IsErrConnectionFailed(err) && ctx.Err() == nil {
		advisePull(failure)
	}
	return failed
}

// pullAnswers are what engines say about pulls that failed, in the order in which
// they are looked for: a registry that keeps a repository secret says that it is
// not found or that access is denied, both in one.
var pullAnswers = []struct {
	words  []string
	advice string
}{
	{
		[]string{"toomanyrequests", "too many requests", "rate limit"},
		"The registry allows no more pulls for now. Sign in with `registry_auth` in the provider's `docker` block, or wait.",
	},
	{
		[]string{"denied", "unauthorized", "authentication required", "no basic auth", "forbidden", "credentials"},
		"Check `image`, and give credentials for its registry: `registry_auth` in the provider's `docker` block, or `docker login` as the user that runs Terraform.",
	},
	{
		[]string{"manifest unknown", "not found", "does not exist", "name unknown", "no matching manifest"},
		"Check `image`: the registry answers, and doesn't have it.",
	},
	{
		[]string{"dial tcp", "no such host", "connection refused", "timeout", "deadline", "tls:", "x509", "eof", "server gave http", "network is unreachable", "proxyconnect"},
		"The engine can't reach the registry: check the network of the engine's host, its proxy, and the registry's certificate. An image brought there by `docker load` can be used with `docker.pull_policy = \"never\"`.",
	},
}

func advisePull(f *spec.Failure) {
	f.Argument = []string{"image"}
	text := strings.ToLower(f.Reason)
	for _, answer := range pullAnswers {
		for _, words := range answer.words {
			if strings.Contains(text, words) {
				f.Advice = answer.advice
				return
			}
		}
	}
}
