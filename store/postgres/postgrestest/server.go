// Package postgrestest gives tests a real PostgreSQL: the one at POSTGRES_URL,
// or one of their own, started from the programs that Debian's packages install.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/internal/plainfile"
)

// startTime bounds how long a server may take to start.
const startTime = time.Minute

// maxLog bounds what is shown of a server's log.
const maxLog = 1 << 20

// Server is a PostgreSQL of a test's own.
type Server struct {
	// URL is of its database, as the user who owns it.
	URL string

	bin, folder, port string
	process           *exec.Cmd
}

// programs are where Debian's packages have initdb and postgres.
const programs = "/usr/lib/postgresql/*/bin"

// URL is the address of a PostgreSQL that tests may write to. Where there is
// none and none can be started, the test is skipped and says why.
func URL(t testing.TB) string {
	t.Helper()
	if address := os.Getenv("POSTGRES_URL"); address != "" {
		return address
	}
	return Start(t).URL
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := Run()
	if errors.Is(err, ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Remove)
	return s
}

// ErrNone says that there is no PostgreSQL to test with.
var ErrNone = errors.New("no PostgreSQL to test with: set POSTGRES_URL, or install Debian's package postgresql")

// Run starts a server that runs until Remove.
func Run() (*Server, error) {
	found, _ := filepath.Glob(programs)
	if len(found) == 0 {
		return nil, ErrNone
	}
	slices.Sort(found)
	s := &Server{bin: found[len(found)-1]}
	if err := s.prepare(); err != nil {
		s.Remove()
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	return s, nil
}

// prepare makes the server's folder and starts it. It refuses to run as root, so
// that it runs as the user postgres then.
func (s *Server) prepare() error {
	folder, err := os.MkdirTemp("", "semroute-postgres-")
	if err != nil {
		return err
	}
	s.folder = folder
	if s.port, err = freePort(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	initdb, err := s.command(ctx, "initdb", "-D", s.folder+"/data", "-U", "semroute", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if err != nil {
		return err
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.URL = (&url.URL{Scheme: "postgres", User: url.User("semroute"), Host: "127.0.0.1:" + s.port, Path: "/postgres"}).String()
	return s.Boot()
}

// Boot starts the server again after Kill, and waits until it answers.
func (s *Server) Boot() error {
	log, err := os.Create(filepath.Join(s.folder, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	if s.process, err = s.start(log); errors.Is(err, fs.ErrPermission) {
		s.process, err = s.start(log) // a busy kernel refuses a new user namespace now and then, and not twice
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			said, _ := plainfile.Read(log.Name(), maxLog)
			return fmt.Errorf("%w: %w: %s", ctx.Err(), err, said)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// start starts the server's first process.
func (s *Server) start(log *os.File) (*exec.Cmd, error) {
	server, err := s.command(context.Background(), "postgres", "-D", s.folder+"/data", "-p", s.port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200")
	if err != nil {
		return nil, err
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		return nil, err
	}
	return server, nil
}

// Kill ends the server as a crash would, with all connections.
func (s *Server) Kill() error {
	if s.process == nil {
		return nil
	}
	// SIGQUIT is PostgreSQL's way to end at once; SIGKILL would leave its children.
	err := s.process.Process.Signal(syscall.SIGQUIT)
	_ = s.signal(syscall.SIGCONT) // one that was stopped ends when it goes on
	_ = s.process.Wait()
	s.process = nil
	return err
}

// Stop keeps the server and all its processes from running, as a machine that hangs
// does: connections stay, and nobody answers. Continue ends it.
func (s *Server) Stop() error { return s.signal(syscall.SIGSTOP) }

// Continue has a server that was stopped run again.
func (s *Server) Continue() error { return s.signal(syscall.SIGCONT) }

// signal goes to the server's first process, and then to those that it has started,
// each of which is a session of its own.
func (s *Server) signal(sig syscall.Signal) error {
	if s.process == nil {
		return errors.New("the server does not run")
	}
	first := s.process.Process.Pid
	if err := s.process.Process.Signal(sig); err != nil {
		return err
	}
	children, err := plainfile.Read(fmt.Sprintf("/proc/%d/task/%d/children", first, first), maxLog)
	if err != nil {
		return err
	}
	for child := range strings.FieldsSeq(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return nil
}

// Remove ends the server and deletes its data.
func (s *Server) Remove() {
	_ = s.Kill()
	_ = os.RemoveAll(s.folder)
}

func (s *Server) command(ctx context.Context, program string, args ...string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...) // #nosec G204 -- Debian's programs
	cmd.Dir = s.folder
	return cmd, unprivileged(cmd)
}

func freePort() (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}

// InSchema is the address of a schema of its own in the same database, so that
// tests share a server and nothing else.
func InSchema(address, schema string) string {
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return address + separator + "search_path=" + url.QueryEscape(schema)
}
