package forward

import (
	"fmt"
	"slices"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/routes"
)

// candidates are the models that can serve the call, in the order in which
// they are to be asked. Only models that the call names are ever among them.
func (r *run) candidates() ([]*model, error) {
	var fit []*model
	var reasons []Reason
	for _, name := range r.allowed() {
		m := r.models[name]
		if m == nil {
			return nil, fmt.Errorf("%w: %q", ErrUnknownModel, name)
		}
		if err := r.unfit(m); err != nil {
			reasons = append(reasons, Reason{Model: name, Err: err})
			continue
		}
		fit = append(fit, m)
	}
	if len(fit) == 0 {
		return nil, &NoModelError{Reasons: reasons}
	}
	return r.ordered(fit), nil
}

// allowed are the names of the call's models, in the tier's order where the
// user's tier has one. Models outside of the tier stand last; unfit drops them.
func (r *run) allowed() []string {
	tier, ok := r.tier()
	if !ok {
		return r.call.Models
	}
	var names []string
	for _, name := range tier {
		if slices.Contains(r.call.Models, name) {
			names = append(names, name)
		}
	}
	for _, name := range r.call.Models {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// tier is the list of models of the user's tier; false when the route sets
// none for it.
func (r *run) tier() ([]string, bool) {
	models, ok := r.policy.Tiers[r.call.Tier]
	return models, ok
}

// unfit says why a model cannot serve the call, nil when it can.
func (r *run) unfit(m *model) error {
	if tier, ok := r.tier(); ok && !slices.Contains(tier, m.Name) {
		return fmt.Errorf("%w %q", ErrTier, r.call.Tier)
	}
	if m.provider == nil {
		return fmt.Errorf("%w: it has no provider", ErrConfig)
	}
	for _, c := range needs(r.call.Request) {
		if !m.able[c] {
			return fmt.Errorf("%w: the request needs %q", ErrCapability, c)
		}
	}
	if err := r.tooDear(m); err != nil {
		return err
	}
	return r.tooLong(m)
}

// needs are the capabilities that a request asks for.
func needs(req Request) []routes.Capability {
	var list []routes.Capability
	if len(req.Tools) > 0 {
		list = append(list, routes.Tools)
	}
	if req.Schema != nil {
		list = append(list, routes.JSON)
	}
	if chat.HasImage(req.Messages) {
		list = append(list, routes.Vision)
	}
	return list
}

// tooDear holds the price cap of the quality strategy.
func (r *run) tooDear(m *model) error {
	limit := r.policy.MaxPrice
	if r.policy.strategy() != routes.Quality || limit == nil {
		return nil
	}
	rates := r.rates(m)
	if rates == nil {
		return fmt.Errorf("%w, but the route has max_price", ErrUnpriced)
	}
	if rates.OutputPerMTok > *limit {
		return fmt.Errorf("%w: costs %s per million output tokens, the route allows %s",
			ErrNoModel, FormatUSD(rates.OutputPerMTok), FormatUSD(*limit))
	}
	return nil
}

// tooLong compares the prompt and the answer that is asked for with the
// context window. Nothing is counted when even the bytes fit.
func (r *run) tooLong(m *model) error {
	window, answer := int64(m.ContextTokens), int64(r.call.Request.MaxTokens)
	if window == 0 || atMost(r.call.Request)+answer <= window {
		return nil
	}
	if prompt := r.tokens(); prompt+answer > window {
		return fmt.Errorf("%w: about %d tokens (estimated) and %d of answer, the window has %d", ErrTooLong, prompt, answer, window)
	}
	return nil
}
