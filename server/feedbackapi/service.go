package feedbackapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/learn/advice"
	"github.com/semroute/semroute/learn/feedback"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server/catalogapi"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// errNoStore is the answer where nothing is kept.
var errNoStore = errors.New("this server keeps nothing that feedback could be about: serve with --store or --ledger, and with --store-prompts redact or full to learn from prompts")

// Service implements the generated FeedbackServiceServer.
type Service struct {
	semroutev1.UnimplementedFeedbackServiceServer
	advisor *advice.Advisor // nil where nothing is kept
}

// Register gives the registration of a service for server.Config. advisor is
// nil where nothing is kept: then every call says so.
func Register(advisor *advice.Advisor) func(grpc.ServiceRegistrar) {
	return func(r grpc.ServiceRegistrar) { semroutev1.RegisterFeedbackServiceServer(r, &Service{advisor: advisor}) }
}

// advise gives the advisor to what needs it and tells what goes wrong.
func (s *Service) advise(do func(*advice.Advisor) error) error {
	if s.advisor == nil {
		return told(errNoStore)
	}
	return told(do(s.advisor))
}

// failures are how errors are told, in their own words.
var failures = []struct {
	is     error
	kind   ingress.Kind
	reason string
}{
	{errNoStore, ingress.Unsuitable, "NO_STORE"},
	{feedback.ErrInvalid, ingress.Invalid, "INVALID_REQUEST"},
	{feedback.ErrUnknownDecision, ingress.NotFound, "UNKNOWN_DECISION"},
	{feedback.ErrKeyUsed, ingress.Exists, "KEY_USED"},
	{advice.ErrUnknownSuggestion, ingress.NotFound, "UNKNOWN_SUGGESTION"},
	{advice.ErrBadRoute, ingress.Invalid, "INVALID_REQUEST"},
	{store.ErrInvalid, ingress.Invalid, "INVALID_REQUEST"},
}

func told(err error) error {
	if err == nil {
		return nil
	}
	for _, f := range failures {
		if errors.Is(err, f.is) {
			return &ingress.FailedError{Err: err, Failure: ingress.Failure{Kind: f.kind, Reason: f.reason, Message: err.Error()}}
		}
	}
	return catalogapi.Told(err)
}

// GiveFeedback implements FeedbackServiceServer.
func (s *Service) GiveFeedback(ctx context.Context, req *semroutev1.GiveFeedbackRequest) (resp *semroutev1.GiveFeedbackResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		given := feedbackFromProto(req.GetFeedback())
		given.Key = req.GetIdempotencyKey()
		kept, repeated, err := a.Give(ctx, given)
		if err != nil {
			return err
		}
		names, fingerprint := a.Serving()
		resp = &semroutev1.GiveFeedbackResponse{
			Feedback: feedbackToProto(&kept), Decision: decisionToProto(&kept.Of), Repeated: repeated,
			GoneRoutes: gone(&kept, names), EarlierGeneration: kept.Of.Fingerprint != fingerprint,
		}
		return nil
	})
	return resp, err
}

// gone are the routes that feedback speaks of and the catalog does not have.
func gone(f *feedback.Feedback, names []string) []string {
	var out []string
	mentioned := []string{f.Of.Route}
	if f.RightRoute != nil {
		mentioned = append(mentioned, *f.RightRoute)
	}
	for _, route := range mentioned {
		if route != "" && !slices.Contains(names, route) && !slices.Contains(out, route) {
			out = append(out, route)
		}
	}
	return out
}

const usualPage = 100

