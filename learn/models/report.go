package models

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/semroute/semroute/learn/edetect"
)

// Report is how a model is doing.
type Report struct {
	Model string
	// Calls were looked at; Learning says that there is no reference yet.
	Calls    int
	Learning bool
	// Names are those in which it has answered, the latest last.
	Names   []string
	Numbers []Number
}

// Number is one of the watched numbers.
type Number struct {
	Kind Kind
	// Reference and Now are means in the kind's unit.
	Reference, Now float64
	// Evidence is how far the case for a change has come on the way to an alarm, in
	// [0, 1].
	Evidence float64
	Alarming bool
}

// Reports are those of all models that were called, by name.
func (w *Watch) Reports() []Report {
	out := []Report{}
	for _, name := range slices.Sorted(maps.Keys(w.models)) {
		m := w.models[name]
		if m.calls == 0 && len(m.names) == 0 {
			continue
		}
		r := Report{Model: name, Calls: m.calls, Learning: m.reference == nil, Names: slices.Clone(m.names)}
		for k, kind := range kinds {
			if m.means[k].Weight == 0 {
				continue
			}
			n := Number{Kind: kind, Now: m.means[k].mean()}
			if m.reference != nil && m.streams[k] != nil {
				n.Reference, n.Evidence, n.Alarming = m.Plain[k], m.group.Evidence(m.streams[k]), m.streams[k].Alarming()
			}
			r.Numbers = append(r.Numbers, n)
		}
		out = append(out, r)
	}
	return out
}

// state is a model as it is kept.
type state struct {
	Asked    string               `json:"asked"`
	Names    []string             `json:"names,omitempty"`
	Calls    int                  `json:"calls"`
	Samples  []sample             `json:"samples,omitempty"`
	Means    [len(kinds)]decaying `json:"means"`
	Baseline *baseline            `json:"baseline,omitempty"`
	Group    *edetect.GroupState  `json:"group,omitempty"`
}

// MarshalJSON is what has been learnt, for Resume.
func (w *Watch) MarshalJSON() ([]byte, error) {
	all := map[string]state{}
	for name, m := range w.models {
		s := state{Asked: m.asked, Names: m.names, Calls: m.calls, Samples: m.samples, Means: m.means}
		if m.reference != nil {
			group := m.group.State()
			s.Baseline, s.Group = &m.baseline, &group
		}
		all[name] = s
	}
	return json.Marshal(all)
}

// Resume takes what an earlier watch has learnt. What cannot be read is an error
// and changes nothing.
func (w *Watch) Resume(data []byte) error {
	var all map[string]state
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for name, s := range all {
		if len(w.models) >= maxModels {
			break
		}
		m := &model{asked: s.Asked, names: s.Names[:min(len(s.Names), maxNames)], calls: max(0, s.Calls), means: s.Means}
		if s.Baseline != nil {
			m.reference = w.referTo(*s.Baseline)
			if s.Group != nil {
				m.group.Resume(*s.Group)
			}
		} else {
			m.samples = s.Samples[:min(len(s.Samples), w.config.Learn-1)]
		}
		w.models[name] = m
	}
	return nil
}
