package providerdata

import (
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/docker"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/fleet"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubernetes"
)

// Option adds to the data what not every provider block has.
type Option func(*Data)

// WithKubernetes lets objects connect to a cluster. Unknown are the arguments
// that depend on something to be applied first, by their paths; connect is
// called once, when something needs the client and nothing is unknown.
func WithKubernetes(unknown []string, connect func() (*kubernetes.Client, diag.Diagnostics)) Option {
	return func(d *Data) { d.kubernetes = newPlatform(unknown, connect) }
}

// WithDocker lets objects connect to engines, as WithKubernetes does to a
// cluster. Connect is called once for each host, which is empty where the
// provider block decides.
func WithDocker(unknown []string, connect func(host string) (*docker.Client, diag.Diagnostics)) Option {
	return func(d *Data) { d.docker.unknown, d.docker.connect = unknown, connect }
}

// WithImpact lets plans of overrides look up which delegates they concern, within
// a budget for the whole run.
func WithImpact(budget *fleet.Budget) Option {
	return func(d *Data) { d.impact = budget }
}

// ImpactBudget is what the run may spend on telling which delegates overrides
// concern; nil where it is not to tell.
func (d *Data) ImpactBudget() *fleet.Budget { return d.impact }

// UnknownKubernetes names the provider arguments that aren't known yet and
// without which nothing can be asked of the cluster.
func (d *Data) UnknownKubernetes() []string { return d.kubernetes.unknown }

// UnknownDocker names the provider arguments that aren't known yet and without
// which nothing can be asked of the engine.
func (d *Data) UnknownDocker() []string { return d.docker.unknown }

// Kubernetes gives the client of the cluster, or says which setting it lacks
// or what is wrong with them.
func (d *Data) Kubernetes() (*kubernetes.Client, diag.Diagnostics) {
	return d.kubernetes.get("kubernetes")
}

// Docker gives the client of the provider's engine, or says which setting it
// lacks or what is wrong with them.
func (d *Data) Docker() (*docker.Client, diag.Diagnostics) { return d.DockerAt("") }

// DockerAt gives the client of the engine at another address, with the other
// settings of the provider. Without an address it is the provider's.
func (d *Data) DockerAt(host string) (*docker.Client, diag.Diagnostics) {
	return d.docker.at(host).get("docker")
}

// engines are the Docker Engines of a run, by their addresses.
type engines struct {
	unknown []string
	connect func(host string) (*docker.Client, diag.Diagnostics)

	mu     sync.Mutex
	byHost map[string]platform[docker.Client]
}

func (e *engines) at(host string) platform[docker.Client] {
	if e.connect == nil {
		return platform[docker.Client]{}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	found, known := e.byHost[host]
	if !known {
		found = newPlatform(e.unknown, func() (*docker.Client, diag.Diagnostics) { return e.connect(host) })
		if e.byHost == nil {
			e.byHost = map[string]platform[docker.Client]{}
		}
		e.byHost[host] = found
	}
	return found
}

// platform is a client beside the Manager's.
type platform[C any] struct {
	unknown []string
	connect func() (*C, diag.Diagnostics)
}

func newPlatform[C any](unknown []string, connect func() (*C, diag.Diagnostics)) platform[C] {
	return platform[C]{unknown: unknown, connect: sync.OnceValues(connect)}
}

func (p platform[C]) get(block string) (*C, diag.Diagnostics) {
	var diags diag.Diagnostics
	if p.connect == nil {
		diags.AddError("Missing Provider Configuration", fmt.Sprintf(
			"This needs the provider argument %q, which this provider was made without. This is a bug in the provider; please report it.", block))
		return nil, diags
	}
	for _, argument := range p.unknown {
		diags.Append(notKnownYet(argument))
	}
	if diags.HasError() {
		return nil, diags
	}
	client, connectDiags := p.connect()
	// Each caller gets its own, since callers add to what they get.
	diags.Append(connectDiags...)
	return client, diags
}

// notKnownYet says that an argument of the provider block is needed now.
func notKnownYet(argument string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Provider Configuration Not Known Yet", fmt.Sprintf(
		"The provider argument %q depends on something that is not applied yet, and this needs it now. "+
			"Apply what it depends on first (-target), or set it from a variable; a data source can be read later instead, by a \"depends_on\" in it.", argument))
}
