package cronjob

// references are the objects that pods can't do without, whatever they are for.
func references(podSpec map[string]any) map[key]bool {
	found := map[key]bool{}
	add := func(kind string, fields map[string]any, path ...string) {
		if name := textAt(fields, path...); name != "" {
			found[key{kind, name}] = true
		}
	}
	add(kindServiceAccount, podSpec, "serviceAccountName")
	add(kindServiceAccount, podSpec, "serviceAccount") // its old name
	for _, entry := range listAt(podSpec, "imagePullSecrets") {
		add(kindSecret, asMap(entry), "name")
	}
	for _, entry := range listAt(podSpec, "volumes") {
		volume := asMap(entry)
		add(kindConfigMap, volume, "configMap", "name")
		add(kindSecret, volume, "secret", "secretName")
		add(kindSecret, volume, "csi", "nodePublishSecretRef", "name")
		for _, source := range listAt(volume, "projected", "sources") {
			add(kindConfigMap, asMap(source), "configMap", "name")
			add(kindSecret, asMap(source), "secret", "name")
		}
	}
	for _, containers := range []string{"initContainers", "containers"} {
		for _, entry := range listAt(podSpec, containers) {
			for _, source := range listAt(asMap(entry), "envFrom") {
				add(kindConfigMap, asMap(source), "configMapRef", "name")
				add(kindSecret, asMap(source), "secretRef", "name")
			}
			for _, variable := range listAt(asMap(entry), "env") {
				add(kindConfigMap, asMap(variable), "valueFrom", "configMapKeyRef", "name")
				add(kindSecret, asMap(variable), "valueFrom", "secretKeyRef", "name")
			}
		}
	}
	return found
}
