package main

import (
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
)

// minProgress is the amount of work below which nobody waits.
const minProgress = 512

// patience is how long work goes on before the log says so, and how often.
const patience = 3 * time.Second

// progressOn shows long work: one line that is written over on a terminal, a
// log line every few seconds otherwise.
func progressOn(w io.Writer, log zerolog.Logger) engine.Progress {
	terminal := isTerminal(w)
	last := time.Now()
	return func(what string, done, total int) {
		if total < minProgress {
			return
		}
		if terminal {
			end := ""
			if done == total {
				end = "\n"
			}
			_, _ = fmt.Fprintf(w, "\r%s: %d of %d%s", what, done, total, end)
			return
		}
		if time.Since(last) >= patience {
			last = time.Now()
			log.Info().Str("what", what).Int("done", done).Int("total", total).Msg("progress")
		}
	}
}
