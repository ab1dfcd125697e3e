package spec

import "github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"

// Upgrader is everything that is asked of one upgrader. Exactly one of
// Kubernetes and Docker is set. In what a platform observed it holds the same
// arguments as the live objects have them. The tags are the names of arguments.
type Upgrader struct {
	// DelegateName is the delegate's workload: its Deployment on Kubernetes, the
	// DELEGATE_NAME of its containers on Docker.
	DelegateName string `tf:"delegate_name"`
	AccountID    string `tf:"account_id"`
	// ManagerEndpoint is the address of the Harness Manager, without a path.
	ManagerEndpoint string `tf:"manager_endpoint"`
	// Token is the delegate token. It is empty where an existing Secret holds
	// it, and where it isn't known: a refresh knows no write-only argument.
	Token secret.Text `tf:"token"`
	// Schedule is a cron expression.
	Schedule string `tf:"schedule"`
	// AutoUpgrade is false for an upgrader that changes no image: a suspended
	// CronJob, or a Docker upgrader that does health checks only.
	AutoUpgrade bool `tf:"auto_upgrade"`
	// DryRun lets the upgrader ask but not upgrade. Kubernetes only.
	DryRun bool `tf:"dry_run"`
	// Image is the upgrader's own image.
	Image      string      `tf:"image"`
	Proxy      Proxy       `tf:"proxy"`
	Kubernetes *Kubernetes `tf:"kubernetes"`
	Docker     *Docker     `tf:"docker"`
}

// Proxy is the proxy through which the upgrader reaches the Manager. The zero
// value is no proxy.
type Proxy struct {
	Scheme string `tf:"scheme"`
	Host   string `tf:"host"`
	Port   *int64 `tf:"port"`
	User   string `tf:"user"`
	// Password is empty where it isn't known; HasPassword tells that there is
	// one all the same.
	Password    secret.Text `tf:"password"`
	HasPassword bool
	// Manager is the upgrader's proxyManager setting, as it is written; empty
	// leaves it out. Kubernetes only.
	Manager string `tf:"proxy_manager"`
}

// HasCredentials tells whether the proxy's settings hold what must not lie
// about in the clear.
func (p Proxy) HasCredentials() bool { return p.User != "" || p.Password != "" || p.HasPassword }

// Kubernetes is what an upgrader on Kubernetes has besides. Zero values, nil
// maps and nil pointers leave a field to the API server and to others.
type Kubernetes struct {
	Namespace string `tf:"namespace"`
	Names
	// DelegateContainer is the container of the delegate's Deployment whose
	// image is set.
	DelegateContainer string `tf:"delegate_container"`
	// ExistingSecret names a Secret with the key UPGRADER_TOKEN that somebody
	// else looks after; then none is made.
	ExistingSecret             string `tf:"existing_secret"`
	RegistryMirror             string `tf:"registry_mirror"`
	Timezone                   string `tf:"timezone"`
	ConcurrencyPolicy          string `tf:"concurrency_policy"`
	StartingDeadlineSeconds    *int64 `tf:"starting_deadline_seconds"`
	SuccessfulJobsHistoryLimit *int64 `tf:"successful_jobs_history_limit"`
	FailedJobsHistoryLimit     *int64 `tf:"failed_jobs_history_limit"`
	ActiveDeadlineSeconds      *int64 `tf:"active_deadline_seconds"`
	BackoffLimit               *int64 `tf:"backoff_limit"`
	TTLSecondsAfterFinished    *int64 `tf:"ttl_seconds_after_finished"`
	// Labels and Annotations are on every object and on the pods.
	Labels                    map[string]string `tf:"labels"`
	Annotations               map[string]string `tf:"annotations"`
	PodLabels                 map[string]string `tf:"pod_labels"`
	PodAnnotations            map[string]string `tf:"pod_annotations"`
	ServiceAccountAnnotations map[string]string `tf:"service_account_annotations"`
	ImagePullPolicy           string            `tf:"image_pull_policy"`
	ImagePullSecrets          []string          `tf:"image_pull_secrets"`
	Env                       map[string]string `tf:"env"`
	NodeSelector              map[string]string `tf:"node_selector"`
	Tolerations               []Toleration      `tf:"toleration"`
	PriorityClassName         string            `tf:"priority_class_name"`
	Resources                 Resources         `tf:"resources"`
	// Affinity and the security contexts are as the Kubernetes API has them.
	Affinity           map[string]any `tf:"affinity"`
	SecurityContext    map[string]any `tf:"security_context"`
	PodSecurityContext map[string]any `tf:"pod_security_context"`
	RBAC               RBAC           `tf:"rbac"`
	MTLSSecret         string         `tf:"mtls_secret"`
	CustomCASecret     string         `tf:"custom_ca_secret"`
	// ForceConflicts takes fields over that another field manager owns.
	ForceConflicts bool `tf:"force_conflicts"`
}

