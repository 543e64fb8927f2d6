package attempt

import (
	"context"
	"errors"

	"github.com/semroute/semroute/forward"
)

// What a provider may count beyond the text that went over the wire. A count
// above is taken for a mistake: nobody's budget is spent on its word.
const (
	// hiddenInput is what a server may put before a prompt without showing it.
	hiddenInput = 10_000
	// hiddenImage is what the dearest way of reading one picture takes.
	hiddenImage = 50_000
	// hiddenOutput is what a model may think without showing it, where the
	// catalog gives no window to bound it.
	hiddenOutput = 262_144
	// widestToken is how many bytes a token of an answer has at most, on average:
	// a server that counts fewer tokens has not counted the answer.
	widestToken = 32
)

// price fills in the attempt's tokens and cost.
func (a *attempt) price(made *forward.Attempt, sent forward.Usage, err error) {
	made.Usage = a.usage(sent, err)
	price := a.prices(made.UpstreamModel).At(a.call.started)
	if price == nil {
		made.Unpriced = made.Usage.Known()
		return
	}
	made.Cost = forward.Cost(*price, made.Usage)
}

// usage is what the attempt is booked with: the counts that the provider sent
// where they can be right, else what is counted here. A failure before the
// first piece counts only when the model may have begun to work, and an answer
// that broke off for at least what arrived of it.
func (a *attempt) usage(sent forward.Usage, err error) forward.Usage {
	if !sent.Known() && err != nil && a.pieces == 0 && !mayCost(err) {
		return forward.Usage{}
	}
	u := a.plausible(sent)
	if u.InputTokens == 0 {
		u.InputTokens, u.Estimated = a.call.tokens(), true
	}
	if u.OutputTokens == 0 || err != nil || a.bytes/widestToken > u.OutputTokens {
		if arrived := a.tokens.total(); arrived > u.OutputTokens {
			u.OutputTokens, u.Estimated = arrived, true
		}
	}
	if !sent.Known() {
		u.Estimated = true
	}
	return u
}

// plausible sets counts that cannot be right to 0, and says so.
func (a *attempt) plausible(u forward.Usage) forward.Usage {
	no := func(n *int64, most int64) {
		if *n < 0 || *n > most {
			*n, u.Implausible = 0, true
		}
	}
	most := 2*forward.MostTokens(a.call.asked.Request) + hiddenInput + hiddenImage*images(a.call.asked.Request)
	hidden := int64(hiddenOutput)
	if window := int64(a.model.ContextTokens); window > 0 {
		most, hidden = min(most, max(window, a.call.tokens())), window
	}
	no(&u.InputTokens, most)
	no(&u.OutputTokens, 2*a.bytes+hidden)
	no(&u.ReasoningTokens, u.OutputTokens)
	no(&u.CachedInputTokens, u.InputTokens)
	no(&u.CacheWriteTokens, u.InputTokens-u.CachedInputTokens)
	return u
}

func images(req forward.Request) (n int64) {
	for _, m := range req.Messages {
		for _, p := range m.Parts {
			if p.Image != nil {
				n++
			}
		}
	}
	return n
}

// mayCost says whether a model that sent nothing may still have worked on the
// prompt: it was cut off while it was silent.
func mayCost(err error) bool {
	var upstream *forward.UpstreamError
	if errors.As(err, &upstream) {
		return upstream.Class == forward.Timeout && upstream.Status == 0
	}
	return errors.Is(err, errLost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
