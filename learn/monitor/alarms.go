package monitor

import (
	"fmt"

	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/models"
)

func (m *Monitor) raiseDrift(s *drift.Signal) {
	a := alarm.Alarm{Source: alarm.Drift, Subject: s.Route, What: string(s.Kind), Reference: s.Reference, Now: s.Window}
	if s.Over {
		m.config.Book.End(a)
		return
	}
	what := map[drift.Kind]string{
		drift.Confidence: "the confidence of decisions", drift.Similarity: "the similarity of the nearest utterance",
		drift.Abstention: "the share of prompts without a route", drift.Share: "the share of route " + s.Route,
	}[s.Kind]
	a.Message = fmt.Sprintf("%s %s: it was %.3f in the reference and is %.3f in the last decisions", what, moved(s.Rising), s.Reference, s.Window)
	m.config.Book.Raise(a)
}

func (m *Monitor) raiseModel(s *models.Signal) {
	if s.Name != "" {
		a := alarm.Alarm{Source: alarm.Name, Subject: s.Model, What: s.Name}
		a.Message = fmt.Sprintf("model %s answers as %q, which was not asked for", s.Model, s.Name)
		if s.Known != "" {
			a.Message = fmt.Sprintf("model %s answers as %q, before it was %q", s.Model, s.Name, s.Known)
		}
		m.config.Book.Tell(a)
		return
	}
	a := alarm.Alarm{Source: alarm.Model, Subject: s.Model, What: string(s.Kind), Reference: s.Reference, Now: s.Now}
	if s.Over {
		m.config.Book.End(a)
		return
	}
	a.Message = fmt.Sprintf("%s of model %s: %s, from %.4g to %.4g", s.Kind, s.Model, moved(s.Rising), s.Reference, s.Now)
	m.config.Book.Raise(a)
}

func moved(rising bool) string {
	if rising {
		return "has risen"
	}
	return "has fallen"
}
