package advice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/learn/advice"
	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/learn/promise"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is an advisor over a real router and store, and what a test does to it.
type world struct {
	t       *testing.T
	advisor *advice.Advisor
	store   store.Store
	router  *fakeRouter
	editor  *fakeEditor
	mu      sync.Mutex
	now     time.Time
	ids     int
}

// fakeRouter is a built assembly that a test exchanges.
type fakeRouter struct {
	mu       sync.Mutex
	catalog  *routes.Catalog
	built    *engine.Assembly
	promised float64
	studied  int
}

func (f *fakeRouter) Serving() (names []string, fingerprint string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.catalog.Routes {
		names = append(names, f.catalog.Routes[i].Name)
	}
	return names, f.built.Generation.Fingerprint()
}

// promise is what another fit promises.
func (f *fakeRouter) promise(precision float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.promised = precision
}

func (f *fakeRouter) Promised(context.Context) (advice.Promised, error) {
	names, fingerprint := f.Serving()
	p := advice.Promised{Routes: names, Fingerprint: fingerprint}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.promised > 0 {
		p.Fit, p.Precision = fmt.Sprint("fit ", f.promised), f.promised
	}
	return p, nil
}

func (f *fakeRouter) Study(ctx context.Context) (advice.Study, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.studied++
	entries, err := f.built.Entries(ctx)
	if err != nil {
		return advice.Study{}, err
	}
	held, names := f.built.HeldOut()
	r := router.New(router.Config{})
	r.Swap(f.built.Generation)
	embedder := f.built.Embedder
	return advice.Study{
		Catalog:     suggest.Catalog{Routes: names, Entries: entries, HeldOut: held, None: f.catalog.None},
		Fingerprint: f.built.Generation.Fingerprint(), Decide: r.DecideBatch,
		Embed: func(ctx context.Context, texts []string) ([][]float32, error) {
			batch, err := embedder.EmbedQueries(ctx, texts)
			return batch.Vectors, err
		},
	}, nil
}

// fakeEditor puts changes into the catalog and builds it.
type fakeEditor struct {
	router *fakeRouter
	made   []advice.Change
	err    error
}

func (e *fakeEditor) Change(ctx context.Context, c advice.Change) (advice.Changed, error) {
	if e.err != nil {
		return advice.Changed{}, e.err
	}
	e.made = append(e.made, c)
	next := *e.router.catalog
	next.Routes = append([]routes.Route(nil), next.Routes...)
	if c.Open != "" {
		next.Routes = append(next.Routes, routes.Route{Name: c.Open})
	}
	for i := range next.Routes {
		if r := &next.Routes[i]; r.Name == c.Route {
			r.Utterances = append(append([]string(nil), r.Utterances...), c.Add...)
		}
	}
	built, err := build(ctx, &next)
	if err != nil {
		return advice.Changed{}, err
	}
	e.router.mu.Lock()
	defer e.router.mu.Unlock()
	e.router.catalog, e.router.built = &next, built
	return advice.Changed{Revision: int64(len(e.made)), Fingerprint: built.Generation.Fingerprint()}, nil
}

func build(ctx context.Context, c *routes.Catalog) (*engine.Assembly, error) {
	return engine.Build(ctx, c, engine.Config{
		Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory},
		Settings: router.Settings{Stages: router.StagePolicy{NoStatic: true}},
	})
}

