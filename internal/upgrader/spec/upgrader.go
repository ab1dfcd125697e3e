package spec

import "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"

// Upgrader is everything that is asked of one upgrader. Exactly one of
// Kubernetes and Docker is set. In what a platform observed it holds the same
// arguments as the live objects have them.
type Upgrader struct {
	// DelegateName is the delegate's workload: its Deployment on Kubernetes, the
	// DELEGATE_NAME of its containers on Docker.
	DelegateName string
	AccountID    string
	// ManagerEndpoint is the address of the Harness Manager, without a path.
	ManagerEndpoint string
	// Token is the delegate token. It is empty where an existing Secret holds
	// it, and where it isn't known: a refresh knows no write-only argument.
	Token secret.Text
	// Schedule is a cron expression.
	Schedule string
	// AutoUpgrade is false for an upgrader that changes no image: a suspended
	// CronJob, or a Docker upgrader that does health checks only.
	AutoUpgrade bool
	// DryRun lets the upgrader ask but not upgrade. Kubernetes only.
	DryRun bool
	// Image is the upgrader's own image.
	Image string
	Proxy Proxy

	Kubernetes *Kubernetes
	Docker     *Docker
}

// Proxy is the proxy through which the upgrader reaches the Manager. The zero
// value is no proxy.
type Proxy struct {
	Scheme string
	Host   string
	Port   string
	User   string
	// Password is empty where it isn't known; HasPassword tells that there is
	// one all the same.
	Password    secret.Text
	HasPassword bool
	// Manager is the upgrader's proxyManager setting, as it is written; empty
	// leaves it out. Kubernetes only.
	Manager string
}

// HasCredentials tells whether the proxy's settings hold what must not lie
// about in the clear.
func (p Proxy) HasCredentials() bool { return p.User != "" || p.Password != "" || p.HasPassword }

// Kubernetes is what an upgrader on Kubernetes has besides. Zero values, nil
// maps and nil pointers leave a field to the API server and to others.
type Kubernetes struct {
	Namespace string
	Names     Names
	// DelegateContainer is the container of the delegate's Deployment whose
	// image is set.
	DelegateContainer string
	// ExistingSecret names a Secret with the key UPGRADER_TOKEN that somebody
	// else looks after; then none is made.
	ExistingSecret string
	RegistryMirror string

	TimeZone                   string
	ConcurrencyPolicy          string
	StartingDeadlineSeconds    *int64
	SuccessfulJobsHistoryLimit *int64
	FailedJobsHistoryLimit     *int64
	ActiveDeadlineSeconds      *int64
	BackoffLimit               *int64
	TTLSecondsAfterFinished    *int64

	// Labels and Annotations are on every object and on the pods.
	Labels                    map[string]string
	Annotations               map[string]string
	PodLabels                 map[string]string
	PodAnnotations            map[string]string
	ServiceAccountAnnotations map[string]string

	ImagePullPolicy   string
	ImagePullSecrets  []string
	Env               map[string]string
	NodeSelector      map[string]string
	Tolerations       []Toleration
	PriorityClassName string
	Resources         Resources
	// Affinity and the security contexts are as the Kubernetes API has them.
	Affinity           map[string]any
	SecurityContext    map[string]any
	PodSecurityContext map[string]any

	// CronJobVerbs and DeploymentVerbs are the verbs of the Role. An empty list
	// leaves out the rule.
	CronJobVerbs    []string
	DeploymentVerbs []string

	MTLSSecret     string
	CustomCASecret string

	// ForceConflicts takes fields over that another field manager owns.
	ForceConflicts bool
}

// Toleration is one toleration of the pods.
type Toleration struct {
	Key, Operator, Value, Effect string
	TolerationSeconds            *int64
}

// Resources are quantities by resource name, such as "100m" of "cpu".
type Resources struct {
	Requests, Limits map[string]string
}

// Docker is what an upgrader on Docker has besides.
type Docker struct {
	// Host is the address of the engine, where it is another than the provider's.
	Host string
	// Name is the container's.
	Name string
	// SocketPath is where the engine's host has the socket that the upgrader
	// gets at /var/run/docker.sock.
	SocketPath string
	// CPUs is the limit in cores, MemoryMB in megabytes of 1024*1024 bytes.
	CPUs          float64
	MemoryMB      int64
	RestartPolicy string
	// StopTimeout is how long a delegate may take to stop, in seconds.
	StopTimeout int64
	// Network is the network mode, or a network's name; empty is the engine's
	// default.
	Network    string
	Labels     map[string]string
	Env        map[string]string
	LogDriver  string
	LogOptions map[string]string
	// PullPolicy is one of PullAlways, PullMissing and PullNever.
	PullPolicy string
}

// When the Docker upgrader's image is pulled.
const (
	PullAlways  = "always"
	PullMissing = "missing"
	PullNever   = "never"
)

// Defaults of arguments, from the documentation of the upgrader and from its
// chart.
const (
	DefaultSchedule          = "0 */1 * * *"
	DefaultKubernetesImage   = "harness/upgrader:latest"
	DefaultDockerImage       = "us-west1-docker.pkg.dev/gar-setup/docker/upgrader:latest"
	DefaultDelegateContainer = "delegate"
	DefaultConcurrencyPolicy = "Forbid"
	DefaultImagePullPolicy   = "Always"
	DefaultSocketPath        = "/var/run/docker.sock"
	DefaultCPUs              = 0.1
	DefaultMemoryMB          = 100
	DefaultStopTimeout       = 3600
	DefaultRestartPolicy     = "unless-stopped"
	DefaultPullPolicy        = PullMissing
	// DefaultStartingDeadlineSeconds is how late a run may start before it is
	// left out.
	DefaultStartingDeadlineSeconds = 20
)

// DefaultCronJobVerbs are the rights on CronJobs that the documentation gives
// the upgrader.
func DefaultCronJobVerbs() []string { return []string{"get", "list", "watch", "update", "patch"} }

// DefaultDeploymentVerbs are the rights on Deployments that the documentation
// gives the upgrader. No others may be given.
func DefaultDeploymentVerbs() []string {
	return []string{"get", "list", "watch", "create", "update", "patch"}
}

// DefaultPodSecurityContext lets a process that isn't root read the files that
// are mounted.
func DefaultPodSecurityContext() map[string]any { return map[string]any{"fsGroup": int64(1001)} }
