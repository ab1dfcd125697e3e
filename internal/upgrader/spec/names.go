package spec

// Names are the names of an upgrader's objects on Kubernetes.
type Names struct {
	CronJob        string
	ServiceAccount string
	Role           string
	RoleBinding    string
	Secret         string
	ConfigMap      string
}

// Limits of names, in characters. Kubernetes appends up to 11 to a CronJob's
// name to name its Jobs, of which 63 is the limit.
const (
	MaxCronJobName   = 52
	MaxKubernetesKey = 253
)

// DefaultNames are the names that the official chart gives.
func DefaultNames(delegateName string) Names {
	return Names{
		CronJob:        delegateName + "-upgrader-job",
		ServiceAccount: delegateName + "-upgrader-cronjob-sa",
		Role:           delegateName + "-upgrader",
		RoleBinding:    delegateName + "-upgrader-cronjob",
		Secret:         delegateName + "-upgrader-token",
		ConfigMap:      delegateName + "-upgrader-config",
	}
}

// DefaultContainerName is the name of the container of an upgrader on Docker.
func DefaultContainerName(delegateName string) string { return delegateName + "-upgrader" }
