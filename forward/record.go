package forward

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// Decision is what the router decided, as far as the record keeps it.
type Decision struct {
	ID          string  `json:"decision_id,omitempty"`
	Route       string  `json:"route"`
	Confidence  float64 `json:"confidence"`
	Margin      float64 `json:"margin"`
	Stage       string  `json:"stage,omitempty"`
	Reason      string  `json:"reason,omitempty"`
	Abstained   bool    `json:"abstained,omitempty"`
	Fingerprint string  `json:"fingerprint,omitempty"`
	// Why holds what the decision rests on; nil where nobody has said.
	Why *Why `json:"why,omitempty"`
}

// Why is what a decision rests on, as far as the record keeps it.
type Why struct {
	// Bound is the threshold that the reason speaks of, Nearest the similarity of the
	// nearest utterance.
	Bound   float64 `json:"bound,omitempty"`
	Nearest float64 `json:"nearest,omitempty"`
	Cached  bool    `json:"cached,omitempty"`
	// Rule is the one that decided or restricted.
	Rule     string   `json:"rule,omitempty"`
	Degraded []string `json:"degraded,omitempty"`
	// Candidates are the likeliest routes, Matches the nearest utterances.
	Candidates []Candidate `json:"candidates,omitempty"`
	Matches    []Match     `json:"matches,omitempty"`
	// TotalUS to ScoreUS are how long the whole and its stages took, in
	// microseconds.
	TotalUS  uint32 `json:"total_us"`
	EmbedUS  uint32 `json:"embed_us,omitempty"`
	SearchUS uint32 `json:"search_us,omitempty"`
	ScoreUS  uint32 `json:"score_us,omitempty"`
}

// Candidate is a route that was considered.
type Candidate struct {
	Route       string  `json:"route"`
	Probability float64 `json:"probability"`
	Similarity  float64 `json:"similarity,omitempty"`
}

// Match is an utterance of the catalog that is near the prompt.
type Match struct {
	Route      string  `json:"route"`
	Utterance  string  `json:"utterance"`
	Similarity float64 `json:"similarity"`
}

// Session is what became of the model in a conversation.
type Session struct {
	// ID names the conversation, and tells nothing of it.
	ID string `json:"id"`
	// Previous is the model that answered the turn before, "" at the first one.
	Previous string `json:"previous,omitempty"`
	// Switched: another model than Previous answers.
	Switched bool `json:"switched,omitempty"`
	// Reason says why the model stayed or changed, in one word; "" at the first turn.
	Reason string `json:"reason,omitempty"`
}

// FailedReason is the Reason of a change because Previous was asked and did not
// answer.
const FailedReason = "failed"

// Answered is what became of it once a model has answered; "" for none.
func (s Session) Answered(model string) Session {
	if model == "" || s.Previous == "" {
		return s
	}
	if stayed := !s.Switched; stayed && model != s.Previous {
		s.Reason = FailedReason
	}
	s.Switched = model != s.Previous
	return s
}

// Status says how an attempt went: done, or the class of its failure.
type Status string

// The statuses besides the classes of upstream failure.
const (
	Done        Status = "done"
	Rejected    Status = "rejected"    // a cascade did not accept the answer
	Cancelled   Status = "cancelled"   // the caller went away
	Lost        Status = "lost"        // a hedged attempt answered first
	Skipped     Status = "skipped"     // not asked: circuit open, pause, or too many calls
	Unsupported Status = "unsupported" // the provider cannot express the request
	OverBudget  Status = "over_budget" // a budget does not cover the model
)

// Attempt is one try to get an answer from one model.
type Attempt struct {
	Model  string `json:"model"`
	Status Status `json:"status"`
	// Error is the failure as one line, "" when there was none.
	Error string `json:"error,omitempty"`
	// Start is when the attempt began, counted from the start of the call.
	Start time.Duration `json:"start_ns"`
	// Latency is what the model took, without the time in which the caller kept
	// it waiting.
	Latency time.Duration `json:"latency_ns"`
	// FirstPiece is the time to the first piece, 0 when none came.
	FirstPiece time.Duration `json:"first_piece_ns,omitempty"`
	Pieces     int           `json:"pieces,omitempty"`
	Usage      Usage         `json:"usage"`
	// Cost is in nano-dollars; 0 for a model without a price.
	Cost int64 `json:"cost_nano_usd"`
	// Unpriced: the model has no price, so Cost says nothing.
	Unpriced bool `json:"unpriced,omitempty"`
	// Hedge marks an attempt that was started because another was silent.
	Hedge bool `json:"hedge,omitempty"`
	// Judge marks a call that only scored another model's answer.
	Judge bool `json:"judge,omitempty"`
	// Refused: the answer declines, in the provider's words or by how it begins.
	Refused bool `json:"refused,omitempty"`
	// Score is what a judge gave the answer, in [0, 1]; nil without one.
	Score *float64 `json:"score,omitempty"`
	// Answered is the model's name in the answer, whatever it is; "" where the
	// upstream gave none.
	Answered string `json:"answered,omitempty"`
	// UpstreamModel is the model that the upstream says answered, in its own words,
	// where that is another than was asked for. The cost is that model's, where
	// the catalog has a price for it.
	UpstreamModel string `json:"upstream_model,omitempty"`
}

