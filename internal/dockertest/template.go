package dockertest

import "regexp"

// apiVersion is in front of most paths.
var apiVersion = regexp.MustCompile(`^/v\d+\.\d+(/|$)`)

// unversioned is a path without the version of the API.
func unversioned(path string) string {
	return apiVersion.ReplaceAllString(path, "/")
}

// templates take the names out of paths. The first that matches counts.
var templates = []struct {
	path *regexp.Regexp
	form string
}{
	{regexp.MustCompile(`^/(containers|images|networks|volumes)/(json|create|prune|search|load|get)$`), "/$1/$2"},
	{regexp.MustCompile(`^/images/.+/(json|history|push|tag|get)$`), "/images/{name}/$1"},
	{regexp.MustCompile(`^/images/.+$`), "/images/{name}"},
	{regexp.MustCompile(`^/distribution/.+/json$`), "/distribution/{name}/json"},
	{regexp.MustCompile(`^/(containers|networks|volumes|exec)/[^/]+(/.*)?$`), "/$1/{id}$2"},
}

// template is a path without version and names, so that requests can be counted by what they do.
func template(path string) string {
	path = unversioned(path)
	for _, t := range templates {
		if t.path.MatchString(path) {
			return t.path.ReplaceAllString(path, t.form)
		}
	}
	return path
}
