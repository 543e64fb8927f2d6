package mapapi_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/mapapi"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
)

// base has an utterance that stands in two routes, which lint finds.
const base = `
routes:
  - {name: refunds, utterances: [where is my refund for the lamp that i sent back, i was charged twice, give me my money back, you took too much money, refund the money please]}
  - {name: delivery, utterances: [where is my parcel, my package is late, when does the parcel arrive, the courier never came, where is my refund for the lamps that i sent back]}
  - {name: alone, utterances: [what is the weather like]}
`

// watched counts how often the engine was asked for vectors, and holds that up.
type watched struct {
	*engine.Engine
	asked atomic.Int32
	gate  chan struct{} // nil lets all pass
}

func (w *watched) Inventory(ctx context.Context, vectors bool) (engine.Inventory, error) {
	w.asked.Add(1)
	if w.gate != nil {
		select {
		case <-w.gate:
		case <-ctx.Done():
			return engine.Inventory{}, ctx.Err()
		}
	}
	return w.Engine.Inventory(ctx, vectors)
}

func parsed(t *testing.T, text string) *routes.Catalog {
	t.Helper()
	catalog, err := routes.Loader{}.Parse("catalog.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func serving(t *testing.T, text string) *watched {
	t.Helper()
	e := engine.New(parsed(t, text), engine.Config{
		Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop(),
	})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return &watched{Engine: e}
}

// dial serves the map over a socket as the product does and gives a client.
func dial(t *testing.T, w *watched, records mapapi.Records) semroutev1.MapServiceClient {
	t.Helper()
	maps := mapapi.New(w, records)
	srv, err := server.New(w.Engine, nil, zerolog.Nop(), server.Config{Services: []func(grpc.ServiceRegistrar){maps.Register}})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx, listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, conn.Close()); err != nil {
			t.Error(err)
		}
		maps.Close()
	})
	return semroutev1.NewMapServiceClient(conn)
}

func TestMapShowsEveryUtterance(t *testing.T) {
	w := serving(t, base)
	client := dial(t, w, nil)
	got, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{Abstentions: 5})
	if err != nil {
		t.Fatal(err)
	}
	if got.GetFingerprint() != w.Status().Fingerprint || got.GetMethod() != semroutev1.MapMethod_MAP_METHOD_NEIGHBOURS || got.GetLeftOut() != 0 {
		t.Errorf("got %v of method %v, %d left out", got.GetFingerprint(), got.GetMethod(), got.GetLeftOut())
	}
	if diff := cmp.Diff([]string{"refunds", "delivery", "alone"}, got.GetRoutes()); diff != "" {
		t.Error(diff)
	}
	shown := map[string]int{}
	for _, p := range got.GetPoints() {
		shown[got.GetRoutes()[p.GetRoute()]]++
		if math.Abs(float64(p.GetX())) > 1.001 || math.Abs(float64(p.GetY())) > 1.001 {
			t.Errorf("%q lies at %v, %v", p.GetText(), p.GetX(), p.GetY())
		}
	}
	if diff := cmp.Diff(map[string]int{"refunds": 5, "delivery": 5, "alone": 1}, shown); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got.GetAbstentionsNotice(), "keeps no decisions") {
		t.Errorf("it is not said why there are no abstentions: %q", got.GetAbstentionsNotice())
	}
	flat, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{Method: semroutev1.MapMethod_MAP_METHOD_PCA})
	if err != nil {
		t.Fatal(err)
	}
	if flat.GetMethod() != semroutev1.MapMethod_MAP_METHOD_PCA || cmp.Equal(flat.GetPoints(), got.GetPoints(), protocmp.Transform()) {
		t.Error("both methods give the same")
	}
	if n := w.asked.Load(); n != 1 {
		t.Errorf("the utterances were drawn %d times", n)
	}
}

