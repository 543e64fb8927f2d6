package feedbackapi

import (
	"fmt"
	"time"

	"github.com/semroute/semroute/learn/advice"
	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/learn/promise"
	"github.com/semroute/semroute/learn/suggest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// pairs are a closed set of words with its values in the schema.
type pairs[Word, Value comparable] []struct {
	word  Word
	value Value
}

func (ps pairs[Word, Value]) toProto(w Word) (v Value) {
	for _, p := range ps {
		if p.word == w {
			return p.value
		}
	}
	return v
}

func (ps pairs[Word, Value]) fromProto(v Value) (w Word) {
	for _, p := range ps {
		if p.value == v {
			return p.word
		}
	}
	return w
}

func verdicts() pairs[feedback.Verdict, semroutev1.Feedback_Verdict] {
	return pairs[feedback.Verdict, semroutev1.Feedback_Verdict]{
		{feedback.Right, semroutev1.Feedback_RIGHT}, {feedback.Wrong, semroutev1.Feedback_WRONG},
	}
}

func thumbs() pairs[feedback.Thumbs, semroutev1.Feedback_Thumbs] {
	return pairs[feedback.Thumbs, semroutev1.Feedback_Thumbs]{
		{feedback.Up, semroutev1.Feedback_UP}, {feedback.Down, semroutev1.Feedback_DOWN},
	}
}

func sources() pairs[feedback.Source, semroutev1.Feedback_Source] {
	return pairs[feedback.Source, semroutev1.Feedback_Source]{
		{feedback.User, semroutev1.Feedback_USER}, {feedback.Judge, semroutev1.Feedback_JUDGE},
		{feedback.User, semroutev1.Feedback_SOURCE_UNSPECIFIED},
	}
}

func kinds() pairs[suggest.Kind, semroutev1.Suggestion_Kind] {
	return pairs[suggest.Kind, semroutev1.Suggestion_Kind]{
		{suggest.AddUtterance, semroutev1.Suggestion_ADD_UTTERANCE}, {suggest.AddNone, semroutev1.Suggestion_ADD_NONE},
		{suggest.NewRoute, semroutev1.Suggestion_NEW_ROUTE}, {suggest.MoveUtterance, semroutev1.Suggestion_MOVE_UTTERANCE},
	}
}

func kindsFromProto(list []semroutev1.Suggestion_Kind) []suggest.Kind {
	var out []suggest.Kind
	for _, k := range list {
		if word := kinds().fromProto(k); word != "" {
			out = append(out, word)
		}
	}
	return out
}

func feedbackFromProto(f *semroutev1.Feedback) feedback.Feedback {
	return feedback.Feedback{
		Decision: f.GetDecisionId(), Verdict: verdicts().fromProto(f.GetVerdict()), RightRoute: f.RightRoute,
		Thumbs: thumbs().fromProto(f.GetThumbs()), Score: f.Score, Comment: f.GetComment(),
		Source: sources().fromProto(f.GetSource()), Sampled: f.GetSampled(),
	}
}

func feedbackToProto(f *feedback.Feedback) *semroutev1.Feedback {
	return &semroutev1.Feedback{
		DecisionId: f.Decision, Verdict: verdicts().toProto(f.Verdict), RightRoute: f.RightRoute,
		Thumbs: thumbs().toProto(f.Thumbs), Score: f.Score, Comment: f.Comment,
		Source: sources().toProto(f.Source), Sampled: f.Sampled,
	}
}

func decisionToProto(d *feedback.Decision) *semroutev1.JudgedDecision {
	return &semroutev1.JudgedDecision{
		Route: d.Route, Confidence: d.Confidence, Model: d.Model, Fingerprint: d.Fingerprint, Time: timeToProto(d.Time),
	}
}

// timeToProto leaves the zero time unset.
func timeToProto(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func promisesToProto(p *advice.Promises) *semroutev1.GetPromisesResponse {
	out := &semroutev1.GetPromisesResponse{FalseAlarmRate: p.Rate, Since: timeToProto(p.Since)}
	for i := range p.Standings {
		s := &p.Standings[i]
		one := &semroutev1.Promise{
			Route: s.Route, Right: uint64(s.Right), Wrong: uint64(s.Wrong), PrecisionLow: s.Low, PrecisionHigh: s.High, Sampled: s.Sampled,
			Evidence: s.Evidence, EvidenceLimit: s.Limit, Broken: s.Broken, BrokenAt: timeToProto(s.BrokenAt), Explanation: Explain(s, p.Rate),
		}
		if s.Promised > 0 {
			one.Promised = &s.Promised
		}
		if refit, ok := p.Refits[s.Route]; ok {
			one.ProposedMinConfidence, one.ProposedCoverage = &refit.MinConfidence, refit.Coverage
		}
		out.Promises = append(out.Promises, one)
	}
	return out
}

// Explain says how a route stands in one sentence.
func Explain(s *promise.Standing, rate float64) string {
	who := fmt.Sprintf("route %s", s.Route)
	if s.Route == "" {
		who = "all routes together"
	}
	judged := fmt.Sprintf("%d of %d judged decisions right", s.Right, s.Right+s.Wrong)
	switch {
	case s.Broken:
		return fmt.Sprintf("%s promised %.4g %%, now below with certainty %.4g %%: %s", who, 100*s.Promised, 100*(1-rate), judged)
	case s.Right+s.Wrong == 0:
		return who + ": no decision was judged yet"
	case s.Promised > 0:
		return fmt.Sprintf("%s promised %.4g %%, nothing speaks against it with certainty: %s", who, 100*s.Promised, judged)
	}
	return fmt.Sprintf("%s promised nothing: %s", who, judged)
}

func suggestionToProto(s *suggest.Suggestion) *semroutev1.Suggestion {
	out := &semroutev1.Suggestion{
		SuggestionId: s.ID, Kind: kinds().toProto(s.Kind), Route: s.Route, FromRoute: s.From, Utterances: s.Utterances,
		Prompts: uint32(s.Prompts), Replaces: s.Replaces, Guess: s.Guess,
		Effect: &semroutev1.Suggestion_Effect{
			Measured: uint32(s.Effect.Measured), RightBefore: uint32(s.Effect.Before), RightAfter: uint32(s.Effect.After),
			Gained: uint32(s.Effect.Gained), Lost: uint32(s.Effect.Lost),
		},
	}
	for _, e := range s.Evidence {
		out.Evidence = append(out.Evidence, &semroutev1.Suggestion_Evidence{DecisionId: e.Decision, Text: e.Text})
	}
	return out
}
