package qdrant_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	pb "github.com/qdrant/go-client/qdrant"
	"go.uber.org/goleak"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/indextest"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
)

// TestMain requires that nothing goes on after Close.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContractAgainstTheDouble(t *testing.T) {
	indextest.Run(t, func(t *testing.T) indextest.Store {
		return store(t, qdranttest.New(t).Address(), "routes", 0)
	})
}

func TestContractWithTextsOnTheServer(t *testing.T) {
	indextest.Run(t, func(t *testing.T) indextest.Store {
		return store(t, qdranttest.New(t).Address(), "routes", -1)
	})
}

// TestContractAgainstARealServer runs where QDRANT_ADDR names one. Every test
// has a prefix of its own, whose collections are deleted at its end.
func TestContractAgainstARealServer(t *testing.T) {
	address := os.Getenv("QDRANT_ADDR")
	if address == "" {
		t.Skip("QDRANT_ADDR is not set")
	}
	for name, texts := range map[string]int{"texts in process": 0, "texts on the server": -1} {
		t.Run(name, func(t *testing.T) {
			indextest.Run(t, func(t *testing.T) indextest.Store {
				prefix := "semroute-test-" + uuid.NewString()
				t.Cleanup(func() { deleteCollections(t, address, prefix) })
				return store(t, address, prefix, texts)
			})
		})
	}
}

func store(t *testing.T, address, prefix string, texts int) indextest.Store {
	return indextest.Store{Open: func(fingerprint string, dimension int) (index.Index, error) {
		return qdrant.Open(t.Context(), qdrant.Config{
			Address: address, Prefix: prefix, Fingerprint: fingerprint, Dimension: dimension, APIKey: os.Getenv("QDRANT_API_KEY"),
		}.WithTexts(texts))
	}}
}

func deleteCollections(t *testing.T, address, prefix string) {
	var host string
	var port int
	if _, err := fmt.Sscanf(strings.Replace(address, ":", " ", 1), "%s %d", &host, &port); err != nil {
		t.Fatalf("QDRANT_ADDR %q: %v", address, err)
	}
	client, err := pb.NewClient(&pb.Config{Host: host, Port: port, APIKey: os.Getenv("QDRANT_API_KEY"), SkipCompatibilityCheck: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	// The test's own context has ended by now.
	names, err := client.ListCollections(context.Background())
	if err != nil {
		t.Errorf("listing collections: %v", err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, prefix+"_") {
			if err := client.DeleteCollection(context.Background(), name); err != nil {
				t.Errorf("deleting %s: %v", name, err)
			}
		}
	}
}
