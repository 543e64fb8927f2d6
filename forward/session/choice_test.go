package session_test

import (
	"testing"
	"time"

	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/routes"
)

func TestWhoAnswersTheNextTurn(t *testing.T) {
	held := session.State{Model: "large", Route: "coding"}
	to := func(route string, lead, dearness float64) session.Turn {
		return session.Turn{Route: route, Lead: lead, Worth: session.Worth{Dearness: dearness}, CanStay: true}
	}
	with := func(turn session.Turn, change func(*session.Turn)) session.Turn {
		change(&turn)
		return turn
	}
	for _, c := range []struct {
		name       string
		turn       session.Turn
		stickiness float64
		stay       bool
		why        session.Reason
	}{
		{"the same route", to("coding", 0.9, 1), 0.5, true, session.SameRoute},
		{"no route", to("", 0, 1), 0.5, true, session.Unsure},
		{"another route, surely", to("chat", 0.9, 1), 0.5, false, session.Sure},
		{"another route, just surely enough", to("chat", 0.5, 1), 0.5, false, session.Sure},
		{"another route, hardly likelier", to("chat", 0.4, 1), 0.5, true, session.NotWorth},
		{"surely, but the context is dear to read again", to("chat", 0.8, 4), 0.5, true, session.NotWorth},
		{"so surely that it is worth reading it again", to("chat", 0.9, 4), 0.5, false, session.Sure},
		{"a firmer route", to("chat", 0.5, 1), 0.7, true, session.NotWorth},
		{"a dearness below 1 makes nobody hasty", to("chat", 0.4, 0), 0.5, true, session.NotWorth},
		{"held whatever comes", to("chat", 1, 1), 1, true, session.NotWorth},
		{"not held", to("chat", 0, 9), 0, false, session.NotHeld},
		{"not held, not even within its route", to("coding", 1, 1), 0, false, session.NotHeld},
		{"a rule", with(to("chat", 0.1, 9), func(t *session.Turn) { t.Told = true }), 1, false, session.Told},
		{"results of tools", with(to("chat", 1, 1), func(t *session.Turn) { t.ToolResults = true }), 0, true, session.ToolLoop},
		{"results of tools, and a rule", with(to("chat", 1, 1), func(t *session.Turn) { t.ToolResults, t.Told = true, true }), 0.5, true, session.ToolLoop},
		{"results of tools for who cannot take them", with(to("chat", 1, 1), func(t *session.Turn) { t.ToolResults, t.CanStay = true, false }), 1, false, session.CannotBe},
	} {
		if stay, why, _ := session.Choose(held, c.turn, c.stickiness); stay != c.stay || why != c.why {
			t.Errorf("%s: stays %v (%s), want %v (%s)", c.name, stay, why, c.stay, c.why)
		}
	}
}

// TestWhatSavesHasToPayForTheWayBack follows conversations of turns: c is sure of the
// cheaper route, h of the held one, t brings results of tools, - fits nowhere.
func TestWhatSavesHasToPayForTheWayBack(t *testing.T) {
	cheaper := session.Turn{Route: "chat", Lead: 1, Worth: session.Worth{Dearness: 1, Saves: 40, Return: 100}, CanStay: true}
	turns := map[rune]session.Turn{
		'c': cheaper, 'h': {Route: "coding", CanStay: true}, 't': {ToolResults: true, CanStay: true}, '-': {CanStay: true},
		'f': {Route: "chat", Lead: 1, Worth: session.Worth{Dearness: 1, Saves: 40}, CanStay: true}, // nothing to lose
	}
	for conversation, after := range map[string]int{"ccc": 3, "c": 0, "cchc": 0, "cchccc": 6, "c-ct-c": 6, "ff": 2, "f": 0, "fhf": 0} {
		state := session.State{Model: "large", Route: "coding"}
		left := 0
		for i, letter := range conversation {
			stay, _, next := session.Choose(state, turns[letter], 0.5)
			if state = next; !stay {
				left = i + 1
				break
			}
		}
		if left != after {
			t.Errorf("%q is left after turn %d, want %d", conversation, left, after)
		}
	}
}

// TestSurenessOnlyHelpsAChange: whoever is surer, or loses less, changes no less.
func TestSurenessOnlyHelpsAChange(t *testing.T) {
	held := session.State{Model: "m", Route: "a"}
	for stickiness := 0.0; stickiness <= 1; stickiness += 0.05 {
		for dearness := 1.0; dearness < 20; dearness += 0.5 {
			changed := false
			for lead := -1.0; lead <= 1; lead += 0.05 {
				turn := session.Turn{Route: "b", Lead: lead, Worth: session.Worth{Dearness: dearness}, CanStay: true}
				stay, _, _ := session.Choose(held, turn, stickiness)
				if changed && stay {
					t.Fatalf("stickiness %.2f, dearness %.1f: changes at less than lead %.2f, and not there", stickiness, dearness, lead)
				}
				changed = !stay
				turn.Worth.Dearness++
				if dearer, _, _ := session.Choose(held, turn, stickiness); stay && !dearer {
					t.Fatalf("stickiness %.2f, lead %.2f: stays at dearness %.1f and changes at more", stickiness, lead, dearness)
				}
			}
		}
	}
}

func TestWhatAChangeLosesOfTheCache(t *testing.T) {
	at := time.Now()
	cents := func(input, cached, output int64) routes.Prices {
		p := routes.Price{Rates: routes.Rates{InputPerMTok: input * 1e7, OutputPerMTok: output * 1e7}}
		if cached >= 0 {
			c := cached * 1e7
			p.CachedInputPerMTok = &c
		}
		return routes.Prices{p}
	}
	small, large := cents(10, 1, 40), cents(300, 30, 1500)
	for _, c := range []struct {
		name     string
		from, to routes.Prices
		tokens   int64
		least    float64 // of the dearness
		most     float64
		saves    bool
		returns  bool
	}{
		{"nothing has been said yet", small, large, 0, 1, 1, false, false},
		{"a long conversation to a dear model", small, large, 50_000, 8, 9, false, true},
		{"a short one", small, large, 1_000, 1.5, 2, false, true},
		{"down to a cheap one, which reads all of it for less than staying costs", large, small, 50_000, 1, 1, true, true},
		{"a cache that saves nothing", cents(10, -1, 40), cents(300, -1, 1500), 50_000, 1, 1, false, false},
		{"no price", nil, large, 50_000, 1, 1, false, false},
		{"free", cents(0, 0, 0), cents(0, 0, 0), 50_000, 1, 1, false, false},
	} {
		got := session.WorthOf(c.from, c.to, c.tokens, at)
		if got.Dearness < c.least || got.Dearness > c.most || (got.Saves > 0) != c.saves || (got.Return > 0) != c.returns {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