// TokenSecret is the Secret that holds the token.
func (k *Kubernetes) TokenSecret() string {
	if k.ExistingSecret != "" {
		return k.ExistingSecret
	}
	return k.Secret
}

// Toleration is one toleration of the pods.
type Toleration struct {
	Key               string `tf:"key"`
	Operator          string `tf:"operator"`
	Value             string `tf:"value"`
	Effect            string `tf:"effect"`
	TolerationSeconds *int64 `tf:"toleration_seconds"`
}

// Resources are quantities by resource name, such as "100m" of "cpu".
type Resources struct {
	Requests map[string]string `tf:"requests"`
	Limits   map[string]string `tf:"limits"`
}

// RBAC are the rights of an upgrader. The zero value is the documented ones.
type RBAC struct {
	// Create is false where somebody else looks after the ServiceAccount and its
	// rights. Nil is true.
	Create *bool `tf:"create"`
	// CronJobVerbs and DeploymentVerbs are the verbs of the Role. Nil are the
	// documented ones; an empty list leaves out the rule.
	CronJobVerbs    []string `tf:"cron_job_verbs"`
	DeploymentVerbs []string `tf:"deployment_verbs"`
}

// Creates tells whether the upgrader has a ServiceAccount and a Role of its own.
func (r RBAC) Creates() bool { return r.Create == nil || *r.Create }

// Complete fills in the documented verbs.
func (r RBAC) Complete() RBAC {
	if r.CronJobVerbs == nil {
		r.CronJobVerbs = DefaultCronJobVerbs()
	}
	if r.DeploymentVerbs == nil {
		r.DeploymentVerbs = DefaultDeploymentVerbs()
	}
	return r
}

// Docker is what an upgrader on Docker has besides.
type Docker struct {
	// Host is the address of the engine, where it is another than the provider's.
	Host string `tf:"host"`
	// Name is the container's.
	Name string `tf:"name"`
	// SocketPath is where the engine's host has the socket that the upgrader
	// gets at /var/run/docker.sock.
	SocketPath string `tf:"socket_path"`
	// CPUs is the limit in cores, Memory in MiB.
	CPUs    float64 `tf:"cpus"`
	Memory  int64   `tf:"memory"`
	Restart string  `tf:"restart"`
	// ContainerStopTimeout is how long a delegate may take to stop, in seconds.
	ContainerStopTimeout int64 `tf:"container_stop_timeout"`
	// NetworkMode is empty for the engine's default.
	NetworkMode string            `tf:"network_mode"`
	Labels      map[string]string `tf:"labels"`
	Env         map[string]string `tf:"env"`
	LogDriver   string            `tf:"log_driver"`
	LogOpts     map[string]string `tf:"log_opts"`
	// PullPolicy is one of PullAlways, PullMissing and PullNever.
	PullPolicy string `tf:"pull_policy"`
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
	DefaultMemory            = 100
	DefaultStopTimeout       = 3600
	DefaultRestart           = "unless-stopped"
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
