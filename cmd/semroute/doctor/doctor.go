// Package doctor looks at what a server needs before it is started: files, services,
// keys, ports and certificates. Each check says what it found and what to do about
// it. It changes nothing, and promises no more than what it looked at: that a key
// exists does not mean that its provider takes it.
package doctor

import (
	"context"
	"time"
)

// Status is how a check came out.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Warning Status = "warning" // it works, but not for long or not well
	Failed  Status = "failed"  // a server would not start, or would not answer
	Skipped Status = "skipped" // there is nothing to look at
)

// Finding is what came of a check.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Found  string `json:"found"`
	// Advice says what to do; "" where nothing is to be done.
	Advice string `json:"advice,omitempty"`
}

// Check looks at one thing.
type Check struct {
	Name string
	Run  func(ctx context.Context) Finding
}

// patience bounds one check.
const patience = 15 * time.Second

// Examine runs the checks in order and hands each finding on as it comes.
func Examine(ctx context.Context, checks []Check, tell func(Finding)) {
	for _, c := range checks {
		bounded, cancel := context.WithTimeout(ctx, patience)
		f := c.Run(bounded)
		cancel()
		f.Check = c.Name
		tell(f)
	}
}

func ok(found string) Finding { return Finding{Status: OK, Found: found} }

func warning(found, advice string) Finding {
	return Finding{Status: Warning, Found: found, Advice: advice}
}

func failed(err error, advice string) Finding {
	return Finding{Status: Failed, Found: err.Error(), Advice: advice}
}

func skipped(why string) Finding { return Finding{Status: Skipped, Found: why} }
