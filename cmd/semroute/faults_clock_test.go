//go:build integration && linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/internal/plainfile"
)

// clock is what a server takes for the time of day: the machine's, and what it is put
// forward or back by. What counts how long something takes goes on as it is, as where
// somebody sets the clock of a machine.
type clock struct{ file string }

// clockVariable names the file of a clock to the server's process.
const clockVariable = "CLOCK_FILE"

// jumpedBy replaces the first line of time.Now in the build of a server whose clock
// can be set: nobody but root may set the machine's, and all on it would be struck.
const (
	nowFirst = "\tsec, nsec, mono := runtimeNow()\n"
	jumpedBy = nowFirst + "\tif clockJump != nil {\n\t\tsec += int64(*clockJump)\n\t}\n"
	clockMap = `
package time

import (
	"syscall"
	"unsafe"
)

// clockJump are the seconds that the clock is put forward, in a file that others write.
var clockJump = func() *int64 {
	name, ok := syscall.Getenv("` + clockVariable + `")
	if !ok {
		return nil
	}
	file, err := syscall.Open(name, syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	shared, err := syscall.Mmap(file, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&shared[0]))
}()
`
)

// set puts the clock forward, or back.
func (c clock) set(by time.Duration) error {
	file, err := os.OpenFile(c.file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(by/time.Second))), 0) // #nosec G115 -- two's complement
	return err
}

// withClock builds a server whose clock can be set, and gives both.
func withClock(t *testing.T) (clock, func(*replicaProcess)) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	library := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	now, err := plainfile.Read(filepath.Join(library, "time.go"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(now), nowFirst) != 1 {
		t.Fatal("time.Now of this Go is not as it was; see how it is told the time")
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(library, "time.go"):       write("time.go", strings.Replace(string(now), nowFirst, jumpedBy, 1)),
		filepath.Join(library, "clock_jump.go"): write("clock_jump.go", clockMap),
	}})
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "semroute")
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", binary, ".") //nolint:gosec // files of this test
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c := clock{write("clock", strings.Repeat("\x00", 8))}
	return c, func(r *replicaProcess) { r.program, r.env = binary, []string{clockVariable + "=" + c.file} }
}

// TestFaultsOfTheClock: somebody sets the clock of a server's machine, and sets it
// right again. `make faults` prints the table.
func TestFaultsOfTheClock(t *testing.T) {
	c, set := withClock(t)
	server, at := serveApartBy(t, set, "--catalog", faultsCatalogFor(t, assistant(t)), "--embedder", "static", "--store", "sqlite:"+filepath.Join(t.TempDir(), "semroute.db"))
	var troubles []trouble
	for _, jump := range []struct {
		name string
		by   time.Duration
	}{
		{"an hour ahead", time.Hour}, {"an hour back", -time.Hour},
		{"a day ahead", 24 * time.Hour}, {"a day back", -24 * time.Hour},
	} {
		troubles = append(troubles, trouble{"clock", jump.name, func() error { return c.set(jump.by) }, func() error { return c.set(0) }})
	}
	at.endure(t, troubles)
	if ahead := time.Until(lastLogged(t, server)); ahead < 23*time.Hour {
		t.Errorf("the server's clock was %s ahead at most; it was not put forward", ahead)
	}
}

// lastLogged is the latest time of day that a server has written into its log.
func lastLogged(t *testing.T, server *replicaProcess) (last time.Time) {
	t.Helper()
	written, err := plainfile.Read(server.log(), 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(written)) {
		var said struct{ Time time.Time }
		if err := json.Unmarshal([]byte(line), &said); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if said.Time.After(last) {
			last = said.Time
		}
	}
	return last
}
