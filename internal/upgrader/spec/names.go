package spec

// Names are the names of an upgrader's objects on Kubernetes.
type Names struct {
	CronJob        string `tf:"cron_job_name"`
	ServiceAccount string `tf:"service_account_name"`
	Role           string `tf:"role_name"`
	RoleBinding    string `tf:"role_binding_name"`
	Secret         string `tf:"secret_name"`
	ConfigMap      string `tf:"config_map_name"`
}

// Limits of names, in characters. Kubernetes appends up to 11 to a CronJob's
// name to name its Jobs, of which 63 is the limit.
const (
	MaxCronJobName   = 52
	MaxKubernetesKey = 253
)

// Name is one of the names.
type Name struct {
	// Argument is the argument that sets it.
	Argument string
	Kind     string
	// Holds says what the object is, for descriptions.
	Holds string
	// Limit is the most characters that it may have.
	Limit int
	// Suffix follows the delegate's name in the name that the official chart gives.
	Suffix string
	// Of is where it is kept.
	Of func(*Names) *string
}

// AllNames are the names of an upgrader's objects.
func AllNames() []Name {
	return []Name{
		{"cron_job_name", "CronJob", "CronJob", MaxCronJobName, "-upgrader-job", func(n *Names) *string { return &n.CronJob }},
		{"service_account_name", "ServiceAccount", "ServiceAccount", MaxKubernetesKey, "-upgrader-cronjob-sa", func(n *Names) *string { return &n.ServiceAccount }},
		{"role_name", "Role", "Role", MaxKubernetesKey, "-upgrader", func(n *Names) *string { return &n.Role }},
		{"role_binding_name", "RoleBinding", "RoleBinding", MaxKubernetesKey, "-upgrader-cronjob", func(n *Names) *string { return &n.RoleBinding }},
		{"secret_name", "Secret", "Secret with the token", MaxKubernetesKey, "-upgrader-token", func(n *Names) *string { return &n.Secret }},
		{"config_map_name", "ConfigMap", "ConfigMap (with proxy credentials: Secret) with the upgrader's configuration", MaxKubernetesKey, "-upgrader-config", func(n *Names) *string { return &n.ConfigMap }},
	}
}

// Default is the name that the official chart gives.
func (n Name) Default(delegateName string) string { return delegateName + n.Suffix }

// DefaultNames are the names that the official chart gives.
func DefaultNames(delegateName string) Names { return Names{}.OrDefaults(delegateName) }

// OrDefaults fills in those that are empty.
func (n Names) OrDefaults(delegateName string) Names {
	for _, name := range AllNames() {
		if kept := name.Of(&n); *kept == "" {
			*kept = name.Default(delegateName)
		}
	}
	return n
}

// DefaultContainerName is the name of the container of an upgrader on Docker.
func DefaultContainerName(delegateName string) string { return delegateName + "-upgrader" }
