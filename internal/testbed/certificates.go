package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"
)

// authority signs the certificates of one bed. Its key is never written down.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	pem         []byte
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := validForADay(pkix.Name{CommonName: "testbed"})
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{key: key, certificate: certificate, pem: certificatePEM(der)}, nil
}

// server makes the certificate under which the API server answers, here and
// under the names that it has for pods.
func (a *authority) server() (certificate, key []byte, err error) {
	template := validForADay(pkix.Name{CommonName: kubeAPIServer})
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.IPAddresses = []net.IP{net.ParseIP(loopback), net.ParseIP("10.96.0.1")}
	template.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	return a.sign(template)
}

// client makes a certificate that the API server takes for the user.
func (a *authority) client(user string, groups []string) (certificate, key []byte, err error) {
	template := validForADay(pkix.Name{CommonName: user, Organization: groups})
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return a.sign(template)
}

func (a *authority) sign(template *x509.Certificate) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, private.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	key, err = keyPEM(private)
	return certificatePEM(der), key, err
}

// validForADay starts a certificate. A bed lives for minutes.
func validForADay(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // never fails
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
	}
}

func certificatePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}

// writeKeys puts down what the API server has to find: the authority's
// certificate, its own, and the keys that sign service account tokens.
func (b *bed) writeKeys() error {
	certificate, key, err := b.authority.server()
	if err != nil {
		return err
	}
	signing, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	signingKey, err := keyPEM(signing)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(signing.Public())
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"ca.crt":         b.authority.pem,
		"pki/server.crt": certificate,
		"pki/server.key": key,
		"pki/sa.key":     signingKey,
		"pki/sa.pub":     pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}),
	} {
		if err := b.write(name, content); err != nil {
			return err
		}
	}
	return nil
}

// kubeconfig is the name of the file with a user's kubeconfig.
func kubeconfig(user string) string {
	return strings.NewReplacer("/", "_", ":", "_").Replace(user) + ".kubeconfig"
}

// writeKubeconfig makes a certificate for a user, and a file with a kubeconfig
// with it. It is written as JSON, which is YAML, too.
func (b *bed) writeKubeconfig(name, user string, groups []string) error {
	certificate, key, err := b.authority.client(user, groups)
	if err != nil {
		return err
	}
	type object = map[string]any
	content, err := json.MarshalIndent(object{
		"apiVersion": "v1",
		"kind":       "Config",
		"clusters": []object{{"name": "testbed", "cluster": object{
			"server": b.host(), "certificate-authority-data": b.authority.pem,
		}}},
		"users": []object{{"name": user, "user": object{
			"client-certificate-data": certificate, "client-key-data": key,
		}}},
		"contexts":        []object{{"name": "testbed", "context": object{"cluster": "testbed", "user": user}}},
		"current-context": "testbed",
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := b.write(name, content); err != nil {
		return fmt.Errorf("writing the kubeconfig of %s: %w", user, err)
	}
	return nil
}
