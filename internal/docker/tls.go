package docker

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// material is certificates as PEM, and where they come from.
type material struct {
	ca   pemText
	cert pemText
	key  pemText
}

// pemText is a text and what to call it in a message.
type pemText struct {
	text secret.Text
	// argument is the setting that it comes from, file its file if it has one.
	argument string
	file     string
}

// about is a problem with the text.
func (p pemText) about(text string) Problem {
	if p.file != "" {
		text = p.file + ": " + text
	}
	return Problem{Arguments: []string{p.argument}, Text: text}
}

func (m material) any() bool { return m.ca.text != "" || m.cert.text != "" || m.key.text != "" }

// arguments are the settings that it comes from.
func (m material) arguments() []string {
	var arguments []string
	for _, part := range []pemText{m.ca, m.cert, m.key} {
		if part.text != "" {
			arguments = append(arguments, part.argument)
		}
	}
	return arguments
}

// material is what the settings themselves hold.
func (c Config) material() material {
	return material{
		ca:   pemText{text: secret.Text(c.CAMaterial), argument: "ca_material"},
		cert: pemText{text: secret.Text(c.CertMaterial), argument: "cert_material"},
		key:  pemText{text: c.KeyMaterial, argument: "key_material"},
	}
}

// certificates is what the settings hold, or the folder that they name. Where
// TLS is demanded without them, they are the Docker CLI's, if it has some.
func (c Config) certificates() (material, error) {
	if c.CertPath != "" {
		path, err := expandHome(c.CertPath)
		if err != nil {
			return material{}, Problems{{Arguments: []string{"cert_path"}, Text: sentence(err)}}
		}
		found, err := readFolder(path, "cert_path")
		switch {
		case err != nil:
			return material{}, Problems{{Arguments: []string{"cert_path"}, Text: sentence(err)}}
		case !found.any():
			return material{}, Problems{{
				Arguments: []string{"cert_path"},
				Text:      fmt.Sprintf("There is neither ca.pem nor cert.pem nor key.pem in %s.", path),
			}}
		}
		return found, nil
	}
	own := c.material()
	if own.any() || !c.TLSVerify || c.hasContext() {
		return own, nil
	}
	path, _, err := cliFiles(c.ConfigDir)
	if err != nil {
		return own, nil //nolint:nilerr // Without a home there are none in it, and the system's authorities count.
	}
	found, err := readFolder(path, "cert_path")
	if err != nil {
		return material{}, fmt.Errorf("reading the certificates of the Docker CLI: %w", err)
	}
	return found, nil
}

// readFolder reads those of the three files that there are.
func readFolder(path, argument string) (material, error) {
	var found material
	for _, part := range []struct {
		name   string
		target *pemText
	}{{"ca.pem", &found.ca}, {"cert.pem", &found.cert}, {"key.pem", &found.key}} {
		file := filepath.Join(path, part.name)
		content, err := os.ReadFile(file) //nolint:gosec // The user names the folder.
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return material{}, err
		}
		*part.target = pemText{text: secret.Text(content), argument: argument, file: file}
	}
	return found, nil
}

// config makes TLS of it. Without an authority the system's count: to verify
// nothing then, as Terraform's Docker provider does, would let anybody be the
// engine.
func (m material) config(skipVerify bool) (*tls.Config, error) {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: skipVerify, //nolint:gosec // Only what "docker context create" was told.
	}
	if m.ca.text != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(m.ca.text)) {
			return nil, problem(m.ca.about("There is no certificate in it; it must be PEM (-----BEGIN CERTIFICATE-----)."))
		}
	}
	switch {
	case m.cert.text == "" && m.key.text == "":
		return config, nil
	case m.key.text == "":
		return nil, problem(m.cert.about("It needs the key, too (key_material, or key.pem)."))
	case m.cert.text == "":
		return nil, problem(m.key.about("It needs the certificate, too (cert_material, or cert.pem)."))
	}
	pair, err := tls.X509KeyPair([]byte(m.cert.text), []byte(m.key.text))
	if err != nil {
		about := m.cert.about("It and the key are no certificate and its key, as PEM: " + sentence(err))
		if m.key.argument != m.cert.argument {
			about.Arguments = append(about.Arguments, m.key.argument)
		}
		return nil, problem(about)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// problem is a Problem as an error.
type problem Problem

// Error implements error.
func (p problem) Error() string { return Problems{Problem(p)}.Error() }

// asProblem gives a Problem back.
func asProblem(err error) Problem {
	var p problem
	if errors.As(err, &p) {
		return Problem(p)
	}
	return Problem{Text: sentence(err)}
}