func newWorld(t *testing.T, prompts store.Prompts) *world {
	t.Helper()
	w := &world{t: t, now: start}
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), store.Config{Prompts: prompts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	w.store = kept
	catalog := &routes.Catalog{Routes: []routes.Route{
		{Name: "refunds", Utterances: []string{
			"i want my money back", "please refund my order", "how do i get a refund", "return this item for a refund", "refund the duplicate charge", "give me back what i paid",
		}},
		{Name: "parcels", Utterances: []string{
			"where is my parcel", "track my package", "my delivery has not arrived", "when will my order arrive", "the courier lost my parcel", "has my package been shipped",
		}},
	}}
	built, err := build(t.Context(), catalog)
	if err != nil {
		t.Fatal(err)
	}
	w.router = &fakeRouter{catalog: catalog, built: built}
	w.editor = &fakeEditor{router: w.router}
	w.advisor = advice.New(kept, w.router, w.editor, advice.Config{Now: w.clock})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// decided appends the record of a decision and gives its id.
func (w *world) decided(text, route string, confidence float64) string {
	w.ids++
	id, stage := fmt.Sprint("d", w.ids), "SEMANTIC"
	if route == "" {
		stage = "FALLBACK"
	}
	body := fmt.Sprintf(`{"decision":{"route":%q,"confidence":%v,"stage":%q,"fingerprint":"f"}}`, route, confidence, stage)
	w.store.Append(store.Record{Time: w.clock(), Decision: id, Route: route, Model: "small", Prompt: text, Body: json.RawMessage(body)})
	return id
}

func (w *world) say(f feedback.Feedback) {
	w.t.Helper()
	if f.Source == "" {
		f.Source = feedback.User
	}
	if _, _, err := w.advisor.Give(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) suggestions(kinds ...suggest.Kind) advice.Suggestions {
	w.t.Helper()
	if err := w.store.Sync(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.pass(time.Minute) // beyond what a list is kept for
	found, err := w.advisor.Suggestions(w.t.Context(), kinds, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

const wrongPrompt = "cancel the booking and credit my card"

func TestAWrongDecisionIsMendedByAcceptingASuggestion(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), RightRoute: new("refunds")})
	w.decided("nothing was said of this", "parcels", .9)
	found := w.suggestions(suggest.AddUtterance)
	if len(found.List) != 1 || found.List[0].Route != "refunds" || found.List[0].Utterances[0] != wrongPrompt || found.Read != 2 || found.Notice != "" {
		t.Fatalf("suggestions: %+v", found)
	}
	if len(w.editor.made) != 0 {
		t.Fatal("something was applied unasked")
	}
	accepted, changed, err := w.advisor.Accept(t.Context(), found.List[0].ID, advice.Acceptance{Author: "ann"})
	if err != nil || changed.Revision != 1 || accepted.Route != "refunds" {
		t.Fatalf("accepted %+v as %+v: %v", accepted, changed, err)
	}
	want := []advice.Change{{Author: "ann", Cause: "suggestion " + found.List[0].ID, Route: "refunds", Add: []string{wrongPrompt}}}
	if diff := cmp.Diff(want, w.editor.made); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if left := w.suggestions(suggest.AddUtterance); len(left.List) != 0 {
		t.Errorf("suggested again after it was accepted: %+v", left.List)
	}
	if _, _, err := w.advisor.Accept(t.Context(), found.List[0].ID, advice.Acceptance{}); !errors.Is(err, advice.ErrUnknownSuggestion) {
		t.Errorf("accepted again: %v", err)
	}
}

func TestARejectedSuggestionStaysAway(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), RightRoute: new("refunds")})
	id := w.suggestions().List[0].ID
	if _, err := w.advisor.Reject(t.Context(), id, "ann", "not what we mean"); err != nil {
		t.Fatal(err)
	}
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), RightRoute: new("refunds")})
	if left := w.suggestions(); len(left.List) != 0 {
		t.Errorf("suggested again after it was rejected: %+v", left.List)
	}
	if _, err := w.advisor.Reject(t.Context(), "nobody", "", ""); !errors.Is(err, advice.ErrUnknownSuggestion) {
		t.Errorf("an unknown suggestion: %v", err)
	}
}

