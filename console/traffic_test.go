//go:build integration

package console_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// asked is a server that has been asked: prompts that it routes, forwards, refuses.
func asked(t *testing.T, catalog string, flags ...string) *served {
	t.Helper()
	s := serve(t, catalog, flags...)
	for i, prompt := range []string{
		"my parcel never came", "I was billed twice this month", "please close my account", "who won the football match last night?",
		"the screen arrived with a crack in it", "where is my parcel?", hostile + " my parcel", "write a poem about parcels and the sea",
	} {
		s.post(t, "/v1/route", fmt.Sprintf(`{"prompt":{"text":%s,"user":{"id":"ann"}},"forward":%v}`, quoted(prompt), i%2 == 0), nil)
	}
	s.decisions(t) // waits until they are kept
	return s
}

const limited = `
budgets:
  - {name: each-day, per: user, usd: 0.1}
`

func TestTrafficShowsWhatBecameOfPrompts(t *testing.T) {
	b := browse(t, asked(t, support(t)+limited).Console+"#/traffic")
	b.sees("without a route")
	b.sees("spent")
	b.sees("each-day")
	b.sees("ann")
	b.until("four plots", `document.querySelectorAll(".plot canvas").length === 4`)
	b.fine("traffic")
	b.documented("traffic")
	b.chooses("The last", "30 days")
	b.sees("altogether")
	b.press("delivery")
	b.until("its decisions", `[...document.querySelectorAll("tbody tr")].length > 0 && [...document.querySelectorAll("tbody tr")].every((r) => r.innerText.includes("delivery"))`)
	b.fine("traffic-decisions")
}

func TestADecisionIsOpenedJudgedAndTaught(t *testing.T) {
	s := asked(t, support(t), fromStore...)
	b := browse(t, s.Console+"#/traffic?tab=decisions")
	b.press("who won the football match last night?")
	b.sees("one decision")
	b.sees("was it right?")
	b.sees("confidence")
	b.fine("traffic-decision")
	b.press("Right route")
	b.sees("it is kept")
	b.chooses("Right route", "returns")
	b.press("Say so")
	b.until("both to be kept", `document.body.innerText.includes("it is kept")`)
	var said struct {
		Entries []struct {
			Feedback struct{ Verdict, RightRoute string }
		}
	}
	s.get(t, "/v1/feedback", &said)
	if len(said.Entries) != 2 || said.Entries[0].Feedback.Verdict != "RIGHT" || said.Entries[1].Feedback.RightRoute != "returns" {
		t.Errorf("%+v", said)
	}
	b.press("Close")
	// Two clicks make a prompt an utterance: one opens it, one adds it.
	b.press("the screen arrived with a crack in it")
	b.press("Make it an utterance")
	b.sees("revision 2 serves with it")
	var decided struct {
		Decision struct {
			Matches []struct{ Utterance string }
		}
	}
	s.post(t, "/v1/route", `{"prompt":{"text":"the screen arrived with a crack in it"}}`, &decided)
	if decided.Decision.Matches[0].Utterance != "the screen arrived with a crack in it" {
		t.Errorf("%+v", decided)
	}
}

func TestSuggestionsAreAcceptedAndRejected(t *testing.T) {
	s := serve(t, support(t), fromStore...)
	for _, prompt := range []string{"do you sell gift vouchers", "can i buy a gift voucher for a friend", "gift voucher as a present please", "is my gift voucher still good"} {
		var decided struct{ Decision struct{ DecisionID string } }
		s.post(t, "/v1/route", `{"prompt":{"text":`+quoted(prompt)+`}}`, &decided)
		s.decisions(t)
		s.post(t, "/v1/feedback", `{"feedback":{"decisionId":`+quoted(decided.Decision.DecisionID)+`,"rightRoute":"billing"}}`, nil)
	}
	b := browse(t, s.Console+"#/traffic?tab=suggestions")
	b.sees("stands on")
	b.fine("traffic-suggestions")
	before := value[int](b, `document.querySelectorAll(".suggestion").length`)
	b.press("Accept")
	b.sees("serves with it")
	if got := s.utterances(t, "billing"); !strings.Contains(got, "voucher") {
		t.Errorf("billing has\n%s", got)
	}
	if before > 1 {
		b.sees("serving · revision 2") // others are suggested for it
		b.seesNoMore("looking at the traffic")
		b.press("Reject")
		b.sees("it is not made again")
	}
}

func TestDriftAndAlarmsAreShown(t *testing.T) {
	b := browse(t, asked(t, support(t)).Console+"#/traffic?tab=drift")
	b.sees("which was not asked for") // the double answers in a name of its own
	b.sees("evidence for a change")
	b.fine("traffic-drift")
	b.press("As it should be")
	b.sees("the server is not set up for this") // too few decisions to be a reference
}

// TestTrafficTakesNoTextForMore: a prompt, and a model's answer, which repeats it.
func TestTrafficTakesNoTextForMore(t *testing.T) {
	b := browse(t, asked(t, support(t)).Console+"#/traffic?tab=decisions")
	b.until("the hostile prompt", `[...document.querySelectorAll("tbody button")].some((e) => e.innerText.includes("onerror"))`)
	b.press(hostile + " my parcel")
	b.sees("was it right?")
	b.safe()
	b.press("Close")
	b.types("user", hostile)
	b.key(kb.Tab)
	b.sees("nothing is kept that is like this")
	b.safe()
}
