package doctor_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/auth/certs"
	"github.com/semroute/semroute/cmd/semroute/doctor"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/semroute/semroute/store/sqlite"
)

// finding is what a check finds.
func finding(t *testing.T, c doctor.Check) doctor.Finding {
	t.Helper()
	var got doctor.Finding
	doctor.Examine(t.Context(), []doctor.Check{c}, func(f doctor.Finding) { got = f })
	if got.Check != c.Name || got.Found == "" {
		t.Errorf("the finding is %+v", got)
	}
	if got.Status == doctor.Failed && got.Advice == "" {
		t.Errorf("no advice: %+v", got)
	}
	return got
}

func expect(t *testing.T, name string, c doctor.Check, status doctor.Status, says string) {
	t.Helper()
	if got := finding(t, c); got.Status != status || !strings.Contains(got.Found+" "+got.Advice, says) {
		t.Errorf("%s: %+v; want %s, %q", name, got, status, says)
	}
}

func catalog(t *testing.T, text string) *routes.Catalog {
	t.Helper()
	c, err := routes.Parse("c.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCatalogAndKeys(t *testing.T) {
	good := catalog(t, `
models: [{name: m, provider: openai, model: m, base_url: "https://x.example/v1", api_key_env: DOCTOR_KEY}]
routes: [{name: a, models: [m], utterances: [b, c, d, e, f]}]
`)
	thin := catalog(t, "routes: [{name: a, utterances: [b]}]")
	expect(t, "good", doctor.Catalog(good, nil), doctor.OK, "1 routes, 5 utterances, 1 models")
	expect(t, "thin", doctor.Catalog(thin, nil), doctor.Warning, "five utterances")
	expect(t, "broken", doctor.Catalog(nil, errors.New("c.yaml:1:2: no")), doctor.Failed, "c.yaml:1:2")
	expect(t, "no key", doctor.Keys(good, engine.ProviderConfig{}), doctor.Failed, "DOCTOR_KEY")
	t.Setenv("DOCTOR_KEY", "k")
	expect(t, "a key", doctor.Keys(good, engine.ProviderConfig{}), doctor.OK, "1 models")
	expect(t, "no models", doctor.Keys(thin, engine.ProviderConfig{}), doctor.Skipped, "no models")
	expect(t, "no catalog", doctor.Keys(nil, engine.ProviderConfig{}), doctor.Skipped, "")
}

func TestEmbedderAndIndex(t *testing.T) {
	expect(t, "static", doctor.Embedder(engine.EmbedderConfig{Kind: engine.Static}), doctor.OK, "dimensions")
	expect(t, "no Ollama", doctor.Embedder(engine.EmbedderConfig{Kind: engine.Ollama, Host: "127.0.0.1:1", Model: "all-minilm", Timeout: time.Second}), doctor.Failed, "ollama pull all-minilm")
	expect(t, "no model", doctor.Embedder(engine.EmbedderConfig{Kind: engine.Transformer, ModelPath: t.TempDir()}), doctor.Failed, "config.json")
	expect(t, "memory", doctor.Index(engine.IndexConfig{Kind: engine.Memory}), doctor.Skipped, "memory")
	expect(t, "Qdrant", doctor.Index(engine.IndexConfig{Kind: engine.Qdrant, Address: qdranttest.New(t).Address()}), doctor.OK, "Qdrant")
	expect(t, "no Qdrant", doctor.Index(engine.IndexConfig{Kind: engine.Qdrant, Address: "127.0.0.1:1"}), doctor.Failed, "6334")
	expect(t, "no address", doctor.Index(engine.IndexConfig{Kind: engine.Qdrant, Address: "qdrant"}), doctor.Failed, "6334")
}

func TestStoreAndCache(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "calls.db")
	expect(t, "nowhere", doctor.Store(""), doctor.Skipped, "nothing is kept")
	expect(t, "to be made", doctor.Store("sqlite:"+path), doctor.OK, "will be made")
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("looking made %v", entries)
	}
	s, err := sqlite.Open(t.Context(), path, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, "there", doctor.Store("sqlite:"+path), doctor.OK, "can be read")
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(t, "no database", doctor.Store("sqlite:"+text), doctor.Failed, "")
	expect(t, "a file as a folder", doctor.Store("sqlite:"+filepath.Join(text, "calls.db")), doctor.Failed, "")
	expect(t, "no PostgreSQL", doctor.Store("postgres://me@127.0.0.1:1/db"), doctor.Failed, "PGPASSWORD")
	expect(t, "no cache", doctor.CacheFolder(""), doctor.Warning, "--cache-dir")
	expect(t, "a cache to be made", doctor.CacheFolder(filepath.Join(dir, "a", "b")), doctor.OK, "")
	expect(t, "a cache that is a file", doctor.CacheFolder(text), doctor.Failed, "")
}

