package attempt

import (
	"time"

	"github.com/semroute/semroute/forward"
)

// Started is when the call began.
func (c *Call) Started() time.Time { return c.started }

// Elapsed is how long ago that was.
func (c *Call) Elapsed() time.Duration { return c.maker.Now().Sub(c.started) }

// Tokens are those of the prompt, estimated.
func (c *Call) Tokens() int64 { return c.tokens() }

// Begun says whether a piece has reached the caller.
func (c *Call) Begun() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
}

// FirstPiece is how long the caller waited for the first piece, 0 when none
// came.
func (c *Call) FirstPiece() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.firstPiece
}

// Left is how many attempts may still be made.
func (c *Call) Left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// use takes one of them; false when none is left.
func (c *Call) use() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return false
	}
	c.left--
	return true
}

// giveBack returns one that was not made after all.
func (c *Call) giveBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left++
}

// record adds an attempt and gives its number.
func (c *Call) record(a forward.Attempt) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts = append(c.attempts, a)
	return len(c.attempts) - 1
}

// Skip records that the model was not asked, and why.
func (c *Call) Skip(m *Model, why error) {
	c.record(forward.Attempt{Model: m.Name, Status: forward.Skipped, Error: forward.OneLine(why), Start: c.Elapsed()})
}

// Reject marks the attempt of an answer that was not accepted.
func (c *Call) Reject(attempt int, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts[attempt].Status = forward.Rejected
	c.attempts[attempt].Error = forward.OneLine(why)
}

// Score notes what a judge gave the answer of an attempt.
func (c *Call) Score(attempt int, score float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts[attempt].Score = &score
}

// Attempts are those made so far, in the order in which they ended. They are
// the caller's once no attempt is under way.
func (c *Call) Attempts() []forward.Attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.attempts
}

// Interrupted is the number of the attempt that had begun to reach the caller
// when it failed, -1 when there is none.
func (c *Call) Interrupted() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.begun {
		return -1
	}
	for i := len(c.attempts) - 1; i >= 0; i-- {
		if a := &c.attempts[i]; a.Pieces > 0 && !a.Judge && a.Status != forward.Lost {
			return i
		}
	}
	return -1
}