func TestWhatIsFoundIsMarked(t *testing.T) {
	got, err := dial(t, serving(t, base), nil).GetMap(t.Context(), &semroutev1.GetMapRequest{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	marked := map[uint32]map[semroutev1.MapMark]bool{}
	for _, n := range got.GetNotes() {
		kinds[n.GetMark().String()+" "+n.GetKind()] = true
		if n.GetMessage() == "" || len(n.GetRoutes()) == 0 {
			t.Errorf("a note says nothing: %v", n)
		}
		for _, p := range n.GetPoints() {
			if marked[p] == nil {
				marked[p] = map[semroutev1.MapMark]bool{}
			}
			marked[p][n.GetMark()] = true
		}
	}
	for _, want := range []string{"MAP_MARK_LINT near_duplicate", "MAP_MARK_LINT thin_route", "MAP_MARK_OVERLAP "} {
		if !kinds[want] {
			t.Errorf("%s is missing among %v", want, kinds)
		}
	}
	for i, p := range got.GetPoints() {
		own := map[semroutev1.MapMark]bool{}
		for _, m := range p.GetMarks() {
			own[m] = true
		}
		if len(own) != len(marked[uint32(i)]) {
			t.Errorf("%q is marked %v, but noted %v", p.GetText(), own, marked[uint32(i)])
		}
		if p.GetText() == "where is my refund for the lamps that i sent back" && !own[semroutev1.MapMark_MAP_MARK_OVERLAP] {
			t.Errorf("%q lies among refunds, but is marked %v", p.GetText(), p.GetMarks())
		}
	}
}

func TestPromptsArePlacedAmongTheirNearest(t *testing.T) {
	w := serving(t, base)
	client := dial(t, w, nil)
	whole, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.PlacePrompts(t.Context(), &semroutev1.PlacePromptsRequest{Prompts: []string{"my package is late", "money back"}, Nearest: 3})
	if err != nil {
		t.Fatal(err)
	}
	if got.GetFingerprint() != whole.GetFingerprint() || len(got.GetPlacements()) != 2 {
		t.Fatalf("got %v", got)
	}
	late := got.GetPlacements()[0]
	if late.GetDecision().GetRoute() != "delivery" || len(late.GetNearest()) != 3 || late.GetNearest()[0].GetText() != "my package is late" || late.GetNearest()[0].GetSimilarity() < .99 {
		t.Errorf("an utterance itself is placed so: %v", late)
	}
	for _, n := range late.GetNearest() {
		p := whole.GetPoints()[n.GetPoint()]
		if p.GetText() != n.GetText() || p.GetX() != n.GetX() || whole.GetRoutes()[p.GetRoute()] != n.GetRoute() {
			t.Errorf("neighbour %v is another point: %v", n, p)
		}
	}
	if math.Hypot(float64(late.GetX()-late.GetNearest()[0].GetX()), float64(late.GetY()-late.GetNearest()[0].GetY())) > .05 {
		t.Errorf("it lies far from itself: %v", late)
	}
	if n := w.asked.Load(); n != 1 {
		t.Errorf("the utterances were drawn %d times", n)
	}
}

func TestAnotherCatalogIsAnotherMap(t *testing.T) {
	w := serving(t, base)
	client := dial(t, w, nil)
	before, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Replace(t.Context(), parsed(t, strings.Replace(base, "what is the weather like", "what is the weather like, will it rain", 1))); err != nil {
		t.Fatal(err)
	}
	after, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{})
	if err != nil || after.GetFingerprint() == before.GetFingerprint() || len(after.GetPoints()) != len(before.GetPoints())+1 {
		t.Errorf("%v: %d points before, %d after", err, len(before.GetPoints()), len(after.GetPoints()))
	}
}

func TestAllWaitForOneDrawing(t *testing.T) {
	w := serving(t, base)
	w.gate = make(chan struct{})
	client := dial(t, w, nil)
	impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetMap(impatient, &semroutev1.GetMapRequest{}); status.Code(err) != codes.DeadlineExceeded {
		t.Fatalf("got %v", err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{}); err != nil {
				t.Error(err)
			}
		})
	}
	close(w.gate)
	all.Wait()
	if n := w.asked.Load(); n != 1 {
		t.Errorf("the utterances were drawn %d times", n)
	}
}

func TestCloseEndsADrawing(t *testing.T) {
	w := serving(t, base)
	w.gate = make(chan struct{}) // which nobody opens
	maps := mapapi.New(w, nil)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := maps.GetMap(ctx, &semroutev1.GetMapRequest{})
		failed <- err
	}()
	for w.asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	maps.Close()
}

func TestAbstentionsArePlaced(t *testing.T) {
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "kept.db"), store.Config{Prompts: store.FullPrompts, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	client := dial(t, serving(t, base), kept)
	none, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{Abstentions: 10})
	if err != nil || len(none.GetAbstentions()) != 0 || !strings.Contains(none.GetAbstentionsNotice(), "--store-prompts") {
		t.Fatalf("%v: %v", err, none.GetAbstentionsNotice())
	}
	long := strings.Repeat("ä", 200)
	for i, r := range []store.Record{{Prompt: "money"}, {Prompt: "a refund", Route: "refunds"}, {Prompt: long, Reason: "below confidence"}} {
		r.Decision, r.Time, r.Body = fmt.Sprint("d", i), time.Unix(int64(1000+i), 0), []byte(`{}`)
		kept.Append(r)
	}
	for range 2 { // the second time they are known
		got, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{Abstentions: 10})
		if err != nil {
			t.Fatal(err)
		}
		list := got.GetAbstentions()
		if len(list) != 2 || list[0].GetDecisionId() != "d2" || list[1].GetText() != "money" || list[0].GetReason() != "below confidence" {
			t.Fatalf("got %v", list)
		}
		if text := list[0].GetText(); len(text) > 96 || !strings.HasPrefix(text, "ää") || !strings.HasSuffix(text, "ä…") {
			t.Errorf("the text is %q", text)
		}
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	client := dial(t, serving(t, base), nil)
	many := make([]string, 17)
	for i := range many {
		many[i] = "x"
	}
	for name, req := range map[string]*semroutev1.PlacePromptsRequest{
		"none": {}, "empty": {Prompts: []string{""}}, "too many": {Prompts: many}, "too near": {Prompts: many[:1], Nearest: 21},
		"too long": {Prompts: []string{strings.Repeat("x", 65537)}}, "no method": {Prompts: many[:1], Method: 9},
	} {
		if _, err := client.PlacePrompts(t.Context(), req); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{Abstentions: 201}); status.Code(err) != codes.InvalidArgument {
		t.Errorf("got %v", err)
	}
}

func TestNothingIsServedYet(t *testing.T) {
	e := engine.New(parsed(t, base), engine.Config{Log: zerolog.Nop()})
	client := dial(t, &watched{Engine: e}, nil)
	if _, err := client.GetMap(t.Context(), &semroutev1.GetMapRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
}
