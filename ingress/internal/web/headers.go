package web

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/semroute/semroute/auth/limits"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
)

// The headers that tell of a decision and of its call.
const (
	decisionHeader   = "X-Semroute-Decision-Id"
	routeHeader      = "X-Semroute-Route"
	modelHeader      = "X-Semroute-Model"
	confidenceHeader = "X-Semroute-Confidence"
	marginHeader     = "X-Semroute-Margin"
	stageHeader      = "X-Semroute-Stage"
	reasonHeader     = "X-Semroute-Reason"
	attemptsHeader   = "X-Semroute-Attempts"
	costHeader       = "X-Semroute-Cost-Nanousd"
	switchedHeader   = "X-Semroute-Switched"
	degradedHeader   = "X-Semroute-Degraded"
)

// TellDecision puts a decision into a head, with the causes in a word each where it
// had to do without something.
func TellDecision(h http.Header, d *router.Decision) {
	h.Set(decisionHeader, d.ID)
	set(h, routeHeader, d.Route)
	h.Set(stageHeader, d.Stage.String())
	set(h, reasonHeader, string(d.Reason))
	for _, one := range d.Degraded {
		h.Add(degradedHeader, one.Cause.String())
	}
	if d.Stage != router.StageNamed {
		h.Set(confidenceHeader, strconv.FormatFloat(d.Confidence, 'f', 4, 64))
		h.Set(marginHeader, strconv.FormatFloat(d.Margin, 'f', 4, 64))
	}
}

// TellModel puts the name of the model that answers into a head.
func TellModel(h http.Header, name string) { set(h, modelHeader, name) }

// TellSession puts into a head whether the conversation changed its model; nothing
// where there is none yet.
func TellSession(h http.Header, s *forward.Session) {
	if s != nil && s.Previous != "" {
		h.Set(switchedHeader, strconv.FormatBool(s.Switched))
	}
}

// PromiseRecord announces that what became of a call comes behind its answer, as
// trailers.
func PromiseRecord(h http.Header) {
	h.Add("Trailer", attemptsHeader)
	h.Add("Trailer", costHeader)
}

// TellRecord puts what became of a call into a head, or into announced trailers.
func TellRecord(h http.Header, r *forward.Record) {
	h.Set(attemptsHeader, strconv.Itoa(len(r.Attempts)))
	h.Set(costHeader, strconv.FormatInt(r.Costs.Total(), 10))
}

// set leaves an empty value out, and what cannot stand in a header.
func set(h http.Header, key, value string) {
	for _, c := range value {
		if c < ' ' || c > '~' {
			value = strconv.QuoteToASCII(value)
			break
		}
	}
	if value != "" {
		h.Set(key, value)
	}
}

// statuses are those of HTTP for each kind of failure.
var statuses = map[ingress.Kind]int{
	ingress.Cancelled: 499, ingress.Expired: http.StatusGatewayTimeout, ingress.Invalid: http.StatusBadRequest,
	ingress.NotFound: http.StatusNotFound, ingress.Exhausted: http.StatusTooManyRequests,
	ingress.Unavailable: http.StatusServiceUnavailable, ingress.Aborted: http.StatusBadGateway,
	ingress.Unsuitable: http.StatusUnprocessableEntity, ingress.Unsupported: http.StatusNotImplemented,
	ingress.Internal: http.StatusInternalServerError, ingress.Unauthenticated: http.StatusUnauthorized,
	ingress.Denied: http.StatusForbidden, ingress.Exists: http.StatusConflict,
}

// Status is the one of HTTP for a kind of failure.
func Status(k ingress.Kind) int { return statuses[k] }

// retryAfter is when to ask again where nobody knows better.
const retryAfter = time.Second

// TellRetry says when to ask again where that may help: when a budget's window
// ends, else soon.
func TellRetry(h http.Header, k ingress.Kind, err error, now time.Time) {
	if k != ingress.Exhausted && k != ingress.Unavailable {
		return
	}
	wait := retryAfter
	if resets, ok := budgetResets(err); ok {
		wait = max(wait, resets.Sub(now))
	}
	var limit *limits.ExceededError
	if errors.As(err, &limit) {
		wait = max(wait, limit.RetryAfter)
	}
	h.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
}

// budgetResets is when the budget that refused a call starts again.
func budgetResets(err error) (time.Time, bool) {
	var spent *forward.BudgetError
	if !errors.As(err, &spent) {
		return time.Time{}, false
	}
	return spent.Resets, true
}
