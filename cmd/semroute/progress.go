package main

import (
	"fmt"
	"io"
	"os"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/cmd/semroute/assemble"
	"golang.org/x/term"
)

// minProgress is the amount of work below which nobody waits.
const minProgress = 512

// progressOn shows long work: one line that is written over on a terminal, a
// log line every tenth otherwise.
func progressOn(w io.Writer, log zerolog.Logger) assemble.Progress {
	terminal := isTerminal(w)
	lastTenth, lastWhat := -1, ""
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
		if tenth := done * 10 / total; tenth != lastTenth || what != lastWhat {
			lastTenth, lastWhat = tenth, what
			log.Info().Str("what", what).Int("done", done).Int("total", total).Msg("progress")
		}
	}
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