func TestAcceptanceIsHeldToItsKind(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	w.say(feedback.Feedback{Decision: w.decided("where is my package now", "parcels", .6), RightRoute: new("")})
	none := w.suggestions(suggest.AddNone).List[0].ID
	for name, c := range map[string]struct {
		how advice.Acceptance
		is  error
	}{
		"a route for what fits none":  {advice.Acceptance{Route: "refunds"}, advice.ErrBadRoute},
		"models for what is no route": {advice.Acceptance{Models: []string{"small"}}, advice.ErrBadRoute},
	} {
		if _, _, err := w.advisor.Accept(t.Context(), none, c.how); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.editor.err = errors.New("refused")
	if _, _, err := w.advisor.Accept(t.Context(), none, advice.Acceptance{}); !errors.Is(err, w.editor.err) {
		t.Errorf("refused: %v", err)
	}
	if left := w.suggestions(suggest.AddNone); len(left.List) != 1 {
		t.Error("a suggestion whose change was refused is gone")
	}
}

// Refused prompts of one kind open a route, or come to one that is there.
func TestANewRouteIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		how  advice.Acceptance
		open string
	}{
		"under a name of one's own": {advice.Acceptance{Route: "passwords", Models: []string{"small"}}, "passwords"},
		"which is there already":    {advice.Acceptance{Route: "refunds"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, store.FullPrompts)
			for _, text := range []string{
				"i forgot my password", "my password does not work", "reset my password", "change my password please", "how do i reset a forgotten password", "password reset link",
			} {
				w.decided(text, "", .1)
			}
			found := w.suggestions(suggest.NewRoute)
			if len(found.List) != 1 || !strings.Contains(found.List[0].Route, "password") {
				t.Fatalf("suggestions: %+v", found.List)
			}
			if _, _, err := w.advisor.Accept(t.Context(), found.List[0].ID, c.how); err != nil {
				t.Fatal(err)
			}
			if made := w.editor.made[0]; made.Open != c.open || made.Route != c.how.Route || len(made.Add) < 3 {
				t.Errorf("change: %+v", made)
			}
		})
	}
}

func TestWithoutTextNothingIsSuggestedAndThatIsSaid(t *testing.T) {
	w := newWorld(t, store.HashedPrompts)
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), RightRoute: new("refunds")})
	w.decided("refused", "", .2)
	w.decided("well", "refunds", .9)
	found := w.suggestions()
	if len(found.List) != 0 || found.WithoutText != 2 || !strings.Contains(found.Notice, "--store-prompts") {
		t.Errorf("suggestions: %+v", found)
	}
}

func TestAThumbsDownIsAGuess(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), Thumbs: feedback.Down})
	for _, s := range w.suggestions(suggest.AddUtterance).List {
		if !s.Guess {
			t.Errorf("not marked as a guess: %+v", s)
		}
	}
}

