package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// readable is a writer for text that somebody else has written, such as a
// model's answer or a server's words: on a terminal it shows what would steer
// it. Files and pipes get every byte as it is.
func readable(w io.Writer) io.Writer {
	if isTerminal(w) {
		return escaper{w}
	}
	return w
}

// escaper writes text with its control characters made visible. What it is given
// at once must hold whole characters.
type escaper struct{ to io.Writer }

func (e escaper) Write(p []byte) (int, error) {
	if _, err := io.WriteString(e.to, escapedControls(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// escapedControls writes control characters, and those that turn the direction
// of text around, as \u001b: within JSON that is the same string. A carriage
// return, which would let a line be written over, is left out.
func escapedControls(text string) string {
	if strings.IndexFunc(text, steers) < 0 && !strings.ContainsRune(text, unicode.ReplacementChar) {
		return text
	}
	var b strings.Builder
	for _, r := range text { // bytes that are no UTF-8 become replacement characters
		switch {
		case r == '\r':
		case steers(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// steers says that a terminal would act on a character and not show it.
func steers(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
