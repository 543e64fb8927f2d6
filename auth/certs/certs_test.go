package certs_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/semroute/semroute/auth/authtest"
	"github.com/semroute/semroute/auth/certs"
)

// handshake has a client of the files talk to a listener of the configuration, and
// gives what the client saw.
func handshake(t *testing.T, server *tls.Config, client certs.Files) (tls.ConnectionState, error) {
	t.Helper()
	config, err := certs.Client(client)
	if err != nil {
		t.Fatal(err)
	}
	config.ServerName = "127.0.0.1"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	served := make(chan struct{})
	go func() { // the client's side is the result
		defer close(served)
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = raw.Close() }()
		conn := tls.Server(raw, server)
		if conn.Handshake() == nil {
			_, _ = conn.Write([]byte("x"))
		}
	}()
	conn, err := tls.Dial("tcp", listener.Addr().String(), config)
	if err != nil {
		<-served
		return tls.ConnectionState{}, err
	}
	defer func() { _ = conn.Close() }()
	_, err = conn.Read(make([]byte, 1)) // of TLS 1.3, whose server refuses after the client is done
	<-served
	return conn.ConnectionState(), err
}

func TestWhoIsBelieved(t *testing.T) {
	ca, other := authtest.NewCA(t), authtest.NewCA(t)
	cert, key := ca.Issue("server")
	mine, myKey := ca.Issue("client")
	foreign, foreignKey := other.Issue("client")
	for name, test := range map[string]struct {
		server, client certs.Files
		ok             bool
	}{
		"a server that the client's authority has signed": {certs.Files{}, certs.Files{CA: ca.File}, true},
		"a server of another authority":                   {certs.Files{}, certs.Files{CA: other.File}, false},
		"a server that the system's authorities know not": {certs.Files{}, certs.Files{}, false},
		"a client of the server's authority":              {certs.Files{CA: ca.File}, certs.Files{CA: ca.File, Cert: mine, Key: myKey}, true},
		"a client without a certificate":                  {certs.Files{CA: ca.File}, certs.Files{CA: ca.File}, false},
		"a client without one where it need not":          {certs.Files{CA: ca.File, Optional: true}, certs.Files{CA: ca.File}, true},
		"a client of another authority":                   {certs.Files{CA: ca.File}, certs.Files{CA: ca.File, Cert: foreign, Key: foreignKey}, false},
		"of another authority, where it need none":        {certs.Files{CA: ca.File, Optional: true}, certs.Files{CA: ca.File, Cert: foreign, Key: foreignKey}, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.server.Cert, test.server.Key = cert, key
			config, err := certs.Server(test.server, func(err error) { t.Error(err) })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := handshake(t, config, test.client); (err == nil) != test.ok {
				t.Errorf("the handshake gave %v", err)
			}
		})
	}
}

func TestCertificatesAreReplacedWhileItListens(t *testing.T) {
	ca := authtest.NewCA(t)
	cert, key := ca.Issue("first")
	told := make(chan error, 10)
	config, err := certs.Server(certs.Files{Cert: cert, Key: key}, func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	shown := func() string {
		t.Helper()
		state, err := handshake(t, config, certs.Files{CA: ca.File})
		if err != nil {
			t.Fatal(err)
		}
		return state.PeerCertificates[0].DNSNames[0]
	}
	await := func(done func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("nothing came of the change")
			}
		}
	}
	if got := shown(); got != "first" {
		t.Errorf("shown is %q", got)
	}
	ca.IssueTo(cert, key, "second")
	await(func() bool { return shown() == "second" })
	if err := os.WriteFile(cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	await(func() bool {
		if got := shown(); got != "second" {
			t.Fatalf("with a broken file %q is shown", got)
		}
		return len(told) > 0
	})
	if err := <-told; !errors.Is(err, certs.ErrFiles) {
		t.Errorf("told is %v", err)
	}
}

func TestFilesThatAreNotUsable(t *testing.T) {
	ca := authtest.NewCA(t)
	cert, key := ca.Issue("a")
	_, otherKey := ca.Issue("b")
	none := filepath.Join(t.TempDir(), "none")
	for name, files := range map[string]certs.Files{
		"no files": {}, "no key": {Cert: cert}, "no such file": {Cert: none, Key: key},
		"the key of another": {Cert: cert, Key: otherKey}, "a key for an authority": {Cert: cert, Key: key, CA: key},
	} {
		if _, err := certs.Server(files, nil); !errors.Is(err, certs.ErrFiles) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