// ListFeedback implements FeedbackServiceServer.
func (s *Service) ListFeedback(ctx context.Context, req *semroutev1.ListFeedbackRequest) (resp *semroutev1.ListFeedbackResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		size := int(req.GetPageSize())
		if size == 0 {
			size = usualPage
		}
		after := int64(0)
		if token := req.GetPageToken(); token != "" {
			if after, err = strconv.ParseInt(token, 10, 64); err != nil || after < 0 {
				return fmt.Errorf("%w: page_token is next_page_token of the response before, not %q", feedback.ErrInvalid, token)
			}
		}
		list, last, err := a.Feedback.List(ctx, timeFromProto(req.GetSince()), req.GetDecisionId(), after, size)
		if err != nil {
			return err
		}
		resp = &semroutev1.ListFeedbackResponse{}
		for i := range list {
			resp.Entries = append(resp.Entries, &semroutev1.ListFeedbackResponse_Entry{
				Feedback: feedbackToProto(&list[i]), Decision: decisionToProto(&list[i].Of), Time: timestamppb.New(list[i].Time),
			})
		}
		if len(list) == size {
			resp.NextPageToken = strconv.FormatInt(last, 10)
		}
		return nil
	})
	return resp, err
}

// ExportFeedback implements FeedbackServiceServer.
func (s *Service) ExportFeedback(req *semroutev1.ExportFeedbackRequest, stream grpc.ServerStreamingServer[semroutev1.ExportFeedbackResponse]) error {
	return s.advise(func(a *advice.Advisor) error {
		return a.Export(stream.Context(), timeFromProto(req.GetSince()), func(l advice.Lesson) error {
			return stream.Send(&semroutev1.ExportFeedbackResponse{Text: l.Text, Route: l.Route, Model: l.Model, Quality: l.Quality})
		})
	})
}

// GetPromises implements FeedbackServiceServer.
func (s *Service) GetPromises(ctx context.Context, req *semroutev1.GetPromisesRequest) (resp *semroutev1.GetPromisesResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		p, err := a.Promises(ctx, timeFromProto(req.GetSince()))
		if err != nil {
			return err
		}
		resp = promisesToProto(&p)
		return nil
	})
	return resp, err
}

// ListSuggestions implements FeedbackServiceServer.
func (s *Service) ListSuggestions(ctx context.Context, req *semroutev1.ListSuggestionsRequest) (resp *semroutev1.ListSuggestionsResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		found, err := a.Suggestions(ctx, kindsFromProto(req.GetKinds()), int(req.GetLimit()))
		if err != nil {
			return err
		}
		resp = &semroutev1.ListSuggestionsResponse{
			PromptsRead: uint32(found.Read), PromptsWithoutText: uint32(found.WithoutText), Notice: found.Notice, Fingerprint: found.Fingerprint,
		}
		for i := range found.List {
			resp.Suggestions = append(resp.Suggestions, suggestionToProto(&found.List[i]))
		}
		return nil
	})
	return resp, err
}

// AcceptSuggestion implements FeedbackServiceServer.
func (s *Service) AcceptSuggestion(ctx context.Context, req *semroutev1.AcceptSuggestionRequest) (resp *semroutev1.AcceptSuggestionResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		accepted, changed, err := a.Accept(ctx, req.GetSuggestionId(), advice.Acceptance{
			Author: author(ctx, req.GetAuthor()), Route: req.GetRoute(), Models: req.GetModels(),
		})
		if err != nil {
			return err
		}
		resp = &semroutev1.AcceptSuggestionResponse{
			Suggestion: suggestionToProto(&accepted), Revision: changed.Revision, Fingerprint: changed.Fingerprint,
		}
		return nil
	})
	return resp, err
}

// RejectSuggestion implements FeedbackServiceServer.
func (s *Service) RejectSuggestion(ctx context.Context, req *semroutev1.RejectSuggestionRequest) (resp *semroutev1.RejectSuggestionResponse, err error) {
	err = s.advise(func(a *advice.Advisor) error {
		rejected, err := a.Reject(ctx, req.GetSuggestionId(), author(ctx, req.GetAuthor()), req.GetReason())
		if err != nil {
			return err
		}
		resp = &semroutev1.RejectSuggestionResponse{Suggestion: suggestionToProto(&rejected)}
		return nil
	})
	return resp, err
}

// author is who changes something: the caller, where the server asks who that
// is, else what the request says.
func author(ctx context.Context, said string) string {
	if caller := auth.FromContext(ctx); !caller.Unchecked() {
		return caller.Name
	}
	return said
}

// timeFromProto is the zero time for what is unset.
func timeFromProto(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
