package server

import (
	"errors"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// errorDomain is the domain of every ErrorInfo.
const errorDomain = "semroute.io"

// A status travels in the trailers of its call, and many clients take no more
// than 8 KiB of them; some end the whole connection for more. The message goes
// there twice, once percent-encoded and once, with the details, in base64.
const (
	// maxStatusText bounds a status' message and each text of a violation.
	maxStatusText = 512
	// maxCallDetails bounds decision and record together, as bytes of protobuf.
	maxCallDetails = 3 << 10
	// maxDetailText bounds the texts in them where they are too large.
	maxDetailText = 160
	// maxDetailItems bounds their lists then.
	maxDetailItems = 8
)

// withDetails is a status with its reason and more.
func withDetails(code codes.Code, message, reason string, more ...protoadapt.MessageV1) error {
	return Status(code, message, reason, nil, more...)
}

// Status is a status as every service of this server tells an error: with a
// reason, one word for programs, and what else is to be known, within the bounds of
// its trailers.
func Status(code codes.Code, message, reason string, about map[string]string, more ...protoadapt.MessageV1) error {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: errorDomain}
	for key, value := range about {
		if info.Metadata == nil {
			info.Metadata = map[string]string{}
		}
		info.Metadata[key] = shortened(value, maxDetailText)
	}
	message = shortened(message, maxStatusText)
	s, err := status.New(code, message).WithDetails(append([]protoadapt.MessageV1{info}, more...)...)
	if err != nil { // only a detail that does not marshal; the status still stands
		return status.Error(code, message)
	}
	return s.Err()
}

// invalidArgument names the field that is wrong; validation stops at the first.
func invalidArgument(invalid *protovalidate.ValidationError) error {
	if len(invalid.Violations) == 0 {
		return withDetails(codes.InvalidArgument, "invalid request", "INVALID_REQUEST")
	}
	first := invalid.Violations[0].Proto
	field := shortened(protovalidate.FieldPathString(first.GetField()), maxStatusText/2) // it quotes keys of maps
	problem := shortened(first.GetMessage(), maxStatusText/2)
	bad := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
		Field: field, Description: problem, Reason: first.GetRuleId(),
	}}}
	return withDetails(codes.InvalidArgument, "invalid request: "+field+": "+problem, "INVALID_REQUEST", bad)
}

// retryDetails say when to ask again, where that is known.
func retryDetails(err error) []protoadapt.MessageV1 {
	after, known := ingress.RetryAfter(err)
	if !known {
		return nil
	}
	return []protoadapt.MessageV1{&errdetails.RetryInfo{RetryDelay: durationpb.New(after)}}
}

// callDetails are the decision and the record of a failed call, as far as they
// fit.
func callDetails(err error) []protoadapt.MessageV1 {
	var call *ingress.CallError
	if !errors.As(err, &call) {
		return nil
	}
	decision, record := DecisionToProto(call.Decision), RecordToProto(&call.Record)
	for _, shorten := range []func(*semroutev1.Decision, *semroutev1.CallRecord){
		func(*semroutev1.Decision, *semroutev1.CallRecord) {}, withoutEvidence, withShortTexts, withShortLists,
	} {
		shorten(decision, record)
		if proto.Size(decision)+proto.Size(record) <= maxCallDetails {
			return []protoadapt.MessageV1{protoadapt.MessageV1Of(decision), protoadapt.MessageV1Of(record)}
		}
	}
	return nil // names that are kilobytes long
}

// withoutEvidence leaves out what the decision was made from.
func withoutEvidence(d *semroutev1.Decision, _ *semroutev1.CallRecord) {
	d.Matches, d.Candidates = nil, nil
}

func withShortTexts(d *semroutev1.Decision, r *semroutev1.CallRecord) {
	d.Explanation = shortened(d.GetExplanation(), maxDetailText)
	for i, text := range d.GetDegraded() {
		d.Degraded[i] = shortened(text, maxDetailText)
	}
	for _, one := range d.GetDegradations() {
		one.Text = shortened(one.GetText(), maxDetailText)
	}
	r.Error = shortened(r.GetError(), maxDetailText)
	for _, a := range r.GetAttempts() {
		a.Error = shortened(a.GetError(), maxDetailText)
	}
}

// withShortLists keeps the first of every list; of the attempts the last, which
// say how it ended.
func withShortLists(d *semroutev1.Decision, r *semroutev1.CallRecord) {
	d.Degraded = d.GetDegraded()[:min(maxDetailItems, len(d.GetDegraded()))]
	d.Degradations = d.GetDegradations()[:min(maxDetailItems, len(d.GetDegradations()))]
	d.Models = d.GetModels()[:min(maxDetailItems, len(d.GetModels()))]
	r.Attempts = r.GetAttempts()[max(0, len(r.GetAttempts())-maxDetailItems):]
}

// shortened is a text of at most so many bytes, in valid UTF-8.
func shortened(text string, bytes int) string {
	const more = "…"
	valid := validText(text[:min(len(text), bytes)])
	if len(text) <= bytes && len(valid) <= bytes {
		return valid
	}
	end := min(len(valid), bytes-len(more))
	for end > 0 && end < len(valid) && !utf8.RuneStart(valid[end]) {
		end--
	}
	return valid[:end] + more
}
