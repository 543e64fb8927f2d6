package attempt

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// stream makes the call under the attempt's deadlines.
func (a *attempt) stream(ctx context.Context) (forward.End, error) {
	ctx, a.cancel = context.WithCancelCause(ctx)
	defer a.cancel(nil)
	if !a.race.join(a) {
		return forward.End{}, errLost
	}
	if a.purpose != ForCaller {
		a.held = &forward.Collector{}
	}
	a.limit = startCountdown(a.timeout(), func() { a.cancel(errAttempt) })
	defer a.limit.stop()
	a.silence = time.AfterFunc(a.call.maker.Config.FirstPieceTimeout, func() { a.cancel(errSilent) })
	defer a.silence.Stop()
	var end forward.End
	err := a.call.maker.guard(func() (err error) {
		end, err = a.model.Client.Stream(ctx, *a.request(), a.receive)
		return err
	})
	if err == nil && !a.race.win(a) {
		err = errLost // an empty answer must not win over one that has begun
	}
	if cause := context.Cause(ctx); err != nil && cause != nil && a.sinkErr == nil && !errors.Is(err, forward.ErrInternal) {
		err = cause
	}
	return end, err
}

// timeout is how long the attempt may take.
func (a *attempt) timeout() time.Duration {
	for _, limit := range []time.Duration{a.model.Timeout, a.call.rules.Timeouts.Attempt} {
		if limit > 0 {
			return limit
		}
	}
	return a.call.maker.Config.AttemptTimeout
}

// request is what is sent: log-probabilities are asked for where a check
// needs them.
func (a *attempt) request() *forward.Request {
	if a.purpose != ForChecks || !a.call.rules.LogProbs {
		return &a.call.asked.Request
	}
	req := a.call.asked.Request
	req.LogProbs = true
	return &req
}

// receive is what the provider emits into.
func (a *attempt) receive(p forward.Piece) error {
	if !a.silence.Stop() {
		return errSilent
	}
	defer a.silence.Reset(a.call.maker.Config.IdleTimeout)
	if p.Empty() {
		return nil
	}
	if a.pieces == 0 {
		if !a.race.win(a) {
			return errLost
		}
		a.firstPiece = a.call.maker.Now().Sub(a.began)
	}
	a.pieces++
	a.bytes += p.Size()
	if a.bytes > a.call.maker.Config.MaxAnswerBytes {
		return errLarge
	}
	a.tokens.add(p)
	a.declined = a.declined || p.Refusal != ""
	if room := openingBytes - len(a.opening); room > 0 && p.Text != "" {
		a.opening = append(a.opening, p.Text[:min(room, len(p.Text))]...)
	}
	return a.pass(p)
}

// openingBytes is how much of an answer tells whether it declines.
const openingBytes = 256

// refused says whether the answer declines.
func (a *attempt) refused(end *forward.End) bool {
	return a.declined || end.Finish == forward.FinishFiltered || forward.Declines(string(a.opening))
}

// answered is the name of the model in the answer, of bounded length.
func answered(name string) string {
	if len(name) > routes.MaxNameBytes {
		name = strings.ToValidUTF8(name[:routes.MaxNameBytes], "")
	}
	return name
}

// pass hands the piece on, to the hold or to the caller. The attempt's time
// stands still while the caller takes it.
func (a *attempt) pass(p forward.Piece) error {
	if a.held != nil {
		return a.held.Add(p)
	}
	p.Model = a.model.Name
	began := a.call.maker.Now()
	a.limit.pause()
	a.sinkErr = a.call.Deliver(p)
	a.limit.resume()
	a.waited += a.call.maker.Now().Sub(began)
	return a.sinkErr
}
