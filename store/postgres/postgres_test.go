package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/semroute/semroute/store/storetest"
)

// shared is the server that most tests use, each in schemas of its own.
var shared struct {
	server *postgrestest.Server
	err    error
	serial atomic.Int64
}

func TestMain(m *testing.M) {
	if os.Getenv("POSTGRES_URL") == "" {
		shared.server, shared.err = postgrestest.Run()
		if shared.err != nil {
			fmt.Fprintln(os.Stderr, shared.err)
		}
		if shared.err != nil && !errors.Is(shared.err, postgrestest.ErrNone) {
			os.Exit(1)
		}
	}
	code := m.Run()
	if shared.server != nil {
		shared.server.Remove()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// address is of a new, empty schema.
func address(t testing.TB) string {
	t.Helper()
	if shared.err != nil {
		t.Skip(shared.err)
	}
	url := os.Getenv("POSTGRES_URL")
	if shared.server != nil {
		url = shared.server.URL
	}
	return postgrestest.InSchema(url, fmt.Sprintf("semroute_test_%d_%d", time.Now().UnixNano(), shared.serial.Add(1)))
}

func open(t testing.TB, url string, config store.Config) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestContract(t *testing.T) {
	addresses := map[string]string{}
	storetest.Run(t, func(t testing.TB, name string, config store.Config) store.Store {
		name = t.Name() + "/" + name
		if addresses[name] == "" {
			addresses[name] = address(t)
		}
		return open(t, addresses[name], config)
	})
}
