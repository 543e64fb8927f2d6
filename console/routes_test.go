//go:build integration

package console_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// fromStore serves the catalog from a store, where it can be changed.
var fromStore = []string{"--source", "store"}

// to goes to a place of the console.
func (b *tab) to(place string) {
	b.t.Helper()
	b.do(chromedp.Evaluate(`location.hash = `+quoted(place), nil))
}

// apply applies the draft, with a cause.
func (b *tab) apply(why string) {
	b.t.Helper()
	b.press("Apply…")
	b.types("Who", "ann")
	b.types("Why", why)
	b.press("Apply")
}

// utterances are those of a route, as the service has them.
func (s *served) utterances(t *testing.T, route string) string {
	t.Helper()
	var got struct{ Route struct{ Utterances []string } }
	s.get(t, "/v1/catalog/routes/"+route, &got)
	return strings.Join(got.Route.Utterances, "\n")
}

func TestRoutesAreChangedTriedAndApplied(t *testing.T) {
	labelled := filepath.Join(t.TempDir(), "labelled.jsonl")
	if err := os.WriteFile(labelled, []byte(`{"text":"the courier left my box in the rain","route":"delivery"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, support(t), append([]string{"--gate-data", labelled}, fromStore...)...)
	s.post(t, "/v1/route", `{"prompt":{"text":"the courier threw my box over the fence"}}`, nil)
	b := browse(t, s.Console+"#/routes")
	b.sees("choose a route")
	b.press("delivery")
	b.sees("utterances")
	b.fine("routes")
	b.types("New utterances", "the courier threw my box over the fence\nmy box lay in the rain")
	b.press("Add")
	b.sees("2 utterances more")
	b.sees("prompts decided")
	b.sees("right of the labelled")
	b.types("Filter utterances", "fence")
	b.fine("routes-changed")
	b.documented("routes")
	// A reload loses nothing.
	b.do(chromedp.Reload())
	b.sees("2 utterances more")
	b.apply("words of May")
	b.sees("revision 2 serves now")
	if got := s.utterances(t, "delivery"); !strings.Contains(got, "my box lay in the rain") {
		t.Errorf("the route has\n%s", got)
	}
	// An utterance is changed in place, one taken away, one moved.
	b.types("Filter utterances", "box lay in the rain")
	b.until("one utterance", `document.querySelectorAll(".utterances li").length === 1`)
	b.press("Choose my box lay in the rain")
	b.chooses("Move to", "returns")
	b.press("Move")
	b.types("Filter utterances", "over the fence")
	b.press("Remove the courier threw my box over the fence")
	b.sees("returns: 1 utterances more")
	b.apply("not ours")
	b.sees("revision 3 serves now")
	if got := s.utterances(t, "returns"); !strings.Contains(got, "my box lay in the rain") {
		t.Errorf("the route has\n%s", got)
	}
	if got := s.utterances(t, "delivery"); strings.Contains(got, "fence") {
		t.Errorf("the route has\n%s", got)
	}
	// History tells it, and leads back.
	b.press("History")
	b.sees("words of May")
	b.press("What it changed, revision 2")
	b.until("the line that is new", `[...document.querySelectorAll("ins")].some((e) => e.innerText.includes("my box lay in the rain"))`)
	b.picture(pictures + "/routes-difference.png")
	b.press("Close")
	b.press("Return to it, revision 1")
	b.types("Why", "it was better")
	b.press("Return")
	b.sees("revision 4 serves now")
	b.sees("it was better")
	b.fine("routes-history")
	if got := s.utterances(t, "returns"); strings.Contains(got, "in the rain") {
		t.Errorf("the route has\n%s", got)
	}
}

func TestARouteIsOpenedAndDeleted(t *testing.T) {
	s := serve(t, support(t), fromStore...)
	b := browse(t, s.Console+"#/routes")
	b.types("Name of a new route", "gift_cards")
	b.press("New route")
	b.types("New utterances", "can I pay with a gift card\nmy gift card has no money on it\nwhere do I enter the gift code")
	b.press("Add")
	b.types("Description", "everything about gift cards")
	b.types("Models, in order", "small, nobody")
	b.key(kb.Tab) // leaves the field
	b.sees("it cannot be served like that")
	b.sees("put_route.route.models[1]")
	b.fine("routes-problem")
	b.types("Models, in order", "small, large")
	b.types("Min confidence", "0.4")
	b.key(kb.Tab)
	b.seesNoMore("it cannot be served like that")
	b.sees("no prompts to try it on")
	b.apply("a new shelf")
	b.sees("revision 2 serves now")
	var got struct {
		Route struct {
			Models        []string
			MinConfidence float64
		}
	}
	s.get(t, "/v1/catalog/routes/gift_cards", &got)
	if strings.Join(got.Route.Models, " ") != "small large" || got.Route.MinConfidence != 0.4 {
		t.Errorf("%+v", got)
	}
	b.press("Delete route")
	b.sees("gift_cards: deleted")
	b.apply("nobody buys them")
	b.sees("revision 3 serves now")
	var list struct{ Routes []struct{ Name string } }
	s.get(t, "/v1/catalog/routes", &list)
	for _, r := range list.Routes {
		if r.Name == "gift_cards" {
			t.Error("the route is still there")
		}
	}
}

// TestTwoEditorsDoNotOverwriteEachOther: who comes second is told, and loses nothing.
func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	s := serve(t, support(t), fromStore...)
	b := browse(t, s.Console+"#/routes?route=delivery")
	b.types("New utterances", "mine")
	b.press("Add")
	b.sees("1 utterances more")
	s.post(t, "/v1/catalog/utterances", `{"route":"delivery","utterances":["theirs"],"remark":{"author":"bob"}}`, nil)
	b.apply("mine")
	b.sees("somebody has changed it meanwhile")
	b.press("Close")
	b.sees("somebody has changed this route since you began")
	b.press("Put mine in its place")
	b.apply("mine, again")
	b.sees("revision 3 serves now")
	if got := s.utterances(t, "delivery"); !strings.Contains(got, "mine") {
		t.Errorf("the route has\n%s", got)
	}
}

func TestTheWholeCatalogIsChanged(t *testing.T) {
	s := serve(t, support(t), fromStore...)
	b := browse(t, s.Console+"#/routes?tab=whole")
	b.until("the catalog", `document.querySelector(".whole")?.value.includes("routes:")`)
	b.fine("routes-whole")
	b.do(chromedp.Evaluate(`{ const e = document.querySelector(".whole"); e.value = e.value + "\nrules: [{name: code, when: '\"code\" in metadata', route: nowhere}]\n"; e.dispatchEvent(new Event("input", {bubbles: true})); }`, nil))
	b.sees("it cannot be served like that")
	b.do(chromedp.Evaluate(`{ const e = document.querySelector(".whole"); e.value = e.value.replace("route: nowhere", "route: technical"); e.dispatchEvent(new Event("input", {bubbles: true})); }`, nil))
	b.seesNoMore("it cannot be served like that")
	b.apply("code goes to technical")
	b.sees("revision 2 serves now")
	var decided struct{ Decision struct{ Route, Rule string } }
	s.post(t, "/v1/route", `{"prompt":{"text":"my parcel never came","metadata":{"code":"yes"}}}`, &decided)
	if decided.Decision.Route != "technical" || decided.Decision.Rule != "code" {
		t.Errorf("%+v", decided)
	}
}

// TestFilesAreNotChangedFromHere: what is tried can be copied.
func TestFilesAreNotChangedFromHere(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console+"#/routes?route=delivery")
	b.sees("the catalog comes from files")
	b.types("New utterances", "my box lay in the rain")
	b.press("Add")
	b.sees("1 utterances more")
	b.until("Apply to be off", found(pressed, "Apply…")+"?.disabled")
	b.fine("routes-files")
}

func TestRoutesTakeNoTextForMore(t *testing.T) {
	s := serve(t, support(t), fromStore...)
	quoted := quoted(hostile)
	s.post(t, "/v1/catalog/changes", `{"changes":[{"put_route":{"route":{"name":"evil","description":`+quoted+`,"utterances":[`+quoted+`],"models":["small"]}}}],"remark":{"author":`+quoted+`,"cause":`+quoted+`}}`, nil)
	b := browse(t, s.Console+"#/routes?route=evil")
	b.until("the utterance", `document.querySelector(".utterances textarea")?.value.includes("onerror")`)
	b.types("New utterances", hostile+" again")
	b.press("Add")
	b.sees("1 utterances more")
	b.sees("prompts")
	b.press("History")
	b.sees("onerror")
	b.press("What it changed, revision 2")
	b.until("the line that is new", `[...document.querySelectorAll("ins")].some((e) => e.innerText.includes("onerror"))`)
	b.safe()
}

// TestManyUtterancesStayQuick: a route of 5,000.
func TestManyUtterancesStayQuick(t *testing.T) {
	var many []string
	for i := range 5000 {
		many = append(many, "please look at order number "+strings.Repeat("x", i%7)+" of customer "+string(rune('a'+i%26))+" line "+strconv.Itoa(i))
	}
	b := browse(t, serve(t, support(t, many...)).Console+"#/routes?route=account")
	b.sees("5,0")
	took := value[float64](b, `(() => { const s = performance.now(); const f = document.querySelector('[aria-label="Filter utterances"]'); f.value = "line 4999"; f.dispatchEvent(new Event("input", {bubbles: true})); return new Promise((r) => { const i = setInterval(() => { if (document.querySelectorAll(".utterances li").length === 1) { clearInterval(i); r(performance.now() - s) } }, 1) }) })()`)
	t.Logf("a filter over 5,000 utterances is shown after %.0f ms", took)
}
