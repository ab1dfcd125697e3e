package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// What the delegate on Kubernetes runs before and after, and what is made for it.
const (
	releasedImage = "harness/delegate:" + newlyReleased
	paymentsImage = "registry.example.com/payments/delegate:" + newlyReleased

	kubernetesUpgrader = "harnessdelegate_upgrader.payments"
	kubernetesOverride = "harnessdelegate_tag_override.payments"
	upgraderRole       = onKubernetes + "-upgrader"
	upgraderCronJob    = onKubernetes + "-upgrader-job"
)

// kubernetes is the chapter about an upgrader on Kubernetes.
func kubernetes() chapter {
	return chapter{
		title:         "An override reaches a delegate on Kubernetes",
		configuration: "examples/upgrader-kubernetes",
		open: func(ctx context.Context, s *stage) ([]step, error) {
			c, err := openCluster(ctx, s)
			if err != nil {
				return nil, err
			}
			return []step{
				{
					"An override and the upgrader that brings it",
					"A delegate runs what Harness has just released. examples/upgrader-kubernetes asks for\nanother image, and for an upgrader. verify lets apply start the CronJob once; a\nstand-in for Harness's upgrader, which has what a pod has, does the run.",
					c.upgrade,
				},
				{
					"Changes behind Terraform's back, once more",
					"Somebody takes \"patch\" from the upgrader's Role, and suspends its CronJob.",
					c.repair,
				},
				{
					"Clear away",
					"Override and upgrader go; the delegate stays, with the image that it has got.",
					c.destroy,
				},
			}, nil
		},
	}
}

// openCluster starts a cluster with a delegate.
func openCluster(ctx context.Context, s *stage) (cluster, error) {
	for _, able := range []func() error{kubetest.Supported, kubetest.CanRunPods} {
		if err := able(); err != nil {
			return cluster{}, missing{err}
		}
	}
	s.manager.Release(account, newlyReleased)
	token, err := s.manager.projectToken()
	if err != nil {
		return cluster{}, err
	}
	s.screen.printf("\nStarting a Kubernetes control plane.\n")
	upgrader, _, err := standin.Build(ctx)
	if err != nil {
		return cluster{}, err
	}
	started, err := kubetest.Start(ctx)
	if err != nil {
		return cluster{}, err
	}
	s.inTheEnd(func(context.Context) error { started.Stop(); return nil })
	c := cluster{started}
	if err := c.create(ctx, fmt.Sprintf(delegateManifest, namespace, onKubernetes, account, s.manager.URL, token, releasedImage)); err != nil {
		return cluster{}, err
	}
	stopReady := c.AutoReady(ctx, namespace, "harness.io/name="+onKubernetes)
	s.inTheEnd(func(context.Context) error { stopReady(); return nil })
	stopJobs := c.RunJobs(ctx, namespace, kubetest.Program{Path: upgrader})
	s.inTheEnd(func(context.Context) error { return stopJobs() })
	s.terraform.Env = append(s.terraform.Env,
		"KUBE_CONFIG_PATH="+c.Kubeconfig,
		"TF_VAR_namespace="+namespace,
		"TF_VAR_delegate_name="+onKubernetes,
		"TF_VAR_delegate_token="+token,
		"TF_VAR_delegate_image="+paymentsImage,
	)
	return c, nil
}

// delegateManifest is what somebody has deployed by other means.
const delegateManifest = `{apiVersion: v1, kind: Namespace, metadata: {name: %[1]s}}
---
{apiVersion: v1, kind: Secret, metadata: {namespace: %[1]s, name: %[2]s}, stringData: {DELEGATE_TOKEN: %[5]q}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: %[1]s, name: %[2]s}
spec:
  replicas: 2
  selector: {matchLabels: {harness.io/name: %[2]s}}
  template:
    metadata: {labels: {harness.io/name: %[2]s}}
    spec:
      containers:
      - name: delegate
        image: %[6]s
        env:
        - {name: DELEGATE_NAME, value: %[2]s}
        - {name: ACCOUNT_ID, value: %[3]s}
        - {name: MANAGER_HOST_AND_PORT, value: %[4]q}
        - {name: DELEGATE_TOKEN, valueFrom: {secretKeyRef: {name: %[2]s, key: DELEGATE_TOKEN}}}`

