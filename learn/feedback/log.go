package feedback

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

// Store is what a Log keeps feedback in; store.Store is one.
type Store interface {
	store.FeedbackLog
	store.Records
	// Sync returns when every record appended before is kept.
	Sync(ctx context.Context) error
}

// Log takes feedback and lists it. It is safe for concurrent use.
type Log struct {
	store Store
	now   func() time.Time
}

// NewLog makes a log that keeps feedback in a store; now is the clock, nil is
// time.Now.
func NewLog(s Store, now func() time.Time) *Log {
	if now == nil {
		now = time.Now
	}
	return &Log{store: s, now: now}
}

// Give keeps feedback and gives it as it is kept; repeated says that the same
// was kept before. It fails with ErrInvalid, ErrUnknownDecision, ErrKeyUsed or
// the error of the store or of ctx.
func (l *Log) Give(ctx context.Context, f Feedback) (kept Feedback, repeated bool, err error) {
	if err := f.check(); err != nil {
		return Feedback{}, false, err
	}
	if f.Of, err = l.decision(ctx, f.Decision); err != nil {
		return Feedback{}, false, err
	}
	if err := f.settle(); err != nil {
		return Feedback{}, false, err
	}
	f.Time = l.now().Truncate(time.Microsecond) // as every store keeps it
	content := f.content()
	if f.Key == "" {
		f.Key = "content:" + content
	} else {
		f.Key = "caller:" + f.Key
	}
	body, err := json.Marshal(bodyOf(&f))
	if err != nil {
		return Feedback{}, false, err
	}
	stored, err := l.store.AddFeedback(ctx, store.Feedback{Key: f.Key, Decision: f.Decision, Time: f.Time, Body: body})
	if err != nil {
		return Feedback{}, false, fmt.Errorf("keeping feedback: %w", err)
	}
	if kept, err = decode(&stored); err != nil {
		return Feedback{}, false, err
	}
	if kept.content() != content {
		return Feedback{}, false, fmt.Errorf("%w: use another one, or none", ErrKeyUsed)
	}
	return kept, !kept.Time.Equal(f.Time), nil
}

// decision is what the record says of a decision. A record may still be on its
// way to the disk.
func (l *Log) decision(ctx context.Context, id string) (Decision, error) {
	record, err := l.store.Record(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		if err := l.store.Sync(ctx); err != nil {
			return Decision{}, fmt.Errorf("looking for the decision: %w", err)
		}
		record, err = l.store.Record(ctx, id)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return Decision{}, fmt.Errorf("%w: %q was made by another server, or its record was removed by age or size (--ledger-max-age, --ledger-max-bytes)", ErrUnknownDecision, id)
	case err != nil:
		return Decision{}, fmt.Errorf("looking for the decision: %w", err)
	}
	return decided(&record), nil
}

// decided reads what feedback needs to know from a record. What the record does
// not say stays empty.
func decided(r *store.Record) Decision {
	var body struct {
		Decision struct {
			Confidence  float64 `json:"confidence"`
			Stage       string  `json:"stage"`
			Fingerprint string  `json:"fingerprint"`
		} `json:"decision"`
	}
	_ = json.Unmarshal(r.Body, &body) // a record of another version says less
	stage := body.Decision.Stage
	return Decision{
		Route: r.Route, Model: r.Model, Time: r.Time, Confidence: body.Decision.Confidence, Fingerprint: body.Decision.Fingerprint,
		Promised: r.Route != "" && (stage == "SEMANTIC" || stage == "STATIC"),
	}
}

// List gives the feedback taken since then and kept after a place (0 for all), in
// order, at most limit, and the place of the last. A decision, unless "", must be
// the feedback's.
func (l *Log) List(ctx context.Context, since time.Time, decision string, after int64, limit int) (list []Feedback, last int64, err error) {
	last = after
	for len(list) < limit {
		page, err := l.store.Feedback(ctx, store.FeedbackFilter{After: last, Since: since, Decision: decision, Limit: limit - len(list)})
		if err != nil {
			return nil, after, fmt.Errorf("listing feedback: %w", err)
		}
		for i := range page {
			last = page[i].Seq
			f, err := decode(&page[i])
			if err != nil {
				return nil, after, err
			}
			list = append(list, f)
		}
		if len(page) < min(limit, store.MaxListed) {
			break
		}
	}
	return list, last, nil
}

// body is how feedback stands in the store.
type body struct {
	Verdict    Verdict  `json:"verdict,omitempty"`
	RightRoute *string  `json:"right_route,omitempty"`
	Thumbs     Thumbs   `json:"thumbs,omitempty"`
	Score      *float64 `json:"score,omitempty"`
	Comment    string   `json:"comment,omitempty"`
	Source     Source   `json:"source"`
	Sampled    bool     `json:"sampled,omitempty"`
	Of         Decision `json:"decision"`
}

func bodyOf(f *Feedback) body {
	return body{f.Verdict, f.RightRoute, f.Thumbs, f.Score, f.Comment, f.Source, f.Sampled, f.Of}
}

func decode(s *store.Feedback) (Feedback, error) {
	var b body
	if err := json.Unmarshal(s.Body, &b); err != nil {
		return Feedback{}, fmt.Errorf("feedback %d cannot be read: %w", s.Seq, err)
	}
	return Feedback{
		Decision: s.Decision, Key: s.Key, Time: s.Time, Verdict: b.Verdict, RightRoute: b.RightRoute, Thumbs: b.Thumbs,
		Score: b.Score, Comment: b.Comment, Source: b.Source, Sampled: b.Sampled, Of: b.Of,
	}, nil
}

// content identifies what was said, whenever it was.
func (f *Feedback) content() string {
	b := bodyOf(f)
	b.Of = Decision{}
	text, _ := json.Marshal(b) // plain fields
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %s", f.Decision, text))
	return hex.EncodeToString(sum[:16])
}
