package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/waybill-dev/waybill/runtime/client"
	"github.com/waybill-dev/waybill/runtime/server"
)

// certify writes a new certificate for 127.0.0.1, which is its own root, and its
// key.
func certify(t *testing.T, certificate, key string) *x509.CertPool {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<60))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})
	err = errors.Join(os.WriteFile(certificate, public, 0o644),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}

// trusting is a transport that trusts one certificate.
func trusting(t *testing.T, pool *x509.CertPool) *http.Transport {
	t.Helper()
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	first := certify(t, certificate, key)
	pair, err := server.ReadCertificate(certificate, key, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	w := open(t)
	address, stop := w.listening(server.Options{Certificate: pair})
	ask := func(tr *http.Transport) error {
		_, err := w.client(client.Options{URL: "https://" + address, Transport: tr}).Deployment(w.ctx)
		return err
	}
	if err := ask(trusting(t, first)); err != nil {
		t.Error(err)
	}
	var unknown *client.Error
	var distrust *tls.CertificateVerificationError
	if err := ask(trusting(t, x509.NewCertPool())); !errors.As(err, &unknown) || unknown.Kind != client.Unreachable || !errors.As(err, &distrust) {
		t.Errorf("an unknown certificate: %v", err)
	}
	if _, err := w.client(client.Options{URL: "http://" + address}).Deployment(w.ctx); err == nil {
		t.Error("it answers without TLS")
	}

	second := certify(t, certificate, key)
	if err := ask(trusting(t, second)); err != nil {
		t.Errorf("the certificate that took its place: %v", err)
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := pair.Reload(); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that everybody may read: %v", err)
	}
	if err := ask(trusting(t, second)); err != nil {
		t.Errorf("after a change that was not read: %v", err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
