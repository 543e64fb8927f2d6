package process

import (
	"errors"
	"os/exec"
	"testing"
)

func TestServeTellsThatTheProcessEnded(t *testing.T) {
	ends, err := exec.LookPath("false")
	if err != nil {
		t.Skipf("no program that ends at once: %v", err)
	}
	if _, err := Serve(t.Context(), Config{Binary: ends, Dir: t.TempDir()}); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v, want ErrEnded", err)
	}
	if _, err := Serve(t.Context(), Config{Binary: "/no/such/binary", Dir: t.TempDir()}); err == nil {
		t.Error("a binary that is not there was started")
	}
}
