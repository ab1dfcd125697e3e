package upgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

const engineSocket = "/var/run/docker.sock"

// errNoSuch is a reply about an object that isn't there.
var errNoSuch = errors.New("no such object")

// engine is the Docker Engine behind its socket.
type engine struct {
	client *http.Client
	// prefix is the version of the API in front of every path.
	prefix string
}

// object is a piece of JSON that goes through as it is: whatever a container was configured with, its successor gets.
type object = map[string]any

// newEngine finds out which version of the API the Engine prefers. Whatever it is, the few calls here have always
// been there, and what is copied from one container to the next is in the same version.
func newEngine(ctx context.Context, socket string) (*engine, error) {
	var dialer net.Dialer
	e := &engine{client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		},
		// An Engine that goes away must not be remembered by its old connections.
		DisableKeepAlives: true,
	}}}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var version struct {
		APIVersion string `json:"ApiVersion"`
	}
	if err := e.call(ctx, http.MethodGet, "/version", nil, &version); err != nil {
		return nil, err
	}
	e.prefix = "/v" + version.APIVersion
	return e, nil
}

// call makes a request with a JSON body, and decodes the reply's unless reply is nil.
func (e *engine) call(ctx context.Context, method, target string, body, reply any) error {
	encoded := []byte(nil)
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			return fmt.Errorf("%s %s: %w", method, target, err)
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://docker"+e.prefix+target, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	status, text, err := fetch(e.client, request)
	switch {
	case err != nil:
		return fmt.Errorf("calling the Docker Engine: %w", err)
	case status == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w: %s", method, target, errNoSuch, messageOf(text))
	case status >= http.StatusBadRequest:
		return fmt.Errorf("%s %s: the Docker Engine answered %d: %s", method, target, status, messageOf(text))
	case reply == nil:
		return nil
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("%s %s: reading the reply: %w", method, target, err)
	}
	return nil
}

// running lists the IDs of the containers that run.
func (e *engine) running(ctx context.Context) ([]string, error) {
	var list []struct {
		ID string `json:"Id"`
	}
	filter := url.QueryEscape(`{"status":["running"]}`)
	if err := e.call(ctx, http.MethodGet, "/containers/json?filters="+filter, nil, &list); err != nil {
		return nil, err
	}
	ids := []string{}
	for _, item := range list {
		ids = append(ids, item.ID)
	}
	return ids, nil
}

// inspect reads a container by its ID or name.
func (e *engine) inspect(ctx context.Context, idOrName string) (found, error) {
	var f found
	err := e.call(ctx, http.MethodGet, "/containers/"+url.PathEscape(idOrName)+"/json", nil, &f)
	return f, err
}

// imageConfig is what an image gives to containers that don't say otherwise.
func (e *engine) imageConfig(ctx context.Context, image string) (object, error) {
	var inspected struct {
		Config object
	}
	err := e.call(ctx, http.MethodGet, "/images/"+image+"/json", nil, &inspected)
	return inspected.Config, err
}

// pull gets an image that isn't there, without credentials: the upgrader has none.
func (e *engine) pull(ctx context.Context, image string) error {
	_, err := e.imageConfig(ctx, image)
	if !errors.Is(err, errNoSuch) {
		return err
	}
	// A failure after the first piece of progress comes with status 200, so that only looking again shows success.
	if err := e.call(ctx, http.MethodPost, "/images/create?fromImage="+url.QueryEscape(standin.WithTag(image)), nil, nil); err != nil {
		return err
	}
	_, err = e.imageConfig(ctx, image)
	return err
}
