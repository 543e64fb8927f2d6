package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

func TestTheTerminalIsNotSteered(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n\ttext, é 日本 🙂": "plain\n\ttext, é 日本 🙂",
		"a\x1b[2Jb":             `a\u001b[2Jb`,
		"\x1b]0;title\x07":      `\u001b]0;title\u0007`,
		"one\r\ntwo\rthree":     "one\ntwothree",
		"c1 \u009b31m":          `c1 \u009b31m`,
		"raw \x9b31m":           "raw \uFFFD31m",
		"\u202eevil\u2066x":     `\u202eevil\u2066x`,
		"\x7f\x00":              `\u007f\u0000`,
	} {
		if got := escapedControls(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// hostileText has every character that a terminal might act on.
func hostileText() string {
	var b strings.Builder
	for r := rune(0); r < 0x2100; r++ {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// TestNothingOfACallSteersTheTerminal: answers, models' names and errors all
// come from somebody else.
func TestNothingOfACallSteersTheTerminal(t *testing.T) {
	bad := hostileText()
	var out, errs bytes.Buffer
	p := textPrinter{out: escaper{&out}, err: escaper{&errs}}
	for _, event := range []*semroutev1.StreamRouteResponse{
		decisionEvent(&semroutev1.Decision{Route: bad}),
		pieceEvent(&semroutev1.Piece{Text: bad}),
		recordEvent(&semroutev1.CallRecord{Model: bad, Attempts: []*semroutev1.Attempt{{Model: bad, Error: bad}}}),
	} {
		if err := p.event(event); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := p.end(); err != nil || text != bad {
		t.Errorf("%v; the conversation keeps the text as it came: %q", err, text)
	}
	if err := writeDecision(escaper{&out}, &semroutev1.Decision{Route: bad, Explanation: bad, Degraded: []string{bad}}, true); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"out": out.String(), "err": errs.String()} {
		if i := strings.IndexFunc(got, steers); i >= 0 {
			t.Errorf("%s holds %q", name, got[i:min(i+4, len(got))])
		}
	}
}

// TestJSONOnATerminalStaysTheSameJSON, with nothing in it that steers.
func TestJSONOnATerminalStaysTheSameJSON(t *testing.T) {
	var out bytes.Buffer
	if err := writeLineJSON(escaper{&out}, jsonOfEvent(pieceEvent(&semroutev1.Piece{Text: hostileText()}))); err != nil {
		t.Fatal(err)
	}
	if strings.IndexFunc(out.String(), steers) >= 0 {
		t.Errorf("printed %q", out.String())
	}
	var back struct{ Piece struct{ Text string } }
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Piece.Text != hostileText() {
		t.Errorf("%v, %q", err, back.Piece.Text)
	}
}
