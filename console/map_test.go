//go:build integration

package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// onMap opens the map and waits until it is drawn.
func onMap(t *testing.T, s *served) *tab {
	t.Helper()
	b := browse(t, s.Console+"#/map")
	b.drawn()
	return b
}

func (b *tab) drawn() {
	b.t.Helper()
	b.until("the map", `document.querySelector(".plane canvas")?.width > 300`)
}

// inks counts the different colours in the middle of the picture: one on an empty canvas.
const inks = `(() => {
  const c = document.querySelector(".plane canvas"), p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  const seen = new Set();
  for (let i = 0; i < p.length; i += 4) seen.add(p[i] << 16 | p[i + 1] << 8 | p[i + 2]);
  return seen.size;
})()`

// look at what is drawn: a sum of all pixels of one of the two canvases.
const pixels = `(k) => {
  const c = document.querySelectorAll(".plane canvas")[k], p = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  let sum = 0;
  for (let i = 0; i < p.length; i++) sum = (sum * 31 + p[i]) >>> 0;
  return sum;
}`

// redrawn waits until what an action does can be seen on a canvas: 0 has the points, 1
// what lies over them.
func (b *tab) redrawn(canvas int, act func()) {
	b.t.Helper()
	before := value[float64](b, fmt.Sprintf("(%s)(%d)", pixels, canvas))
	act()
	b.until("another picture", fmt.Sprintf("(%s)(%d) !== %f", pixels, canvas, before))
}

