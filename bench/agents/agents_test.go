package agents_test

import (
	"context"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/bench/agents"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

const root = "../../"

// often is how often a route's prompts come: most of what is asked is easy.
var often = map[string]int{"coding": 1, "maths": 1, "writing": 4, "small_talk": 4}

// setup is the assistant of the examples with its test prompts, decided for real.
func setup(t *testing.T) agents.Setup {
	t.Helper()
	catalog, err := routes.Load(root + "examples/assistant")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := engine.Open(t.Context(), catalog, engine.Config{
		Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory, Name: "agents"},
		Settings: router.Settings{}, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	file, err := os.Open(root + "testdata/prompts/assistant.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	prompts, err := routes.ReadLabelled(file, "assistant.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	s := agents.Setup{Catalog: catalog, Decider: opened, Strength: []string{"local", "standard", "strong"}, Turns: 20_000, Seed: 7}
	for _, p := range prompts {
		for range often[p.Route] {
			s.Subjects = append(s.Subjects, agents.Subject{Text: p.Text, Route: p.Route})
		}
	}
	return s
}

func keeper(t *testing.T, store session.Store, shared bool) *session.Keeper {
	t.Helper()
	k, err := session.New(session.Config{Store: store, Shared: shared, Expiry: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func run(t *testing.T, s agents.Setup) agents.Result {
	t.Helper()
	result, err := agents.Simulate(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestConversationsStayPut measures agents' traffic with and without sessions:
// `go test ./bench/agents -run StayPut -v` prints the figures.
func TestConversationsStayPut(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 turns take too long under -short")
	}
	s := setup(t)
	alone := run(t, s)
	s.Sessions = []ingress.Sessions{keeper(t, nil, false)}
	held := run(t, s)
	for name, r := range map[string]agents.Result{"every turn alone": alone, "conversations held": held} {
		t.Logf("%s: %d turns, %d changes of subject that need another model, %d switches, %d within a loop of tools, quality %.1f %%, cost %.1f %% below the strongest model, known %.1f %%, %v",
			name, r.Turns, r.Changes, r.Switches, r.LoopSwitches, 100*r.Quality(), 100*r.Saved(), 100*(1-float64(r.Known)/float64(r.Best)), r.Reasons)
	}
	switch {
	case held.LoopSwitches > 0:
		t.Errorf("%d switches between a tool call and its result", held.LoopSwitches)
	case held.Switches == 0:
		t.Error("nothing ever switches")
	case 5*held.Switches > alone.Switches:
		t.Errorf("%d switches, more than a fifth of the %d of turns that stand alone", held.Switches, alone.Switches)
	case held.Saved() < 0.6:
		t.Errorf("saves %.1f %%", 100*held.Saved())
	case held.Quality() < 0.93: // the strongest model answers 95 % well
		t.Errorf("quality %.1f %%", 100*held.Quality())
	}
}

// shared is a store that several replicas write to.
type shared struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (s *shared) Get(_ context.Context, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data, ok := s.kept[name]; ok {
		return data, nil
	}
	return nil, session.ErrNotKept
}

func (s *shared) Put(_ context.Context, name string, data []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = data
	return nil
}

// forgetful is a replica that is restarted before every turn.
type forgetful struct {
	t     *testing.T
	store session.Store
}

func (f forgetful) Known(ctx context.Context, name string, answers int) (session.State, bool, error) {
	return keeper(f.t, f.store, true).Known(ctx, name, answers)
}

func (f forgetful) Keep(ctx context.Context, name string, s session.State) error {
	return keeper(f.t, f.store, true).Keep(ctx, name, s)
}

// TestReplicasAndRestartsChangeNothing: whether one process answers all turns, three
// take turns, or each is restarted before every turn, the same becomes of all.
func TestReplicasAndRestartsChangeNothing(t *testing.T) {
	s := setup(t)
	s.Turns = 1500
	s.Sessions = []ingress.Sessions{keeper(t, nil, false)}
	one := run(t, s)
	store := &shared{kept: map[string][]byte{}}
	ways := map[string][]ingress.Sessions{
		"three replicas": {keeper(t, store, true), keeper(t, store, true), keeper(t, store, true)},
		"restarts":       {forgetful{t, &shared{kept: map[string][]byte{}}}},
	}
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		s.Sessions = ways[name]
		if diff := cmp.Diff(one, run(t, s)); diff != "" {
			t.Errorf("%s (-one process +these):\n%s", name, diff)
		}
	}
}
