package load

import (
	"context"
	"time"
)

// slot is a call that is to be made: its number and when it should start;
// a zero time is now.
type slot struct {
	number int
	start  time.Time
}

// schedule hands out the calls. Without a rate a caller that is free gets the
// next at once.
func schedule(ctx context.Context, c Config, start time.Time, slots chan<- slot) {
	if c.Rate == 0 {
		for n := 0; time.Since(start) < c.Duration; n++ {
			select {
			case slots <- slot{number: n}:
			case <-ctx.Done():
				return
			}
		}
		return
	}
	clock, done := newPacer()
	defer done()
	total := int(c.Rate * c.Duration.Seconds())
	for n := range total {
		at := start.Add(time.Duration(float64(n) / c.Rate * float64(time.Second)))
		clock.until(at)
		select {
		case slots <- slot{number: n, start: at}:
		case <-ctx.Done():
			return
		}
	}
}
