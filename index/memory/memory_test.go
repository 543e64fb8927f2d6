package memory_test

import (
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/indextest"
	"github.com/semroute/semroute/index/memory"
)

func TestContractInMemoryOnly(t *testing.T) {
	indextest.Run(t, func(*testing.T) indextest.Store {
		return indextest.Store{Volatile: true, Open: func(fingerprint string, dimension int) (index.Index, error) {
			return memory.Open(memory.Config{Fingerprint: fingerprint, Dimension: dimension})
		}}
	})
}

func TestContractWithSnapshot(t *testing.T) {
	indextest.Run(t, func(t *testing.T) indextest.Store {
		path := filepath.Join(t.TempDir(), "index.snapshot")
		return indextest.Store{Open: func(fingerprint string, dimension int) (index.Index, error) {
			return memory.Open(memory.Config{Path: path, Fingerprint: fingerprint, Dimension: dimension})
		}}
	})
}
