package policy

import (
	"fmt"
	"slices"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

// ineligible says why a model cannot serve the call, nil when it can.
func (s *selection) ineligible(m *attempt.Model) error {
	if tier, ok := s.tier(); ok && !slices.Contains(tier, m.Name) {
		return fmt.Errorf("%w %q", forward.ErrTier, s.call.Tier)
	}
	if s.order.calls && m.Client == nil {
		return fmt.Errorf("%w: it has no provider", forward.ErrConfig)
	}
	for _, c := range needs(s.call.Request) {
		if !slices.Contains(m.Capabilities, c) {
			return fmt.Errorf("%w: the request needs %q", forward.ErrCapability, c)
		}
	}
	if err := s.tooDear(m); err != nil {
		return err
	}
	return s.tooLong(m)
}

// needs are the capabilities that a request asks for.
func needs(req forward.Request) []routes.Capability {
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
func (s *selection) tooDear(m *attempt.Model) error {
	limit := s.route.forwarding.MaxPrice
	if s.route.strategy() != routes.Quality || limit == nil {
		return nil
	}
	rates := s.rates(m)
	if rates == nil {
		return fmt.Errorf("%w, but the route has max_price", forward.ErrUnpriced)
	}
	if rates.OutputPerMTok > *limit {
		return fmt.Errorf("%w: costs %s per million output tokens, the route allows %s",
			forward.ErrNoModel, forward.FormatUSD(rates.OutputPerMTok), forward.FormatUSD(*limit))
	}
	return nil
}

// tooLong compares the prompt and the answer that is asked for with the
// context window. Nothing is counted when even the bytes fit.
func (s *selection) tooLong(m *attempt.Model) error {
	window, answer := int64(m.ContextTokens), int64(s.call.Request.MaxTokens)
	if window == 0 || forward.MostTokens(s.call.Request)+answer <= window {
		return nil
	}
	if prompt := s.tokens(); prompt+answer > window {
		return fmt.Errorf("%w: about %d tokens (estimated) and %d of answer, the window has %d", forward.ErrTooLong, prompt, answer, window)
	}
	return nil
}
