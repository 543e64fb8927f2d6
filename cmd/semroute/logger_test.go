package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

func TestTheLogOfAConsole(t *testing.T) {
	line := func() string {
		var out bytes.Buffer
		log := zerolog.New(consoleForm(&out))
		log.Info().Str("route", "a\x1b[31mb").Int64("cost_nano_usd", 7).Msg("call")
		return out.String()
	}
	t.Setenv("NO_COLOR", "1")
	plain := line()
	for _, want := range []string{"INF", "call", `route="a\x1b[31mb"`, "cost_nano_usd=7"} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q is not in %q", want, plain)
		}
	}
	if strings.Contains(plain, "\x1b") {
		t.Errorf("colours although NO_COLOR is set: %q", plain)
	}
	if err := os.Unsetenv("NO_COLOR"); err != nil {
		t.Fatal(err)
	}
	if coloured := line(); !strings.Contains(coloured, "\x1b[") || strings.Contains(coloured, "\x1b[31mb") {
		t.Errorf("no colours, or those of a field: %q", coloured)
	}
}
