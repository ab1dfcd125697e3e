package upgrader_test

import (
	"fmt"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/acctest"
)

// chartManifest is what version 1.0.32 of the official chart makes for a release
// "payments" with a certificate authority of the user's, in the order of Helm.
// The mode 400 is decimal there.
func (p *place) chartManifest() string {
	const metadata = `, labels: {app.kubernetes.io/instance: payments, app.kubernetes.io/managed-by: Helm, app.kubernetes.io/name: harness-delegate-ng,
  app.kubernetes.io/version: 26.02.88404, helm.sh/chart: harness-delegate-ng-1.0.32, harness.io/name: payments},
  annotations: {meta.helm.sh/release-name: payments, meta.helm.sh/release-namespace: NAMESPACE}}`
	return p.filled(strings.ReplaceAll(`
apiVersion: v1
kind: ServiceAccount
metadata: {name: payments-upgrader-cronjob-sa, METADATA
---
apiVersion: v1
kind: Secret
metadata: {name: payments-upgrader-token, METADATA
type: Opaque
data: {UPGRADER_TOKEN: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: payments-upgrader-config, METADATA
data:
  config.yaml: |
    mode: Delegate
    dryRun: false
    workloadName: payments
    namespace: NAMESPACE
    containerName: delegate
    registryMirror: 
    delegateConfig:
      accountId: ACCOUNT
      managerHost: MANAGER
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: payments-upgrader, METADATA
RULES
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: payments-upgrader-cronjob, METADATA
subjects: [{kind: ServiceAccount, name: payments-upgrader-cronjob-sa, namespace: NAMESPACE}]
roleRef: {kind: Role, name: payments-upgrader, apiGroup: rbac.authorization.k8s.io}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: payments-upgrader-job, METADATA
spec:
  schedule: 0 */1 * * *
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 20
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: payments-upgrader-cronjob-sa
          restartPolicy: Never
          securityContext: {fsGroup: 1001}
          containers:
          - name: upgrader
            image: us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest
            imagePullPolicy: Always
            envFrom: [{secretRef: {name: payments-upgrader-token}}]
            volumeMounts:
            - {name: config-volume, mountPath: /etc/config}
            - {name: custom-certs, mountPath: /ca-bundle, readOnly: true}
          volumes:
          - {name: config-volume, configMap: {name: payments-upgrader-config}}
          - {name: custom-certs, secret: {secretName: company-ca, defaultMode: 400}}`, ", METADATA", metadata))
}

// documentedManifest is the documentation's, with what is malformed in it put
// right. Two delegates of a namespace share the Role and the ServiceAccount.
func (p *place) documentedManifest() string {
	return p.filled(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: upgrader-cronjob, namespace: NAMESPACE}
RULES
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: kubernetes-delegate-upgrader-cronjob, namespace: NAMESPACE}
subjects: [{kind: ServiceAccount, name: upgrader-cronjob-sa, namespace: NAMESPACE}]
roleRef: {kind: Role, name: upgrader-cronjob, apiGroup: ""}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: upgrader-cronjob-sa, namespace: NAMESPACE}
---
apiVersion: v1
kind: Secret
metadata: {name: payments-upgrader-token, namespace: NAMESPACE}
type: Opaque
data: {UPGRADER_TOKEN: VALUE}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: payments-upgrader-config, namespace: NAMESPACE}
data:
  config.yaml: |
    mode: Delegate
    dryRun: false
    workloadName: payments
    namespace: NAMESPACE
    containerName: delegate
    delegateConfig:
      accountId: ACCOUNT
      managerHost: MANAGER
---
apiVersion: batch/v1
kind: CronJob
metadata: {labels: {harness.io/name: payments-upgrader-job}, name: payments-upgrader-job, namespace: NAMESPACE}
spec:
  schedule: "0 */1 * * *"
  concurrencyPolicy: "Forbid"
  startingDeadlineSeconds: 20
  jobTemplate:
    spec:
      template:
        spec:
          serviceAccountName: upgrader-cronjob-sa
          restartPolicy: Never
          containers:
          - image: harness/upgrader:latest
            name: upgrader
            imagePullPolicy: Always
            envFrom: [{secretRef: {name: payments-upgrader-token}}]
            volumeMounts: [{name: config-volume, mountPath: /etc/config}]
          volumes: [{name: config-volume, configMap: {name: payments-upgrader-config}}]`)
}

// filled puts in what depends on the place.
func (p *place) filled(manifest string) string {
	return strings.NewReplacer(
		"NAMESPACE", p.namespace, "ACCOUNT", acctest.Account, "MANAGER", p.manager.URL, "VALUE", inSecret(token),
		"RULES", fmt.Sprintf("rules:\n- %s\n- %s", `{apiGroups: [batch, apps, extensions], resources: [cronjobs], verbs: [get, list, watch, update, patch]}`,
			`{apiGroups: [extensions, apps], resources: [deployments], verbs: [get, list, watch, create, update, patch]}`),
	).Replace(manifest)
}