// Costs are the parts of what a call cost, in nano-dollars.
type Costs struct {
	// Answer is the cost of the attempt whose answer the caller got.
	Answer int64 `json:"answer_nano_usd"`
	// Failed is the cost of all other attempts: failed, rejected, lost, judges.
	Failed int64 `json:"failed_nano_usd"`
	// Routing is what it cost to decide.
	Routing int64 `json:"routing_nano_usd"`
	// Dearest is what the same answer would have cost from the dearest model
	// that the call names.
	Dearest int64 `json:"dearest_nano_usd"`
	// Estimated: some part was computed from tokens counted here.
	Estimated bool `json:"estimated,omitempty"`
	// Unpriced: some attempt's model has no price, so the sum is too low.
	Unpriced bool `json:"unpriced,omitempty"`
}

// Total is what the call cost in nano-dollars.
func (c Costs) Total() int64 { return AddCapped(AddCapped(c.Answer, c.Failed), c.Routing) }

// Record is all that is kept about one decision and the call made for it.
type Record struct {
	Time     time.Time `json:"time"`
	Decision Decision  `json:"decision"`
	// Prompt is what was routed; the ledger stores it only where allowed.
	Prompt string `json:"prompt,omitempty"`
	User   string `json:"user,omitempty"`
	Team   string `json:"team,omitempty"`
	Tier   string `json:"tier,omitempty"`
	// Session is the conversation that it belongs to; nil for none.
	Session *Session `json:"session,omitempty"`
	// Forwarded is false for a decision without a call.
	Forwarded bool `json:"forwarded"`
	// Model is the one whose answer the caller got, "" when there is none.
	Model string `json:"model,omitempty"`
	// UpstreamModel is who gave that answer, in the upstream's words, where it
	// is another than was asked for.
	UpstreamModel string `json:"upstream_model,omitempty"`

	Finish Finish `json:"finish,omitempty"`
	// StopText is the stop text that the model met, for the caller who gave it alone.
	StopText string `json:"-"`
	Usage    Usage  `json:"usage"`
	Costs    Costs  `json:"costs"`
	// Strategy is how the model was chosen.
	Strategy string `json:"strategy,omitempty"`
	// Cascade: answers were held until a check accepted one.
	Cascade bool `json:"cascade,omitempty"`
	// Downgraded: a budget forced a cheaper model.
	Downgraded bool      `json:"downgraded,omitempty"`
	Attempts   []Attempt `json:"attempts,omitempty"`
	// Latency is that of the whole call, FirstPiece up to the first piece that
	// reached the caller.
	Latency    time.Duration `json:"latency_ns,omitempty"`
	FirstPiece time.Duration `json:"first_piece_ns,omitempty"`
	// Error is the failure of the call as one line, "" when it went well.
	Error string `json:"error,omitempty"`
}

// MarshalJSON gives the times in microseconds beside those in nanoseconds: all
// other output has microseconds, and readers of records rely on these.
func (r Record) MarshalJSON() ([]byte, error) {
	type fields Record
	return json.Marshal(struct {
		fields
		LatencyUS    int64 `json:"latency_us,omitempty"`
		FirstPieceUS int64 `json:"first_piece_us,omitempty"`
	}{fields(r), r.Latency.Microseconds(), r.FirstPiece.Microseconds()})
}

// MarshalJSON does the same for an attempt.
func (a Attempt) MarshalJSON() ([]byte, error) {
	type fields Attempt
	return json.Marshal(struct {
		fields
		StartUS      int64 `json:"start_us"`
		LatencyUS    int64 `json:"latency_us"`
		FirstPieceUS int64 `json:"first_piece_us,omitempty"`
	}{fields(a), a.Start.Microseconds(), a.Latency.Microseconds(), a.FirstPiece.Microseconds()})
}

// Log keeps records. Append never blocks on a disk and never fails the call.
type Log interface {
	Append(Record)
}

// maxErrorBytes bounds an error in a record.
const maxErrorBytes = 500

// OneLine is the error as it stands in a record, "" for none.
func OneLine(err error) string {
	if err == nil {
		return ""
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "\ufffd")), " ")
	if len(text) > maxErrorBytes {
		text = text[:maxErrorBytes]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}
