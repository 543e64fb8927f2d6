package store

import (
	"cmp"
	"slices"
	"time"
)

// What a call can come to at most. A record that says more, or something
// negative, is left out of sums: one such number would drown all others.
const (
	MaxCallTokens = 1_000_000_000
	MaxCallNano   = 1_000_000 * NanoPerUSD
	// NanoPerUSD is how many nano-dollars a dollar has.
	NanoPerUSD = 1_000_000_000
)

// MaxOdd bounds the records that a report names.
const MaxOdd = 10

// Sum is what a group of calls came to. Amounts are nano-dollars; what does not
// fit is the largest int64.
type Sum struct {
	// Name is the route, model or user; "" where a record has none.
	Name string `json:"name"`
	// Decisions counts all records, Calls those that were forwarded, Failed the
	// calls without a complete answer.
	Decisions int64 `json:"decisions"`
	Calls     int64 `json:"calls"`
	Failed    int64 `json:"failed"`
	// Estimated and Unpriced count calls whose cost is not exact, Implausible
	// those whose provider sent counts that cannot be right.
	Estimated   int64 `json:"estimated"`
	Unpriced    int64 `json:"unpriced"`
	Implausible int64 `json:"implausible"`
	// LeftOut counts records whose tokens and amounts are not in the sums.
	LeftOut      int64 `json:"left_out"`
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`
	Answer       int64 `json:"answer_nano_usd"`
	Wasted       int64 `json:"failed_nano_usd"`
	Routing      int64 `json:"routing_nano_usd"`
	// Dearest is what the answers would have cost from the dearest model of
	// their routes.
	Dearest int64 `json:"dearest_nano_usd"`
}

// Total is what the calls cost, in nano-dollars.
func (s Sum) Total() int64 { return Add(Add(s.Answer, s.Wasted), s.Routing) }

// SavingPercent is how much less was spent than the dearest models would have
// cost, in percent; negative when more was spent, 0 when there is nothing to
// compare with.
func (s Sum) SavingPercent() float64 {
	if s.Dearest == 0 {
		return 0
	}
	return 100 * (1 - float64(s.Total())/float64(s.Dearest))
}

// Report sums up the records of a span, each list by cost, highest first.
type Report struct {
	Since  time.Time `json:"since"`
	Total  Sum       `json:"total"`
	Routes []Sum     `json:"routes"`
	Models []Sum     `json:"models"`
	Users  []Sum     `json:"users"`
	// Odd are the newest records that are not in the sums, at most MaxOdd.
	Odd []Odd `json:"odd_records,omitempty"`
}

// Odd is a record whose numbers cannot be right, as it stands.
type Odd struct {
	Time         time.Time `json:"time"`
	Route        string    `json:"route"`
	Model        string    `json:"model"`
	User         string    `json:"user"`
	InputTokens  int64     `json:"input_tokens"`
	OutputTokens int64     `json:"output_tokens"`
	// Cost is that of answer, other attempts and routing.
	Cost int64 `json:"cost_nano_usd"`
}

// SortByCost puts sums in order: the dearest first, equal ones by name.
func SortByCost(list []Sum) {
	slices.SortFunc(list, func(a, b Sum) int {
		return cmp.Or(cmp.Compare(b.Total(), a.Total()), cmp.Compare(a.Name, b.Name))
	})
}
