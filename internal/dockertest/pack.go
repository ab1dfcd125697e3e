package dockertest

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"runtime"
	"strconv"
)

// Media types of Docker's image manifest, version 2, schema 2.
const (
	typeManifest = "application/vnd.docker.distribution.manifest.v2+json"
	typeConfig   = "application/vnd.docker.container.image.v1+json"
	typeLayer    = "application/vnd.docker.image.rootfs.diff.tar.gzip"
)

// packed is an image in the form that registries serve.
type packed struct {
	manifest blob
	blobs    map[string]blob
	// ids are what the engine may call the image: the digest of its configuration or, in newer stores, of its manifest.
	ids []string
}

// blob is content that is named after its digest.
type blob struct {
	mediaType, digest string
	content           []byte
}

// descriptor points to a blob.
type descriptor struct {
	MediaType string `json:"mediaType"`
	Size      int    `json:"size"`
	Digest    string `json:"digest"`
}

// pack makes an image of one program. It differs from all others, or else removing it would take them along.
func pack(binaryPath string, entrypointArgs ...string) (*packed, error) {
	layer, err := layerOf(binaryPath)
	if err != nil {
		return nil, err
	}
	zipped, err := compress(layer)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"author":       rand.Text(),
		"config":       map[string]any{"Entrypoint": append([]string{program}, entrypointArgs...)},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{digestOf(layer)}},
	})
	if err != nil {
		return nil, err
	}
	configBlob, layerBlob := newBlob(typeConfig, config), newBlob(typeLayer, zipped)
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2,
		"mediaType":     typeManifest,
		"config":        configBlob.descriptor(),
		"layers":        []descriptor{layerBlob.descriptor()},
	})
	if err != nil {
		return nil, err
	}
	manifestBlob := newBlob(typeManifest, manifest)
	return &packed{
		manifest: manifestBlob,
		blobs:    map[string]blob{configBlob.digest: configBlob, layerBlob.digest: layerBlob},
		ids:      []string{configBlob.digest, manifestBlob.digest},
	}, nil
}

// compress favours speed: the layer travels no further than to the next process.
func compress(content []byte) ([]byte, error) {
	var zipped bytes.Buffer
	writer, err := gzip.NewWriterLevel(&zipped, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(content); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return zipped.Bytes(), nil
}

func newBlob(mediaType string, content []byte) blob {
	return blob{mediaType: mediaType, digest: digestOf(content), content: content}
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (b blob) descriptor() descriptor {
	return descriptor{MediaType: b.mediaType, Size: len(b.content), Digest: b.digest}
}

func (b blob) send(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", b.mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b.content)))
	w.Header().Set("Docker-Content-Digest", b.digest)
	if r.Method == http.MethodGet {
		_, _ = w.Write(b.content)
	}
}
