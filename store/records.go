package store

import (
	"context"
	"time"
)

// MaxListed bounds what one list gives, and is what it gives where no limit is set.
const MaxListed = 10_000

// Records finds single records again. What was appended is found once it is
// kept, at most Config.FlushEvery later, or after Sync.
type Records interface {
	// Record is that of a decision, or an ErrNotFound. Its Prompt is the text
	// that was stored, "" where none was. Where an id has several records, it is
	// the newest.
	Record(ctx context.Context, decision string) (Record, error)
	// Records are the newest that pass the filter, newest first.
	Records(ctx context.Context, f RecordFilter) ([]Record, error)
}

// RecordFilter says which records are listed; a zero field leaves out none.
type RecordFilter struct {
	// Since and Before bound the time: not before, and before.
	Since, Before time.Time
	// After leaves out all up to that place in the list, to read on from there.
	After *Place
	// Route, Model and User must be the record's.
	Route, Model, User string
	// Reason must be the record's. Abstained leaves out records with a route,
	// Failed those of calls that went well and of decisions without a call.
	Reason            string
	Abstained, Failed bool
	// WithText leaves out records whose text was not stored.
	WithText bool
	// Limit is how many there are at most; 0, and more, is MaxListed.
	Limit int
}

// Place is that of a record in a list.
type Place struct {
	Time time.Time
	Seq  int64
}

// Most is the limit in force.
func (f RecordFilter) Most() int { return most(f.Limit) }

func most(limit int) int {
	if limit <= 0 || limit > MaxListed {
		return MaxListed
	}
	return limit
}