func TestAListIsKeptForAWhile(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	for range 3 {
		if _, err := w.advisor.Suggestions(t.Context(), nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	if w.router.studied != 1 {
		t.Errorf("made %d times", w.router.studied)
	}
	w.say(feedback.Feedback{Decision: w.decided(wrongPrompt, "parcels", .6), RightRoute: new("refunds")})
	if found, err := w.advisor.Suggestions(t.Context(), nil, 0); err != nil || len(found.List) != 1 {
		t.Errorf("after something was said: %+v, %v", found.List, err)
	}
}

func TestPromises(t *testing.T) {
	w := newWorld(t, store.NoPrompts) // no text is needed for this
	w.router.promise(.95)
	w.decided("before the fit was served", "refunds", .9)
	if p, err := w.advisor.Promises(t.Context(), time.Time{}); err != nil || !p.Since.Equal(start) || len(p.Standings) != 3 {
		t.Fatalf("without feedback: %+v, %v", p, err)
	}
	w.pass(time.Hour)
	for i := range 120 {
		verdict, confidence := feedback.Right, .9
		if i%2 == 0 {
			verdict, confidence = feedback.Wrong, .6
		}
		w.say(feedback.Feedback{Decision: w.decided("x", "refunds", confidence), Verdict: verdict})
		w.say(feedback.Feedback{Decision: w.decided("x", "parcels", .9), Verdict: feedback.Right})
	}
	w.say(feedback.Feedback{Decision: w.decided("x", "", .2), Verdict: feedback.Wrong}) // an abstention promises nothing
	p, err := w.advisor.Promises(t.Context(), time.Time{})
	if err != nil || !p.Since.Equal(start) {
		t.Fatalf("since %s: %v", p.Since, err)
	}
	got := map[string]promise.Standing{}
	for _, s := range p.Standings {
		got[s.Route] = s
	}
	if s := got["refunds"]; !s.Broken || s.Right != 60 || s.Wrong != 60 {
		t.Errorf("refunds: %+v", s)
	}
	if s := got["parcels"]; s.Broken || s.Right != 120 || s.Wrong != 0 {
		t.Errorf("parcels: %+v", s)
	}
	if s := got[""]; !s.Broken || s.Right+s.Wrong != 240 {
		t.Errorf("all together: %+v", s)
	}
	if refit, ok := p.Refits["refunds"]; !ok || refit.MinConfidence < .85 || refit.Coverage != .5 {
		t.Errorf("refit of refunds: %+v, %v", refit, ok)
	}
	if _, ok := p.Refits["parcels"]; ok {
		t.Error("a refit of what is kept")
	}
	w.router.promise(.4) // another fit is another promise, of what is decided from now on
	w.pass(time.Hour)
	if p, err = w.advisor.Promises(t.Context(), time.Time{}); err != nil || p.Standings[0].Right != 0 {
		t.Errorf("after another fit: %+v, %v", p.Standings, err)
	}
	if p, err = w.advisor.Promises(t.Context(), start.Add(time.Minute)); err != nil || p.Standings[0].Right != 180 {
		t.Errorf("since a time that was asked for: %+v, %v", p.Standings, err)
	}
}

func TestWatchTellsOfAnAlarmOnce(t *testing.T) {
	w := newWorld(t, store.NoPrompts)
	w.router.promise(.95)
	if _, err := w.advisor.Promises(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		w.say(feedback.Feedback{Decision: w.decided("x", "refunds", .9), Verdict: feedback.Wrong})
	}
	alarms := make(chan string, 10)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.advisor.Watch(ctx, time.Millisecond, func(s promise.Standing, _ float64) {
			alarms <- map[bool]string{false: "no longer "}[s.Broken] + s.Route
		}, func(err error) { t.Error(err) })
	}()
	if a, b := <-alarms, <-alarms; a != "" || b != "refunds" {
		t.Errorf("alarms of %q and %q", a, b)
	}
	w.pass(time.Hour)
	w.router.promise(.4) // another fit is another promise
	if a, b := <-alarms, <-alarms; a != "no longer " || b != "no longer refunds" {
		t.Errorf("then %q and %q", a, b)
	}
	cancel()
	<-done
	if len(alarms) > 0 {
		t.Errorf("told again of %q", <-alarms)
	}
}

func TestExport(t *testing.T) {
	w := newWorld(t, store.FullPrompts)
	w.say(feedback.Feedback{Decision: w.decided("a", "refunds", .9), Verdict: feedback.Right, Score: new(.7)})
	w.say(feedback.Feedback{Decision: w.decided("b", "refunds", .9), RightRoute: new("")})
	w.say(feedback.Feedback{Decision: w.decided("c", "refunds", .9), Thumbs: feedback.Down})
	w.say(feedback.Feedback{Decision: w.decided("d", "refunds", .9), Verdict: feedback.Wrong}) // teaches nothing by itself
	w.say(feedback.Feedback{Decision: w.decided("", "refunds", .9), Verdict: feedback.Right})  // has no text
	var got []advice.Lesson
	if err := w.advisor.Export(t.Context(), time.Time{}, func(l advice.Lesson) error {
		got = append(got, l)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []advice.Lesson{
		{Text: "a", Route: new("refunds"), Model: "small", Quality: new(.7)},
		{Text: "b", Route: new("")},
		{Text: "c", Model: "small", Quality: new(0.0)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lessons (-want +got):\n%s", diff)
	}
}
