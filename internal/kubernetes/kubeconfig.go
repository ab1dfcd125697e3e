package kubernetes

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfigArgument is the setting that names the files.
func (c Config) kubeconfigArgument() string {
	if c.ConfigPath != "" {
		return "config_path"
	}
	return "config_paths"
}

// kubeconfig reads the files and chooses the context. As with Terraform's
// Kubernetes provider, KUBECONFIG and ~/.kube/config are read by nobody: which
// cluster is changed must not depend on the last "kubectl config use-context".
func (c Config) kubeconfig() (*rest.Config, error) {
	paths, err := c.kubeconfigPaths()
	if err != nil {
		return nil, err
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: paths}
	overrides := &clientcmd.ConfigOverrides{
		CurrentContext: c.ConfigContext,
		Context:        api.Context{AuthInfo: c.ConfigContextAuthInfo, Cluster: c.ConfigContextCluster},
		// The server is given here already, since clientcmd reads no
		// credentials for a server without encryption.
		ClusterInfo: api.Cluster{Server: c.host()},
	}
	loaded, err := rules.Load()
	if err != nil {
		return nil, Problems{{Arguments: []string{c.kubeconfigArgument()}, Text: sentence(err)}}
	}
	in := kubeconfigFile{loaded, strings.Join(paths, ", ")}
	if problems := c.choose(in); len(problems) > 0 {
		return nil, problems
	}
	// Not the deferred loader: it would fall back to the pod's cluster where
	// the file holds none.
	settings, err := clientcmd.NewNonInteractiveClientConfig(*loaded, c.ConfigContext, overrides, rules).ClientConfig()
	if err != nil {
		return nil, Problems{{Arguments: []string{c.kubeconfigArgument()}, Text: fmt.Sprintf("%s: %s.", in.path, err)}}
	}
	return settings, nil
}

// kubeconfigPaths are the paths of the files, of which one has to exist.
func (c Config) kubeconfigPaths() ([]string, error) {
	paths := slices.Clone(c.ConfigPaths)
	if c.ConfigPath != "" {
		paths = []string{c.ConfigPath}
	}
	found := false
	for i, path := range paths {
		expanded, err := expandHome(path)
		if err != nil {
			return nil, Problems{{Arguments: []string{c.kubeconfigArgument()}, Text: sentence(err)}}
		}
		paths[i] = expanded
		if _, err := os.Stat(expanded); err == nil {
			found = true
		}
	}
	if !found {
		return nil, Problems{{
			Arguments: []string{c.kubeconfigArgument()},
			Text: fmt.Sprintf("There is no such file: %s. If the same configuration writes the file, apply that first (-target).",
				strings.Join(paths, ", ")),
		}}
	}
	return paths, nil
}

// kubeconfigFile is what the files hold, and their paths for messages.
type kubeconfigFile struct {
	*api.Config

	path string
}

// choose tells what is wrong with the choice of context, cluster and user.
// clientcmd says some of it without the alternatives, and takes a context whose
// user is missing for one without credentials.
func (c Config) choose(in kubeconfigFile) Problems {
	name, argument := c.ConfigContext, "config_context"
	if name == "" {
		name, argument = in.CurrentContext, c.kubeconfigArgument()
	}
	context, found := in.Contexts[name]
	cluster, user := c.ConfigContextCluster, c.ConfigContextAuthInfo
	switch {
	case found:
	case name != "":
		return missing(argument, "context", name, in.path, slices.Sorted(maps.Keys(in.Contexts)))
	case len(in.Contexts) > 0 && (cluster == "" || user == ""):
		return Problems{{Arguments: []string{argument}, Text: fmt.Sprintf("%s has no current-context. Set config_context to one of: %s.",
			in.path, strings.Join(slices.Sorted(maps.Keys(in.Contexts)), ", "))}}
	}
	clusterArgument, userArgument := "config_context_cluster", "config_context_auth_info"
	if context != nil && cluster == "" {
		cluster, clusterArgument = context.Cluster, argument
	}
	if context != nil && user == "" {
		user, userArgument = context.AuthInfo, argument
	}
	var problems Problems
	if _, found := in.Clusters[cluster]; cluster != "" && !found {
		problems = append(problems, missing(clusterArgument, "cluster", cluster, in.path, slices.Sorted(maps.Keys(in.Clusters)))...)
	}
	if _, found := in.AuthInfos[user]; user != "" && !found && !c.hasUser() {
		problems = append(problems, missing(userArgument, "user", user, in.path, slices.Sorted(maps.Keys(in.AuthInfos)))...)
	}
	return problems
}

// missing says that a kubeconfig doesn't hold what is chosen from it.
func missing(argument, kind, name, path string, there []string) Problems {
	text := fmt.Sprintf("There is no %s %q in %s.", kind, name, path)
	if len(there) > 0 {
		text += fmt.Sprintf(" It holds: %s.", strings.Join(there, ", "))
	}
	return Problems{{Arguments: []string{argument}, Text: text}}
}

// expandHome replaces a ~ at the beginning.
func expandHome(path string) (string, error) {
	if path != "~" && !strings.HasPrefix(path, "~/") && !strings.HasPrefix(path, `~\`) {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%s has no meaning here: %w", path, err)
	}
	return filepath.Join(home, path[1:]), nil
}
