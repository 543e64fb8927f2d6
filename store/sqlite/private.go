package sqlite

import (
	"os"
	"runtime"

	"github.com/rs/zerolog"
)

const (
	// private is the mode of all files of a ledger, which may hold prompts.
	private = 0o600
	// others are the bits that let anybody but the owner in.
	others = 0o077
)

// besides are the files that SQLite and the lock put beside a ledger.
var besides = []string{"", "-wal", "-shm", lockSuffix}

// makePrivate takes from others what they may do with the ledger's files, and
// says so. SQLite gives new files the mode of the ledger.
func makePrivate(path string, log zerolog.Logger) {
	if runtime.GOOS == "windows" { // modes mean nothing there
		return
	}
	for _, suffix := range besides {
		info, err := os.Stat(path + suffix)
		if err != nil || info.Mode().Perm()&others == 0 {
			continue
		}
		event := log.Warn().Str("file", path+suffix).Str("mode", info.Mode().Perm().String())
		if err := os.Chmod(path+suffix, private); err != nil {
			event.Err(err).Msg("others may read or write the ledger, and it could not be made private: make it yours, with mode 0600")
			continue
		}
		event.Msg("others could read or write the ledger: it is now for its owner alone (mode 0600)")
	}
}
