//go:build integration && linux

package main

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
	"golang.org/x/sys/unix"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// serveApart starts a server in a process of its own, and waits until it serves.
func serveApart(t *testing.T, args ...string) (*replicaProcess, target) {
	t.Helper()
	return serveApartBy(t, func(*replicaProcess) {}, args...)
}

// serveApartBy is serveApart of a process that is changed before it starts.
func serveApartBy(t *testing.T, change func(*replicaProcess), args ...string) (*replicaProcess, target) {
	t.Helper()
	web, admin := freeAddress(t), freeAddress(t)
	server := newReplicaProcess(t, 0, append([]string{"serve", "--http-listen", web, "--admin-listen", admin, "--source", "store", "--store-prompts", "full"}, args...)...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(server.tail())
		}
	})
	change(server)
	server.start()
	waitUntil(t, time.Minute, "it does not serve", func() bool {
		got, err := healthv1.NewHealthClient(server.conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
		return err == nil && got.GetStatus() == healthv1.HealthCheckResponse_SERVING
	})
	return server, target{conn: server.conn, web: "http://" + web, http: webClient(t), admin: admin}
}

// faultsCatalogFor writes the catalog whose model is served at an address.
func faultsCatalogFor(t *testing.T, model string) string {
	t.Helper()
	catalog := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(catalog, fmt.Appendf(nil, faultsCatalog, model), 0o600); err != nil {
		t.Fatal(err)
	}
	return catalog
}

// assistant serves the model; it ends with the test.
func assistant(t *testing.T) string {
	t.Helper()
	upstream := httptest.NewServer(forwardtest.Assistant(routes.OpenAI))
	t.Cleanup(upstream.Close)
	return upstream.Listener.Addr().String()
}

// TestFaultsOfTheProcess: a server in a process of its own, with SQLite, has no file
// descriptors left, no room on the disk, is stopped, is killed; asked by every way in.
// `make faults` prints the table.
func TestFaultsOfTheProcess(t *testing.T) {
	disk, small := smallDisk(t)
	server, at := serveApart(t, "--catalog", faultsCatalogFor(t, assistant(t)), "--embedder", "static", "--store", "sqlite:"+filepath.Join(disk, "semroute.db"))
	troubles := []trouble{
		{"server", "no descriptors", func() error { return server.descriptors(0) }, func() error { return server.descriptors(1024) }},
		{"server", "stopped", func() error { return server.signal(syscall.SIGSTOP) }, func() error { return server.signal(syscall.SIGCONT) }},
		{"server", "killed", func() error { server.kill(); return nil }, func() error { server.start(); return nil }},
	}
	if small {
		filler := filepath.Join(disk, "filler")
		troubles = append(troubles, trouble{"disk", "full", func() error { return fillUp(filler) }, func() error { return os.Remove(filler) }})
	}
	at.endure(t, troubles)
}

// smallDisk is a folder on a disk of its own that can be filled up, where this user
// may mount one.
func smallDisk(t *testing.T) (folder string, small bool) {
	t.Helper()
	folder = t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "size=32m"); err != nil {
		t.Logf("a full disk is not tried: no disk can be mounted: %v", err)
		return folder, false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder, true
}

// fillUp writes until there is no room left.
func fillUp(name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	piece := make([]byte, 4<<10)
	for err == nil {
		_, err = file.Write(piece)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// signal reaches the process where it runs.
func (r *replicaProcess) signal(s syscall.Signal) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process.Process.Signal(s)
}

// descriptors bounds how many files the process may have open; those that it has stay.
func (r *replicaProcess) descriptors(atMost uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var limit unix.Rlimit
	if err := unix.Prlimit(r.process.Process.Pid, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return err
	}
	limit.Cur = min(atMost, limit.Max)
	return unix.Prlimit(r.process.Process.Pid, unix.RLIMIT_NOFILE, &limit, nil)
}
