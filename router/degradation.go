package router

import "errors"

// Cause is what a decision had to do without.
type Cause uint8

// The causes.
const (
	// CauseRule: a rule failed while it ran, and did not hold.
	CauseRule Cause = iota + 1
	// CauseEmbedder: the embedder failed or took longer than it may.
	CauseEmbedder
	// CauseIndex: the index failed or took longer than it may.
	CauseIndex
	// CauseStarting: what decides is not built yet, and static vectors stand in.
	CauseStarting
	// CauseStore: the store does not say what is known of the conversation.
	CauseStore
)

// Causes are all of them.
func Causes() []Cause {
	return []Cause{CauseRule, CauseEmbedder, CauseIndex, CauseStarting, CauseStore}
}

// String is the cause in one word.
func (c Cause) String() string {
	names := [...]string{CauseRule: "rule", CauseEmbedder: "embedder", CauseIndex: "index", CauseStarting: "starting", CauseStore: "store"}
	if int(c) >= len(names) {
		return ""
	}
	return names[c]
}

// Degradation says what a decision had to do without, for programs and in words.
type Degradation struct {
	Cause Cause
	Text  string
}

// DegradedTexts are the words alone; nil for a decision that lacked nothing.
func (d *Decision) DegradedTexts() []string {
	if len(d.Degraded) == 0 {
		return nil
	}
	texts := make([]string, len(d.Degraded))
	for i, one := range d.Degraded {
		texts[i] = one.Text
	}
	return texts
}

func (d *Decision) degrade(cause Cause, text string) {
	d.Degraded = append(d.Degraded, Degradation{cause, text})
}

// causeOf is which part of the semantic stage failed.
func causeOf(err error) Cause {
	if errors.Is(err, ErrIndex) {
		return CauseIndex
	}
	return CauseEmbedder
}
