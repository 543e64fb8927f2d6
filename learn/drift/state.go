package drift

import (
	"maps"

	"github.com/semroute/semroute/learn/edetect"
	"github.com/semroute/semroute/routes"
)

// State is what a watch has gathered, to be continued by Resumed. The window is
// not part of it.
type State struct {
	Reference routes.Reference   `json:"reference"`
	SharesOf  int                `json:"shares_of,omitempty"`
	Group     edetect.GroupState `json:"group"`
}

// State is the present one.
func (w *Watch) State() State {
	return State{Reference: w.reference, SharesOf: w.sharesOf, Group: w.group.State()}
}

// Resumed goes on from a state.
func Resumed(s State, config Config) *Watch {
	bare := s.Reference
	bare.Shares = nil
	w := Watching(&bare, config)
	if shares := s.Reference.Shares; len(shares) > 0 {
		w.learning, w.reference.Shares = nil, maps.Clone(shares)
		w.addShares(shares, s.SharesOf)
	}
	w.group.Resume(s.Group)
	return w
}

// Window is the reference that the last decisions make, nil before there are
// LeastReference of them.
func (w *Watch) Window() *routes.Reference {
	t := w.window.tally()
	if t.N() < LeastReference {
		return nil
	}
	return t.Reference(routes.FromTraffic)
}
