package forward

import (
	"context"
	"errors"
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
)

// price fills in the attempt's tokens and cost.
func (a *attempt) price(note *Attempt, sent Usage, err error) {
	note.Usage = a.usage(sent, err)
	price := a.model.Prices.At(a.started)
	if price == nil {
		note.Unpriced = note.Usage.Known()
		return
	}
	note.Cost = Cost(*price, note.Usage)
}

// usage is what the attempt is booked with: the counts that the provider sent
// where they can be right, else what is counted here. A failure before the
// first piece counts only when the model may have begun to work, and an answer
// that broke off for at least what arrived of it.
func (a *attempt) usage(sent Usage, err error) Usage {
	if !sent.Known() && err != nil && a.pieces == 0 && !mayCost(err) {
		return Usage{}
	}
	u := a.plausible(sent)
	if u.InputTokens == 0 {
		u.InputTokens, u.Estimated = a.tokens(), true
	}
	if u.OutputTokens == 0 || err != nil {
		if arrived := a.tally.total(); arrived > u.OutputTokens {
			u.OutputTokens, u.Estimated = arrived, true
		}
	}
	if !sent.Known() {
		u.Estimated = true
	}
	return u
}

// plausible sets counts that cannot be right to 0, and says so.
func (a *attempt) plausible(u Usage) Usage {
	no := func(n *int64, most int64) {
		if *n < 0 || *n > most {
			*n, u.Implausible = 0, true
		}
	}
	most := 2*atMost(a.call.Request) + hiddenInput + hiddenImage*images(a.call.Request)
	hidden := int64(hiddenOutput)
	if window := int64(a.model.ContextTokens); window > 0 {
		most, hidden = min(most, max(window, a.tokens())), window
	}
	no(&u.InputTokens, most)
	no(&u.OutputTokens, 2*a.bytes+hidden)
	no(&u.CachedInputTokens, u.InputTokens)
	no(&u.CacheWriteTokens, u.InputTokens-u.CachedInputTokens)
	return u
}

func images(req Request) (n int64) {
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
	var upstream *UpstreamError
	if errors.As(err, &upstream) {
		return upstream.Class == Timeout && upstream.Status == 0
	}
	return errors.Is(err, errLost) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
