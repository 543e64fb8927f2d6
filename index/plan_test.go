package index_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/index"
)

func TestPlanEmbedsOnlyWhatChanged(t *testing.T) {
	key := func(route, utterance string) index.Key { return index.Key{Route: route, Utterance: utterance} }
	a, b, c := key("refunds", "money back"), key("refunds", "charged twice"), key("orders", "money back")
	held := []index.Key{a, b, c}
	for _, tc := range []struct {
		name           string
		held           []index.Key
		want           []index.Key
		missing, stale []index.Key
	}{
		{"unchanged", held, []index.Key{a, b, c}, nil, nil},
		{"unchanged in another order", held, []index.Key{c, a, b}, nil, nil},
		{"one utterance changed", held, []index.Key{a, key("refunds", "charged again"), c}, []index.Key{key("refunds", "charged again")}, []index.Key{b}},
		{"an utterance moved to another route", held, []index.Key{a, b, key("billing", "money back")}, []index.Key{key("billing", "money back")}, []index.Key{c}},
		{"one added", held, []index.Key{a, b, c, key("x", "y")}, []index.Key{key("x", "y")}, nil},
		{"one removed", held, []index.Key{a, c}, nil, []index.Key{b}},
		{"nothing held", nil, []index.Key{b, a}, []index.Key{b, a}, nil},
		{"nothing wanted", held, nil, nil, []index.Key{a, b, c}},
		{"wanted twice", nil, []index.Key{a, b, a}, []index.Key{a, b}, nil},
		{"neither", nil, nil, nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			missing, stale := index.Plan(tc.held, tc.want)
			if diff := cmp.Diff(tc.missing, missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.stale, stale); diff != "" {
				t.Errorf("stale (-want +got):\n%s", diff)
			}
		})
	}
}
