package dockertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// validFor is how long certificates are good, which is longer than any test takes.
const validFor = 24 * time.Hour

// ListenTLS opens another address, which takes only clients with a certificate. It returns the address in the form of
// DOCKER_HOST, and a folder that DOCKER_CERT_PATH can name: it has ca.pem, cert.pem and key.pem.
func (p *Proxy) ListenTLS() (host, certPath string, err error) {
	authority, err := newAuthority()
	if err != nil {
		return "", "", fmt.Errorf("making an authority: %w", err)
	}
	server, err := authority.issue("server", x509.ExtKeyUsageServerAuth)
	if err != nil {
		return "", "", fmt.Errorf("making a certificate: %w", err)
	}
	client, err := authority.issue("client", x509.ExtKeyUsageClientAuth)
	if err != nil {
		return "", "", fmt.Errorf("making a certificate: %w", err)
	}
	folder, err := os.MkdirTemp(p.folder, "certificates-")
	if err != nil {
		return "", "", err
	}
	if err := writePEM(folder, authority, client); err != nil {
		return "", "", err
	}
	clients := x509.NewCertPool()
	clients.AddCert(authority.certificate)
	address, err := p.open(&door{network: "tcp", address: "127.0.0.1:0", tls: &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.certificate.Raw}, PrivateKey: server.key}},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
		NextProtos:   []string{"http/1.1"}, // HTTP/2 has no connections that stop being HTTP.
	}})
	return "tcp://" + address, folder, err
}

// identity is a certificate with its key.
type identity struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (identity, error) {
	template := certificateTemplate("authority")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, err
	}
	return certify(template, template, key, key)
}

func (authority identity) issue(name string, usage x509.ExtKeyUsage) (identity, error) {
	template := certificateTemplate(name)
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{usage}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return identity{}, err
	}
	return certify(template, authority.certificate, key, authority.key)
}

func certificateTemplate(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(validFor),
	}
}

func certify(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) (identity, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return identity{}, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return identity{certificate: certificate, key: key}, err
}

// writePEM writes the files that clients of Docker look for.
func writePEM(folder string, authority, client identity) error {
	key, err := x509.MarshalPKCS8PrivateKey(client.key)
	if err != nil {
		return err
	}
	write := func(name, kind string, content []byte) error {
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
		return os.WriteFile(filepath.Join(folder, name), text, 0o600)
	}
	return errors.Join(
		write("ca.pem", "CERTIFICATE", authority.certificate.Raw),
		write("cert.pem", "CERTIFICATE", client.certificate.Raw),
		write("key.pem", "PRIVATE KEY", key),
	)
}
