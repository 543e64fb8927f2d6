// Package alarm keeps what has been noticed to be wrong, tells the log and a web
// hook of it, and forgets the oldest. It does not find anything out itself.
package alarm

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Source says what has noticed something.
type Source string

// The sources.
const (
	Drift   Source = "drift"   // the prompts have become others
	Model   Source = "model"   // a model answers in another way
	Name    Source = "name"    // a model answers in another name
	Canary  Source = "canary"  // a model's answers to known prompts are others
	Promise Source = "promise" // a fitted precision is not kept
)

// Alarm is something that has been noticed.
type Alarm struct {
	// Number counts from 1 since the first start.
	Number int64  `json:"number"`
	Source Source `json:"source"`
	// Subject is the route or the model that it is about, "" for all.
	Subject string `json:"subject,omitempty"`
	// What is the quantity that moved, such as "abstention".
	What string `json:"what"`
	// Message says it for people.
	Message string `json:"message"`
	// Reference is what the quantity was, Now what it is.
	Reference float64   `json:"reference"`
	Now       float64   `json:"now"`
	Since     time.Time `json:"since"`
	// Over is when it ended; nil while it lasts. What happens once, such as a new
	// name, is over at once.
	Over *time.Time `json:"over,omitempty"`
}

// key tells alarms of the same thing.
func (a *Alarm) key() [3]string { return [3]string{string(a.Source), a.Subject, a.What} }

// most is how many alarms are kept.
const most = 256

// Config of a Book; zero values mean the defaults.
type Config struct {
	Log zerolog.Logger
	// Hook is told of every alarm that begins or ends; nil tells nobody.
	Hook *Hook
	// OnChange is told too, for a metric; it must not block or call the book.
	OnChange func(Alarm)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Book keeps the alarms. It is safe for concurrent use.
type Book struct {
	config Config

	mu     sync.Mutex // protects the fields below
	last   int64
	alarms []Alarm // the oldest first
}

// NewBook makes an empty one.
func NewBook(config Config) *Book {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Book{config: config}
}

// Raise begins an alarm that lasts until End. One that lasts already is not told
// again.
func (b *Book) Raise(a Alarm) { b.begin(a, true) }

// Tell is Raise for what happens once.
func (b *Book) Tell(a Alarm) { b.begin(a, false) }

func (b *Book) begin(a Alarm, lasts bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if lasts && b.lasting(a.key()) != nil {
		return
	}
	b.last++
	a.Number, a.Since, a.Over = b.last, b.config.Now().UTC(), nil
	if !lasts {
		over := a.Since
		a.Over = &over
	}
	b.alarms = append(b.alarms, a)
	b.alarms = slices.Delete(b.alarms, 0, max(0, len(b.alarms)-most))
	b.config.Log.Warn().Str("source", string(a.Source)).Str("subject", a.Subject).Str("what", a.What).
		Float64("reference", a.Reference).Float64("now", a.Now).Msg("alarm: " + a.Message)
	b.tell(a)
}

// End ends the alarm of the same source, subject and quantity, if one lasts.
func (b *Book) End(a Alarm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := b.lasting(a.key())
	if old == nil {
		return
	}
	now := b.config.Now().UTC()
	old.Over = &now
	b.config.Log.Info().Str("source", string(a.Source)).Str("subject", a.Subject).Str("what", a.What).Msg("alarm is over")
	b.tell(*old)
}

// lasting is the alarm of a key that is not over, under the lock; nil for none.
func (b *Book) lasting(key [3]string) *Alarm {
	for i := len(b.alarms) - 1; i >= 0; i-- {
		if a := &b.alarms[i]; a.Over == nil && a.key() == key {
			return a
		}
	}
	return nil
}

func (b *Book) tell(a Alarm) {
	if b.config.Hook != nil {
		b.config.Hook.send(a)
	}
	if b.config.OnChange != nil {
		b.config.OnChange(a)
	}
}

// Alarms are those that are kept, the newest first; only those that last where
// lasting says so.
func (b *Book) Alarms(lasting bool) []Alarm {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []Alarm{}
	for _, a := range slices.Backward(b.alarms) {
		if !lasting || a.Over == nil {
			out = append(out, a)
		}
	}
	return out
}

// Restore puts alarms in front that an earlier process has kept.
func (b *Book) Restore(alarms []Alarm) {
	b.mu.Lock()
	defer b.mu.Unlock()
	alarms = slices.Clone(alarms[:min(len(alarms), most)])
	slices.SortFunc(alarms, func(x, y Alarm) int { return cmp.Compare(x.Number, y.Number) })
	for i := range alarms {
		b.last = max(b.last, alarms[i].Number)
	}
	b.alarms = append(alarms, b.alarms...)
	b.alarms = slices.Delete(b.alarms, 0, max(0, len(b.alarms)-most))
}

// Run sends what the web hook is to be told, until ctx ends.
func (b *Book) Run(ctx context.Context) {
	if b.config.Hook != nil {
		b.config.Hook.run(ctx, b.config.Log)
	}
}