func TestPostgreSQL(t *testing.T) {
	expect(t, "there", doctor.Store(postgrestest.URL(t)), doctor.OK, "PostgreSQL 1")
}

func TestPorts(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := taken.Addr().String()
	expect(t, "taken", doctor.Port("listen", address), doctor.Warning, "in use")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, "free", doctor.Port("listen", address), doctor.OK, "free")
	expect(t, "none", doctor.Port("http-listen", ""), doctor.Skipped, "")
	expect(t, "of another machine", doctor.Port("listen", "192.0.2.1:1"), doctor.Failed, "--listen")
}

func TestAccess(t *testing.T) {
	local, open := []string{"127.0.0.1:1", "[::1]:2", "localhost:3", ""}, []string{"127.0.0.1:1", "0.0.0.0:2"}
	expect(t, "local", doctor.Access(local, false, false, false), doctor.OK, "only this machine")
	expect(t, "open", doctor.Access(open, false, false, false), doctor.Failed, "0.0.0.0:2")
	expect(t, "open by will", doctor.Access(open, false, false, true), doctor.Warning, "proxy")
	expect(t, "half", doctor.Access(open, true, false, false), doctor.Failed, "")
	expect(t, "safe", doctor.Access(open, true, true, false), doctor.OK, "")
	expect(t, "a name", doctor.Access([]string{":50051"}, false, false, false), doctor.Failed, ":50051")
}

func TestCertificates(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	expect(t, "none", doctor.Certificate(certs.Files{}, clock), doctor.Skipped, "")
	good := certificate(t, now.Add(-time.Hour), now.Add(100*24*time.Hour))
	expect(t, "good", doctor.Certificate(good, clock), doctor.OK, "router.example until 2030-04-11")
	expect(t, "soon", doctor.Certificate(certificate(t, now.Add(-time.Hour), now.Add(24*time.Hour)), clock), doctor.Warning, "renew")
	expect(t, "over", doctor.Certificate(certificate(t, now.Add(-time.Hour), now.Add(-time.Minute)), clock), doctor.Failed, "renew")
	expect(t, "not yet", doctor.Certificate(certificate(t, now.Add(time.Hour), now.Add(100*24*time.Hour)), clock), doctor.Failed, "renew")
	if err := os.Chmod(good.Key, 0o644); err != nil {
		t.Fatal(err)
	}
	expect(t, "an open key", doctor.Certificate(good, clock), doctor.Warning, "chmod 600")
	good.Key = good.Cert
	expect(t, "no key", doctor.Certificate(good, clock), doctor.Failed, "PEM")
}

// certificate makes one with its key.
func certificate(t *testing.T, from, until time.Time) certs.Files {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until, DNSNames: []string{"router.example"}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := certs.Files{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{files.Cert: {Type: "CERTIFICATE", Bytes: der}, files.Key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestNoCheckTakesForEver: one that hangs is given up by the context.
func TestChecksAreBounded(t *testing.T) {
	bounded := doctor.Check{Name: "x", Run: func(ctx context.Context) doctor.Finding {
		if _, ok := ctx.Deadline(); !ok {
			return doctor.Finding{Status: doctor.Failed, Found: "no deadline", Advice: "-"}
		}
		return doctor.Finding{Status: doctor.OK, Found: "-"}
	}}
	expect(t, "bounded", bounded, doctor.OK, "")
}
