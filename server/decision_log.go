package server

import (
	"time"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
)

// recordDecision keeps the record of a decision that no call was made for; the
// forwarder keeps those of calls.
func (s *service) recordDecision(d *router.Decision, p *semroutev1.Prompt) {
	if s.decisions == nil {
		return
	}
	user := p.GetUser()
	s.decisions.Append(forward.Record{
		Time: time.Now(), Decision: recordedDecision(d), Prompt: promptText(p),
		User: user.GetId(), Team: user.GetTeam(), Tier: user.GetTier(),
	})
}

// recordedDecision is what a record keeps of a decision.
func recordedDecision(d *router.Decision) forward.Decision {
	return forward.Decision{
		ID: d.ID, Route: d.Route, Confidence: d.Confidence, Margin: d.Margin, Stage: d.Stage.String(),
		Reason: string(d.Reason), Abstained: d.Abstained, Fingerprint: d.Fingerprint,
	}
}