// heldOnKubernetes is what the Manager holds while the upgrader is there.
var heldOnKubernetes = []string{"default/payments: " + paymentsImage + " until 2025-05-19", ofOthers}

func (c cluster) upgrade(ctx context.Context, s *stage) error {
	before, err := c.rolledOut(ctx)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := s.use("provider.tf", "variables.tf", "main.tf"); err != nil {
		return err
	}
	if _, err := s.show(ctx, installation, 0, "init"); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{
		changes:  []string{"create " + kubernetesOverride, "create " + kubernetesUpgrader},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	if err := s.applyForGood(ctx, heldOnKubernetes...); err != nil {
		return err
	}
	calls, err := c.callsOfUpgrader(start)
	if err != nil {
		return err
	}
	s.screen.printf("\nWhat the upgrader's pod has asked of the cluster:%s\n", listed(calls))
	after, err := c.rolledOut(ctx)
	if err != nil {
		return err
	}
	s.screen.printf("\nDeployment/%s:\n  image     %s -> %s\n  roll-out  %s -> %s, complete\n", onKubernetes, before.image, after.image, before.revision, after.revision)
	const deployment = " deployments/" + onKubernetes
	if err := expectEqual("the upgrader's calls", calls, []string{"get" + deployment, "patch" + deployment}); err != nil {
		return err
	}
	return expectEqual("image and roll-out before and after", []string{before.image, before.revision, after.image, after.revision},
		[]string{releasedImage, "1", paymentsImage, "2"})
}

// callsOfUpgrader are the requests of the upgrader's pods since a time, each
// once.
func (c cluster) callsOfUpgrader(since time.Time) ([]string, error) {
	entries, err := c.Audit(since)
	if err != nil {
		return nil, err
	}
	var calls []string
	for _, entry := range entries {
		call := entry.Verb + " " + entry.Resource + "/" + entry.Name
		if strings.HasPrefix(entry.Pod, upgraderCronJob) && !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	return calls, nil
}

func (c cluster) repair(ctx context.Context, s *stage) error {
	if err := c.edit(ctx, "Role", upgraderRole, types.JSONPatchType,
		`[{"op": "replace", "path": "/rules/1/verbs", "value": ["get", "list", "watch", "create", "update"]}]`); err != nil {
		return err
	}
	if err := c.edit(ctx, "CronJob", upgraderCronJob, types.MergePatchType, `{"spec": {"suspend": true}}`); err != nil {
		return err
	}
	if err := s.plan(ctx, planned{changes: []string{
		"update " + kubernetesUpgrader + `: auto_upgrade false -> true, drift [Role/` + upgraderRole + `: rules[1].verbs lacks "patch"] -> []`,
	}}); err != nil {
		return err
	}
	if err := s.apply(ctx, heldOnKubernetes...); err != nil {
		return err
	}
	return nothingToDo(ctx, s)
}

func (c cluster) destroy(ctx context.Context, s *stage) error {
	if err := s.plan(ctx, planned{
		args: []string{"-destroy"}, shown: summary,
		changes:  []string{"delete " + kubernetesOverride, "delete " + kubernetesUpgrader},
		warnings: []string{otherImage},
	}); err != nil {
		return err
	}
	if err := s.apply(ctx, ofOthers); err != nil {
		return err
	}
	want := []string{"Deployment/" + onKubernetes, "Secret/" + onKubernetes}
	var left []string
	err := await(ctx, "Kubernetes removes what the CronJob has started", func() (done bool, err error) {
		left, err = c.objects(ctx)
		return slices.Equal(left, want), err
	})
	s.screen.printf("\nThe namespace now has%s\n", listed(left))
	if err != nil {
		return err
	}
	delegate, err := c.delegate(ctx)
	if err != nil {
		return err
	}
	return expectEqual("the delegate's image", []string{delegate.image}, []string{paymentsImage})
}