// plane is where the picture lies on the page.
func (b *tab) plane() (left, top, width, height float64) {
	b.t.Helper()
	b.do(chromedp.Evaluate(`document.querySelector(".plane").scrollIntoView({block: "center"})`, nil))
	at := value[[]float64](b, `(() => { const r = document.querySelector(".plane").getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	return at[0], at[1], at[2], at[3]
}

// drag moves the mouse with its button down.
func (b *tab) drag(points ...[2]float64) {
	b.t.Helper()
	at := func(kind input.MouseType, p [2]float64, buttons int64) chromedp.Action {
		return input.DispatchMouseEvent(kind, p[0], p[1]).WithButton(input.Left).WithButtons(buttons).WithClickCount(1)
	}
	actions := []chromedp.Action{at(input.MousePressed, points[0], 1)}
	for _, p := range points[1:] {
		actions = append(actions, at(input.MouseMoved, p, 1))
	}
	b.do(append(actions, at(input.MouseReleased, points[len(points)-1], 0))...)
}

// aPoint moves the mouse over the picture until it finds an utterance, and says where.
func (b *tab) aPoint() (x, y float64) {
	b.t.Helper()
	left, top, width, height := b.plane()
	for y := top + height*.2; y < top+height*.9; y += 14 {
		for x := left + width*.2; x < left+width*.9; x += 14 {
			b.do(input.DispatchMouseEvent(input.MouseMoved, x, y))
			if value[bool](b, `new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(document.querySelector(".tip") !== null))))`) {
				return x, y
			}
		}
	}
	b.t.Fatal("the mouse finds no utterance")
	return 0, 0
}

func TestMapShowsWhatThereIs(t *testing.T) {
	s := serve(t, support(t))
	s.post(t, "/v1/route", `{"prompt":{"text":"who won the football match last night?"}}`, nil)
	b := onMap(t, s)
	if n := value[int](b, inks); n < 20 {
		t.Errorf("the picture has %d colours", n)
	}
	b.sees("delivery")
	b.until("the abstention", `[...document.querySelectorAll("button")].some((e) => /Abstentions.*1/.test(e.textContent))`)
	b.fine("map")
	// The mouse tells what it is over, a click chooses it.
	x, y := b.aPoint()
	if text := value[string](b, `document.querySelector(".tip").innerText`); strings.TrimSpace(text) == "" {
		t.Error("the tip is empty")
	}
	b.picture(pictures + "/map-hover.png")
	b.redrawn(1, func() { b.do(chromedp.MouseClickXY(x, y)) })
	b.sees("open its route")
	b.sees("selected 1")
	// Wheel and buttons zoom, dragging moves, and all can be seen again.
	whole := value[float64](b, "("+pixels+")(0)")
	left, top, width, height := b.plane()
	b.redrawn(0, func() {
		b.do(input.DispatchMouseEvent(input.MouseWheel, left+width/2, top+height/2).WithDeltaX(0).WithDeltaY(-300))
	})
	b.redrawn(0, func() { b.drag([2]float64{left + 100, top + 100}, [2]float64{left + 200, top + 140}) })
	b.redrawn(0, func() { b.press("Zoom in") })
	b.redrawn(0, func() { b.press("Zoom out") })
	b.press("Show all")
	b.until("the whole picture", fmt.Sprintf("(%s)(0) === %f", pixels, whole))
	b.redrawn(0, func() { b.chooses("Keep", "large distances (PCA)") })
	b.drawn()
	b.until("the address", `location.hash.includes("by=pca")`)
	b.picture(pictures + "/map-pca.png")
}

func TestMapPlacesWhatIsTyped(t *testing.T) {
	b := onMap(t, serve(t, support(t)))
	b.redrawn(1, func() { b.types("Prompt", "where is my parcel?") })
	b.until("the decision", `document.querySelector(".verdict")?.innerText.includes("delivery")`)
	b.until("eight neighbours", `document.querySelectorAll(".nearest li").length === 8`)
	b.until("the address", `location.hash.includes("prompt=where")`)
	b.fine("map-prompt")
	b.documented("map")
	b.redrawn(0, func() { b.press("Zoom to it") })
	b.redrawn(1, func() { b.types("Prompt", "") })
	b.until("no neighbours", `!document.querySelector(".nearest")`)
}

func TestMapFiltersAndSelects(t *testing.T) {
	// An utterance that stands under a route that it has nothing to do with.
	b := onMap(t, serve(t, support(t, "where is my parcel? it was due on monday", "my parcel has not arrived yet", "the courier has lost my parcel")))
	all := value[int](b, `document.querySelectorAll('[aria-label="Points"] li').length`)
	shown := `document.querySelectorAll('[aria-label="Points"] li').length`
	b.redrawn(0, func() { b.press("delivery") })
	b.until("fewer utterances", fmt.Sprintf("%s < %d", shown, all))
	b.press("Show everything")
	b.until("all again", fmt.Sprintf("%s === %d", shown, all))
	b.types("Find", "parcel")
	b.until("those with a word", `[...document.querySelectorAll('[aria-label="Points"] li')].every((e) => /parcel/i.test(e.innerText))`)
	b.press("Select what is shown")
	b.sees("zoom to them")
	b.redrawn(0, func() { b.press("Zoom to them") })
	b.fine("map-selected")
	b.press("Select nothing")
	b.sees("nothing is selected")
	b.press("Utterances")
	b.press("Show everything")
	// What was found can be shown.
	b.press("Overlaps")
	b.until("only overlaps", fmt.Sprintf("%s > 0 && %s < %d", shown, shown, all))
	b.until("the findings", `[...document.querySelectorAll('[role="tab"]')].find((e) => e.dataset.name === "findings")`)
	b.do(chromedp.Evaluate(`document.querySelector('[data-name="findings"]').click()`, nil))
	b.sees("lie among those of")
	b.fine("map-findings")
	b.do(chromedp.Evaluate(`document.querySelector('.findings button').click()`, nil))
	b.sees("selected")
}

func TestMapHasALasso(t *testing.T) {
	b := onMap(t, serve(t, support(t)))
	left, top, width, height := b.plane()
	around := [][2]float64{{left + 5, top + 5}, {left + width - 5, top + 5}, {left + width - 5, top + height - 5}, {left + 5, top + height - 5}}
	b.press("Lasso")
	b.drag(around...)
	b.sees("select nothing")
	selected := value[int](b, `+document.querySelector('[data-name="selected"]').innerText.match(/\d+/)[0]`)
	if selected < 20 {
		t.Errorf("a lasso around everything catches %d utterances", selected)
	}
	b.picture(pictures + "/map-lasso.png")
	b.do(chromedp.Evaluate(`navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }`, nil))
	b.press("Copy")
	b.sees("copied")
	if lines := strings.Split(value[string](b, "window.copied"), "\n"); len(lines) != selected || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "delivery\t") }) {
		t.Errorf("%d lines are copied, such as %q", len(lines), lines[0])
	}
	b.press("Lasso")
	b.do(chromedp.Evaluate(`[...document.querySelectorAll('[aria-label="Routes of what is selected"] a')].find((a) => a.innerText.startsWith("delivery")).click()`, nil))
	b.until("the page of the route", `location.hash.includes("routes?route=delivery")`)
}

func TestMapIsUsedByKeyboard(t *testing.T) {
	b := onMap(t, serve(t, support(t)))
	b.do(chromedp.Focus(`[role="listbox"]`, chromedp.ByQuery))
	b.redrawn(1, func() { b.key(kb.ArrowDown) })
	first := value[string](b, `document.querySelector('[data-active="true"]').innerText`)
	b.key(kb.ArrowDown)
	b.until("the next", `document.querySelector('[data-active="true"]')?.innerText !== `+quoted(first))
	b.key(" ")
	b.until("it selected", `document.querySelector('[data-active="true"]')?.getAttribute("aria-selected") === "true"`)
	b.key(kb.End)
	b.until("the last", `document.querySelector('[role="listbox"] li:last-child')?.dataset.active === "true"`)
	b.do(chromedp.Focus(`.plane`, chromedp.ByQuery))
	for _, key := range []string{"+", kb.ArrowLeft, kb.ArrowDown, "-", "0"} {
		b.redrawn(0, func() { b.key(key) })
	}
}

// TestMapTakesNoTextForMore: neither an utterance, nor a prompt without a route.
func TestMapTakesNoTextForMore(t *testing.T) {
	s := serve(t, support(t, hostile))
	s.post(t, "/v1/route", `{"prompt":{"text":`+quoted(hostile+" who won the match?")+`}}`, nil)
	b := onMap(t, s)
	b.types("Find", "onerror")
	b.until("the utterance", `document.querySelector('[aria-label="Points"]')?.innerText.includes("onerror")`)
	b.types("Prompt", hostile)
	b.until("it among the nearest", `document.querySelector(".nearest")?.innerText.includes("onerror")`)
	b.do(chromedp.Focus(`[role="listbox"]`, chromedp.ByQuery))
	b.key(kb.Home)
	b.sees("open its route")
	b.key(" ")
	b.do(chromedp.Evaluate(`document.querySelector('[data-name="selected"]').click()`, nil))
	b.press("Zoom to them")
	left, top, width, height := b.plane()
	b.until("the tip with it", `(document.querySelector(".plane").dispatchEvent(new PointerEvent("pointermove", { clientX: `+fmt.Sprint(left+width/2)+`, clientY: `+fmt.Sprint(top+height/2)+`, bubbles: true })),
		document.querySelector(".tip")?.innerText.includes("onerror"))`)
	b.safe()
}

// many is a catalog of so many utterances.
func many(routes, each int) string {
	things := strings.Fields("parcel invoice password refund lamp table phone ticket order account card flight hotel meeting report printer laptop garden recipe song")
	acts := strings.Fields("lost broken late missing cancelled changed stolen forgotten doubled delayed wrong empty closed open blocked")
	var text strings.Builder
	text.WriteString("routes:\n")
	for r := range routes {
		fmt.Fprintf(&text, "  - name: route-%02d\n    utterances:\n", r)
		for i := range each {
			fmt.Fprintf(&text, "      - the %s of my %s is %s, number %d of case %d\n", things[(r+i/7)%len(things)], things[r%len(things)], acts[(r/len(things)+i)%len(acts)], i, r)
		}
	}
	return text.String()
}

// TestMapOfManyMovesSmoothly measures, and says what it measured; it fails where
// nothing was measured.
func TestMapOfManyMovesSmoothly(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains on 10,000 utterances")
	}
	b := browse(t, serve(t, many(50, 200)).Console+"#/map")
	start := time.Now()
	for !value[bool](b, `document.querySelector(".plane canvas")?.width > 300`) {
		if time.Since(start) > 2*time.Minute {
			t.Fatalf("no map after %v:\n%s", time.Since(start), b.said())
		}
		time.Sleep(100 * time.Millisecond)
	}
	drawing := time.Since(start)
	b.picture(pictures + "/map-10000.png")
	b.do(chromedp.Reload())
	b.drawn()
	loaded := value[float64](b, `performance.now()`)
	gaps, still := b.frames(true), b.frames(false)
	if len(gaps) < 200 {
		t.Fatalf("only %d frames were seen", len(gaps))
	}
	rate := func(gaps []float64) (perSecond, p50, p95 float64) {
		sum := 0.0
		for _, g := range gaps {
			sum += g
		}
		slices.Sort(gaps)
		return 1000 * float64(len(gaps)) / sum, gaps[len(gaps)/2], gaps[len(gaps)*95/100]
	}
	moving, p50, p95 := rate(gaps)
	idle, _, idle95 := rate(still)
	t.Logf("10,000 points: drawn by the server for the first time and shown in %v, shown again %.0f ms after the page was opened; zooming: %.1f frames a second, p50 %.1f ms, p95 %.1f ms a frame (asked: 60 a second); the same page at rest: %.1f a second, p95 %.1f ms",
		drawing.Round(time.Millisecond), loaded, moving, p50, p95, idle, idle95)
}

// frames are the times between frames, in milliseconds, while the wheel turns, or while
// nothing happens.
func (b *tab) frames(wheel bool) []float64 {
	b.t.Helper()
	const zooming = `new Promise((done) => {
		const plane = document.querySelector(".plane"), r = plane.getBoundingClientRect(), gaps = [];
		let last, turn = 0;
		const step = (now) => {
			if (last !== undefined) gaps.push(now - last);
			last = now;
			if (++turn > 240) { done(gaps); return; }
			if (%v) plane.dispatchEvent(new WheelEvent("wheel", { deltaY: turn %% 120 < 60 ? -12 : 12, clientX: r.left + r.width / 2 + turn %% 7, clientY: r.top + r.height / 2, bubbles: true, cancelable: true }));
			requestAnimationFrame(step);
		};
		requestAnimationFrame(step);
	})`
	return value[[]float64](b, fmt.Sprintf(zooming, wheel))
}
