package main

import (
	"io"
	"time"

	"github.com/rs/zerolog"
)

// newLogger logs for people where they watch, and lines of JSON everywhere else.
func newLogger(w io.Writer, level zerolog.Level) zerolog.Logger {
	if isTerminal(w) {
		w = consoleForm(w)
	}
	return zerolog.New(w).Level(level).With().Timestamp().Logger()
}

// consoleForm writes a line as time, level, message and fields, in colours unless
// NO_COLOR is set. What would steer a terminal it quotes.
func consoleForm(w io.Writer) io.Writer {
	return zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly}
}
