package kubetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// sandboxVolume is the content of a volume.
type sandboxVolume struct {
	name string
	// writable is an empty folder for the container to write to.
	writable bool
	files    []sandboxFile
}

type sandboxFile struct {
	path    string
	mode    fs.FileMode
	content []byte
}

// defaultMode is that of files in volumes.
const defaultMode = 0o644

// volume reads what a volume of the pod holds.
func (o objects) volume(ctx context.Context, v *podVolume) (sandboxVolume, error) {
	volume := sandboxVolume{name: v.Name}
	var err error
	switch {
	case v.EmptyDir != nil:
		volume.writable = true
	case v.ConfigMap != nil:
		volume.files, err = o.files(ctx, configMaps, v.ConfigMap, v.ConfigMap.DefaultMode)
	case v.Secret != nil:
		v.Secret.Name = v.Secret.SecretName
		volume.files, err = o.files(ctx, secrets, v.Secret, v.Secret.DefaultMode)
	case v.DownwardAPI != nil:
		volume.files, err = o.downward(v.DownwardAPI, v.DownwardAPI.DefaultMode)
	case v.Projected != nil:
		volume.files, err = o.projected(ctx, v)
	default:
		err = errors.New("this node does not know its kind")
	}
	if err != nil {
		return volume, fmt.Errorf("volume %s: %w", v.Name, err)
	}
	return volume, nil
}

// projected joins the files of several sources.
func (o objects) projected(ctx context.Context, v *podVolume) (all []sandboxFile, err error) {
	mode := v.Projected.DefaultMode
	for _, source := range v.Projected.Sources {
		var files []sandboxFile
		switch {
		case source.ConfigMap != nil:
			files, err = o.files(ctx, configMaps, source.ConfigMap, mode)
		case source.Secret != nil:
			files, err = o.files(ctx, secrets, source.Secret, mode)
		case source.DownwardAPI != nil:
			files, err = o.downward(source.DownwardAPI, mode)
		case source.ServiceAccountToken != nil:
			var token string
			token, err = o.token(ctx, source.ServiceAccountToken)
			files = []sandboxFile{{path: source.ServiceAccountToken.Path, mode: fileMode(mode), content: []byte(token)}}
		default:
			err = errors.New("this node does not know a source of it")
		}
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// files are the keys of an object: all, or those listed, under other names.
func (o objects) files(ctx context.Context, resource schema.GroupVersionResource, from *projectedObject, mode *uint32) ([]sandboxFile, error) {
	keys, err := o.keys(ctx, resource, from.Name, from.Optional)
	if err != nil {
		return nil, err
	}
	files := []sandboxFile{}
	if len(from.Items) == 0 {
		for key, content := range keys {
			files = append(files, sandboxFile{path: key, mode: fileMode(mode), content: content})
		}
	}
	for _, item := range from.Items {
		content, found := keys[item.Key]
		if !found && !from.Optional {
			return nil, fmt.Errorf("%s %s has no key %s", resource.Resource, from.Name, item.Key)
		}
		if found {
			files = append(files, sandboxFile{path: item.Path, mode: fileMode(item.Mode, mode), content: content})
		}
	}
	return files, nil
}

// downward are fields of the pod.
func (o objects) downward(from *projectedDownward, mode *uint32) ([]sandboxFile, error) {
	files := []sandboxFile{}
	for _, item := range from.Items {
		value, err := o.field(item.FieldRef.FieldPath)
		if err != nil {
			return nil, err
		}
		files = append(files, sandboxFile{path: item.Path, mode: fileMode(item.Mode, mode), content: []byte(value)})
	}
	return files, nil
}

// fileMode is the first mode that is set.
func fileMode(modes ...*uint32) fs.FileMode {
	for _, mode := range modes {
		if mode != nil {
			return fs.FileMode(*mode)
		}
	}
	return defaultMode
}
