package kubetest

// pod is what this package uses of a v1 Pod.
type pod struct {
	Metadata struct {
		Name                       string            `json:"name"`
		Namespace                  string            `json:"namespace"`
		UID                        string            `json:"uid"`
		Labels                     map[string]string `json:"labels"`
		Annotations                map[string]string `json:"annotations"`
		DeletionTimestamp          string            `json:"deletionTimestamp"`
		DeletionGracePeriodSeconds int64             `json:"deletionGracePeriodSeconds"`
	} `json:"metadata"`
	Spec struct {
		NodeName           string          `json:"nodeName"`
		ServiceAccountName string          `json:"serviceAccountName"`
		InitContainers     []container     `json:"initContainers"`
		Containers         []container     `json:"containers"`
		Volumes            []podVolume     `json:"volumes"`
		SecurityContext    securityContext `json:"securityContext"`
	} `json:"spec"`
	Status struct {
		Phase      string         `json:"phase"`
		Conditions []podCondition `json:"conditions"`
	} `json:"status"`
}

type podCondition struct {
	Type   string `json:"type"`
	Status string `json:"status"`
}

// The phases of a pod.
const (
	phasePending   = "Pending"
	phaseRunning   = "Running"
	phaseSucceeded = "Succeeded"
	phaseFailed    = "Failed"
)

// jobLabel marks the pods of Jobs.
const jobLabel = "batch.kubernetes.io/job-name"

func (p *pod) deleted() bool { return p.Metadata.DeletionTimestamp != "" }
func (p *pod) bound() bool   { return p.Spec.NodeName != "" }
func (p *pod) ofJob() bool   { return p.Metadata.Labels[jobLabel] != "" }
func (p *pod) finished() bool {
	return p.Status.Phase == phaseSucceeded || p.Status.Phase == phaseFailed
}

func (p *pod) ready() bool {
	for _, condition := range p.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}
	return false
}

type container struct {
	Name                     string          `json:"name"`
	Image                    string          `json:"image"`
	Command                  []string        `json:"command"`
	Args                     []string        `json:"args"`
	WorkingDir               string          `json:"workingDir"`
	Env                      []envVar        `json:"env"`
	EnvFrom                  []envSource     `json:"envFrom"`
	VolumeMounts             []volumeMount   `json:"volumeMounts"`
	SecurityContext          securityContext `json:"securityContext"`
	TerminationMessagePath   string          `json:"terminationMessagePath"`
	TerminationMessagePolicy string          `json:"terminationMessagePolicy"`
}

// securityContext is of a pod or of a container, which takes precedence.
type securityContext struct {
	RunAsUser  *uint32 `json:"runAsUser"`
	RunAsGroup *uint32 `json:"runAsGroup"`
	FSGroup    *uint32 `json:"fsGroup"`
}

type volumeMount struct {
	Name      string `json:"name"`
	MountPath string `json:"mountPath"`
	SubPath   string `json:"subPath"`
	ReadOnly  bool   `json:"readOnly"`
}

// reference names an object, or a key of one, that may be allowed to be missing.
type reference struct {
	Name     string `json:"name"`
	Key      string `json:"key"`
	Optional bool   `json:"optional"`
}

type fieldReference struct {
	FieldPath string `json:"fieldPath"`
}

type envVar struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	ValueFrom *struct {
		ConfigMapKeyRef *reference      `json:"configMapKeyRef"`
		SecretKeyRef    *reference      `json:"secretKeyRef"`
		FieldRef        *fieldReference `json:"fieldRef"`
	} `json:"valueFrom"`
}

type envSource struct {
	Prefix       string     `json:"prefix"`
	ConfigMapRef *reference `json:"configMapRef"`
	SecretRef    *reference `json:"secretRef"`
}

type podVolume struct {
	Name        string             `json:"name"`
	EmptyDir    *struct{}          `json:"emptyDir"`
	ConfigMap   *projectedObject   `json:"configMap"`
	Secret      *projectedObject   `json:"secret"`
	DownwardAPI *projectedDownward `json:"downwardAPI"`
	Projected   *struct {
		DefaultMode *uint32 `json:"defaultMode"`
		Sources     []struct {
			ConfigMap           *projectedObject   `json:"configMap"`
			Secret              *projectedObject   `json:"secret"`
			DownwardAPI         *projectedDownward `json:"downwardAPI"`
			ServiceAccountToken *projectedToken    `json:"serviceAccountToken"`
		} `json:"sources"`
	} `json:"projected"`
}

// projectedObject is a ConfigMap or a Secret as files. A Secret's name has
// another name in a volume of its own.
type projectedObject struct {
	Name        string       `json:"name"`
	SecretName  string       `json:"secretName"`
	Optional    bool         `json:"optional"`
	DefaultMode *uint32      `json:"defaultMode"`
	Items       []volumeItem `json:"items"`
}

type volumeItem struct {
	Key  string  `json:"key"`
	Path string  `json:"path"`
	Mode *uint32 `json:"mode"`
}

type projectedDownward struct {
	DefaultMode *uint32 `json:"defaultMode"`
	Items       []struct {
		Path     string         `json:"path"`
		Mode     *uint32        `json:"mode"`
		FieldRef fieldReference `json:"fieldRef"`
	} `json:"items"`
}

type projectedToken struct {
	Path              string `json:"path"`
	Audience          string `json:"audience"`
	ExpirationSeconds int64  `json:"expirationSeconds"`
}
