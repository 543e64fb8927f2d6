package faults_test

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"

	"github.com/semroute/semroute/internal/faults"
)

// echo answers every line with itself.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return listener.Addr().String()
}

// say sends a line and gives what comes back within a moment.
func say(c net.Conn, line string, within time.Duration) (string, error) {
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	return bufio.NewReader(c).ReadString('\n')
}

func TestEveryFaultBreaksAndHeals(t *testing.T) {
	p, err := faults.New(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	dial := func() net.Conn {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.Address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	for _, fault := range faults.All() {
		t.Run(fault.String(), func(t *testing.T) {
			before := dial()
			if got, err := say(before, "hello", time.Minute); err != nil || got != "hello\n" {
				t.Fatalf("without a fault: %q, %v", got, err)
			}
			p.Set(fault)
			start := time.Now()
			within := 300 * time.Millisecond
			if fault == faults.Slow || fault == faults.Drip {
				within = time.Minute
			}
			got, err := say(before, "hello there", within)
			switch fault {
			case faults.Slow:
				if err != nil || time.Since(start) < faults.SlowBy {
					t.Errorf("%q, %v after %s", got, err, time.Since(start))
				}
			case faults.Drip:
				if got != "hello there\n" || time.Since(start) < 11*faults.DripEvery {
					t.Errorf("%q, %v after %s", got, err, time.Since(start))
				}
			case faults.Silent, faults.HalfOpen, faults.Reset:
				if err == nil {
					t.Errorf("it answers %q", got)
				}
			case faults.Corrupt:
				if got == "hello there\n" {
					t.Error("the answer is whole")
				}
			case faults.None:
			}
			p.Heal()
			if got, err := say(dial(), "again", time.Minute); err != nil || got != "again\n" {
				t.Errorf("afterwards: %q, %v", got, err)
			}
		})
	}
}
