package upgrade

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// upgraderContainer is the container of the CronJob that runs the upgrader.
const upgraderContainer = "upgrader"

// kubernetesRun is one run of the CronJob.
type kubernetesRun struct {
	config  standin.Config
	manager *manager
	cluster *cluster
	logger  *log.Logger
}

// fragment is the part of a Deployment, or of what is inside a CronJob, that has the containers.
type fragment struct {
	Spec struct {
		Template struct {
			Spec struct {
				Containers []container `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

type container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

type cronJob struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		JobTemplate fragment `json:"jobTemplate"`
	} `json:"spec"`
}

// runKubernetes makes one run.
func runKubernetes(ctx context.Context, h Host, text []byte, logger *log.Logger) error {
	config, err := standin.DecodeConfig(text)
	if err != nil {
		return err
	}
	logger.Printf("upgrader of delegate %s in namespace %s", config.WorkloadName, config.Namespace)
	token := h.get("UPGRADER_TOKEN")
	if token == "" {
		return errors.New("UPGRADER_TOKEN is missing in the environment")
	}
	certificates, err := h.certificates(config)
	if err != nil {
		return err
	}
	m, err := newManager(h, access{
		address: config.DelegateConfig.ManagerHost, accountID: config.DelegateConfig.AccountID, token: token,
		proxy: config.Proxy(), certificates: certificates,
	}, logger.Printf)
	if err != nil {
		return err
	}
	c, err := newCluster(h)
	if err != nil {
		return err
	}
	run := kubernetesRun{config: config, manager: m, cluster: c, logger: logger}
	if err := run.upgradeDelegate(ctx); err != nil {
		return err
	}
	itself, err := h.enabled("STANDIN_SELF_UPGRADE")
	if err != nil || !itself {
		return err
	}
	return run.upgradeItself(ctx, h)
}

// certificates loads the client certificate, if there is one.
func (h Host) certificates(config standin.Config) ([]tls.Certificate, error) {
	if config.ClientCertificateFilePath == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(h.path(config.ClientCertificateFilePath), h.path(config.ClientCertificateKeyFilePath))
	if err != nil {
		return nil, fmt.Errorf("loading the client certificate: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

// upgradeDelegate sets the image of the delegate's Deployment. The rollout is up to Kubernetes.
func (r *kubernetesRun) upgradeDelegate(ctx context.Context) error {
	path := "/apis/apps/v1/namespaces/" + url.PathEscape(r.config.Namespace) + "/deployments/" + url.PathEscape(r.config.WorkloadName)
	var deployment fragment
	if err := r.cluster.get(ctx, path, &deployment); err != nil {
		return err
	}
	current, err := deployment.imageOf(r.config.ContainerName)
	if err != nil {
		return fmt.Errorf("deployment %s: %w", r.config.WorkloadName, err)
	}
	r.logger.Printf("the delegate runs %s", current)
	answer, err := r.manager.askDelegate(ctx, r.config.WorkloadName, current)
	if err != nil {
		return err
	}
	decision := standin.Decide(current, answer, r.config.RegistryMirror)
	switch {
	case !decision.Replace:
		r.logger.Print("it is to stay")
		return nil
	case *r.config.DryRun:
		r.logger.Printf("dry run: it would be set to %s", decision.Image)
		return nil
	}
	if err := r.cluster.patch(ctx, path, imagePatch(r.config.ContainerName, decision.Image)); err != nil {
		return err
	}
	r.logger.Printf("set the delegate to %s", decision.Image)
	return nil
}

// upgradeItself sets the image of the CronJob that this run is of.
func (r *kubernetesRun) upgradeItself(ctx context.Context, h Host) error {
	path := "/apis/batch/v1/namespaces/" + url.PathEscape(r.config.Namespace) + "/cronjobs"
	var list struct {
		Items []cronJob `json:"items"`
	}
	if err := r.cluster.get(ctx, path, &list); err != nil {
		return err
	}
	own, err := ownCronJob(h, list.Items)
	if err != nil {
		return err
	}
	current, err := own.Spec.JobTemplate.imageOf(upgraderContainer)
	if err != nil {
		return fmt.Errorf("cronjob %s: %w", own.Metadata.Name, err)
	}
	answer, err := r.manager.askUpgrader(ctx, current)
	if err != nil {
		return err
	}
	switch {
	case !answer.ShouldUpgrade:
		r.logger.Print("the upgrader itself is to stay")
		return nil
	case *r.config.DryRun:
		r.logger.Printf("dry run: the upgrader itself would be set to %s", answer.ImageTag)
		return nil
	}
	change := map[string]any{"spec": map[string]any{"jobTemplate": imagePatch(upgraderContainer, answer.ImageTag)}}
	if err := r.cluster.patch(ctx, path+"/"+url.PathEscape(own.Metadata.Name), change); err != nil {
		return err
	}
	r.logger.Printf("set the upgrader itself to %s", answer.ImageTag)
	return nil
}

func ownCronJob(h Host, all []cronJob) (cronJob, error) {
	hostname, err := os.Hostname()
	if err != nil {
		return cronJob{}, err
	}
	pod := cmp.Or(h.get("HOSTNAME"), hostname)
	byName, names := map[string]cronJob{}, []string{}
	for _, job := range all {
		byName[job.Metadata.Name] = job
		names = append(names, job.Metadata.Name)
	}
	name, found := standin.OwnCronJob(pod, names)
	if !found {
		return cronJob{}, fmt.Errorf("no cronjob has a name that pod %s begins with", pod)
	}
	return byName[name], nil
}

func (f fragment) imageOf(containerName string) (string, error) {
	for _, c := range f.Spec.Template.Spec.Containers {
		if c.Name == containerName {
			return c.Image, nil
		}
	}
	return "", fmt.Errorf("there is no container %s", containerName)
}

// imagePatch sets the image of one container.
func imagePatch(containerName, image string) fragment {
	var f fragment
	f.Spec.Template.Spec.Containers = []container{{Name: containerName, Image: image}}
	return f
}
