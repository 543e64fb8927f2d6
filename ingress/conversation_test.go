package ingress_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

const twoTiers = `
models:
  - {name: large, provider: openai, model: l, base_url: "http://127.0.0.1:1", capabilities: [tools, vision]}
  - {name: small, provider: openai, model: s, base_url: "http://127.0.0.1:1", capabilities: [tools]}
  - {name: spare, provider: openai, model: p, base_url: "http://127.0.0.1:1"}
routes:
  - {name: coding, models: [large, spare], utterances: [code]}
  - {name: chat, models: [small, spare], utterances: [chat]}
  - {name: review, models: [large, small], utterances: [review]}
fallback: {models: [spare]}
`

// told decides by the first word of the newest message of a user: a route, with how
// sure it is behind a colon.
type told struct{}

func (d told) Decide(_ context.Context, p router.Prompt, _ router.Limits) (router.Decision, error) {
	text := ""
	for i := range p.Messages {
		if p.Messages[i].Role == chat.User {
			text = p.Messages[i].Text()
		}
	}
	word, sure, _ := strings.Cut(text, ":")
	decision := router.Decision{ID: router.NewID(), Stage: router.StageSemantic, Route: word, Leading: word, Confidence: 0.95, Margin: 0.9}
	if sure == "hardly" {
		decision.Confidence, decision.Margin = 0.5, 0.1
		decision.RunnerUp = map[string]string{"chat": "coding", "coding": "chat"}[word]
	}
	switch word {
	case "coding":
		decision.Models = []string{"large", "spare"}
	case "chat":
		decision.Models = []string{"small", "spare"}
	case "review":
		decision.Models = []string{"large", "small"}
	case "rule":
		decision.Route, decision.Rule, decision.Stage, decision.Models = "chat", "r", router.StageRule, []string{"small", "spare"}
	default:
		decision.Route, decision.Leading, decision.Abstained, decision.Stage, decision.Models = "", "", true, router.StageFallback, []string{"spare"}
	}
	return decision, nil
}

func (d told) DecideBatch(ctx context.Context, prompts []router.Prompt, l router.Limits) ([]router.Decision, error) {
	var list []router.Decision
	for _, p := range prompts {
		one, err := d.Decide(ctx, p, l)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

type letters struct{}

func (letters) CountTokens(text string) int { return len(text) / 4 }

// answering has the first model that the real policies name answer, unless it is
// broken.
type answering struct {
	*policy.Order
	broken string
}

func (a *answering) Forward(_ context.Context, call forward.Call, sink forward.Sink) (forward.Record, error) {
	order := slices.DeleteFunc(a.Models(call), func(m string) bool { return m == a.broken })
	record := forward.Record{Decision: call.Decision, Model: order[0], Usage: forward.Usage{InputTokens: 100, OutputTokens: 10}}
	if call.Session != nil {
		s := call.Session.Answered(record.Model)
		record.Session = &s
	}
	return record, sink(forward.Piece{Text: "sure"})
}

// room is a service over the catalog, with what it calls.
func room(t *testing.T, sessions ingress.Sessions) (*ingress.Service, *answering, *routes.Catalog) {
	t.Helper()
	catalog, err := routes.Parse("catalog.yaml", []byte(twoTiers))
	if err != nil {
		t.Fatal(err)
	}
	order, err := policy.NewOrder(policy.Deps{Catalog: catalog, Tokens: letters{}}, forward.Config{})
	if err != nil {
		t.Fatal(err)
	}
	calls := &answering{Order: order}
	return ingress.New(ingress.Config{Decider: told{}, Forwarder: calls, Sessions: sessions, Catalog: func() *routes.Catalog { return catalog }}), calls, catalog
}

func memory(t *testing.T) *session.Keeper {
	t.Helper()
	k, err := session.New(session.Config{Expiry: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// talk is a conversation of a client, who sends all of it with every turn.
type talk struct {
	t        *testing.T
	room     *ingress.Service
	who      *auth.Identity
	ask      ingress.Ask
	request  forward.Request
	messages []chat.Message
}

// say sends a turn, a text of a user or the result of a tool, and gives the record.
func (c *talk) say(message chat.Message) forward.Record {
	c.t.Helper()
	c.messages = append(c.messages, message)
	ask, request := c.ask, c.request
	request.Messages = slices.Clone(c.messages)
	ask.Prompt.Messages = request.Messages
	ask.Request = func() (forward.Request, error) { return request, nil }
	call, err := c.room.Begin(auth.NewContext(c.t.Context(), c.who), ask)
	if err != nil {
		c.t.Fatal(err)
	}
	var answer forward.Collector
	record, err := call.Forward(c.t.Context(), answer.Add)
	if err != nil {
		c.t.Fatal(err)
	}
	if call.Decision.Models[0] != record.Model && record.Session.Reason != "failed" {
		c.t.Errorf("the decision says %q, and %s answered", call.Decision.Models, record.Model)
	}
	c.messages = append(c.messages, chat.Say(chat.Assistant, answer.Answer().Text))
	return record
}

func user(text string) chat.Message { return chat.Say(chat.User, text) }

// TestConversations follows the model of one conversation from turn to turn.
func TestConversations(t *testing.T) {
	result := chat.Message{Role: chat.Tool, ToolCallID: "1", Parts: []chat.Part{{Text: "found"}}}
	picture := func(text string) chat.Message {
		return chat.Message{Role: chat.User, Parts: []chat.Part{{Text: text}, {Image: &chat.Image{URL: "http://x/y.png"}}}}
	}
	for name, turns := range map[string][]struct {
		says     chat.Message
		model    string
		reason   string
		switched bool
	}{
		"stays while it is unsure, changes when it is sure": {
			{user("coding"), "large", "", false},
			{user("chat:hardly"), "large", "not_worth_it", false},
			{user("what?"), "large", "unsure", false},
			{user("coding"), "large", "same_route", false},
			{user("chat"), "small", "sure", true},
			{user("coding:hardly"), "small", "not_worth_it", false},
		},
		"nothing changes in a loop of tools": {
			{user("chat"), "small", "", false},
			{result, "small", "tool_loop", false},
			{result, "small", "tool_loop", false},
			{user("coding"), "large", "sure", true},
			{result, "large", "tool_loop", false},
		},
		"a rule has its way": {
			{user("coding"), "large", "", false},
			{user("rule"), "small", "told", true},
		},
		"what the model cannot do makes another answer": {
			{user("coding"), "large", "", false},
			{user("chat"), "small", "sure", true},
			{picture("coding"), "large", "cannot_be", true},
		},
		"another route with the same model changes nothing": {
			{user("coding"), "large", "", false},
			{user("review"), "large", "sure", false},
			{user("what?"), "large", "unsure", false},
		},
		"what began nowhere goes on": {
			{user("what?"), "spare", "", false},
			{user("what else?"), "spare", "unsure", false},
			{user("coding"), "large", "sure", true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			service, _, _ := room(t, memory(t))
			c := &talk{t: t, room: service, who: auth.Open()}
			for i, turn := range turns {
				record := c.say(turn.says)
				var got forward.Session
				if record.Session != nil {
					got = *record.Session
				}
				if record.Model != turn.model || got.Reason != turn.reason || got.Switched != turn.switched {
					t.Fatalf("turn %d: %s answers, %+v; want %s, %s, %v", i, record.Model, got, turn.model, turn.reason, turn.switched)
				}
			}
		})
	}
}

func TestAModelThatFailsIsLeft(t *testing.T) {
	service, calls, _ := room(t, memory(t))
	c := &talk{t: t, room: service, who: auth.Open()}
	c.say(user("coding"))
	calls.broken = "large"
	if r := c.say(user("coding")); r.Model != "spare" || !r.Session.Switched || r.Session.Reason != "failed" {
		t.Errorf("%s answers, %+v", r.Model, r.Session)
	}
	calls.broken = ""
	if r := c.say(user("coding")); r.Model != "spare" || r.Session.Switched {
		t.Errorf("afterwards %s answers, %+v", r.Model, r.Session)
	}
}

func caller(id string, claims auth.Claims) *auth.Identity {
	claims.Roles = []auth.Role{auth.Forward, auth.Decide}
	return &auth.Identity{ID: id, Claims: claims}
}

// TestWhoseConversation: a name reaches no other caller's conversation, and none
// widens what a key allows.
func TestWhoseConversation(t *testing.T) {
	service, _, _ := room(t, memory(t))
	ann := caller("ann", auth.Claims{})
	bob := caller("bob", auth.Claims{})
	named := ingress.Ask{Session: "s"}
	(&talk{t: t, room: service, who: ann, ask: named}).say(user("coding"))
	if r := (&talk{t: t, room: service, who: bob, ask: named}).say(user("what?")); r.Session.Previous != "" {
		t.Errorf("bob goes on with ann's conversation: %+v", r.Session)
	}
	if r := (&talk{t: t, room: service, who: ann, ask: named}).say(user("what?")); r.Model != "large" || r.Session.Previous != "large" {
		t.Errorf("ann does not: %s, %+v", r.Model, r.Session)
	}
	narrow := caller("ann", auth.Claims{Models: []string{"small", "spare"}})
	if r := (&talk{t: t, room: service, who: narrow, ask: named}).say(user("what?")); r.Model == "large" {
		t.Errorf("a key without the model has it: %s, %+v", r.Model, r.Session)
	}
	elsewhere := caller("ann", auth.Claims{Routes: []string{"chat"}})
	if r := (&talk{t: t, room: service, who: elsewhere, ask: named}).say(user("chat:hardly")); r.Model != "small" {
		t.Errorf("a key without the route has it: %s, %+v", r.Model, r.Session)
	}
}

// TestConversationsOfTheSameBeginning are told apart by their first answers, and the
// first turn is always decided.
func TestConversationsOfTheSameBeginning(t *testing.T) {
	service, _, _ := room(t, memory(t))
	first := &talk{t: t, room: service, who: auth.Open()}
	first.say(user("coding"))
	second := &talk{t: t, room: service, who: auth.Open()}
	if r := second.say(user("coding")); r.Session != nil {
		t.Errorf("the first turn goes on with %+v", r.Session)
	}
	second.messages[1] = chat.Say(chat.Assistant, "another answer")
	if r := second.say(user("what?")); r.Model != "spare" {
		t.Errorf("another conversation is held: %s, %+v", r.Model, r.Session)
	}
	if r := first.say(user("what?")); r.Model != "large" {
		t.Errorf("its own is not: %s, %+v", r.Model, r.Session)
	}
}

// TestACacheKeyOfManyConversations: a key that all conversations of a program share
// mixes none of them up.
func TestACacheKeyOfManyConversations(t *testing.T) {
	service, _, _ := room(t, memory(t))
	shared := ingress.Ask{CacheKey: "program"}
	long := &talk{t: t, room: service, who: auth.Open(), ask: shared}
	long.say(user("coding"))
	if r := long.say(user("what?")); r.Model != "large" {
		t.Errorf("a conversation is not held by its cache key: %s, %+v", r.Model, r.Session)
	}
	fresh := &talk{t: t, room: service, who: auth.Open(), ask: shared}
	if r := fresh.say(user("chat:hardly")); r.Model != "small" {
		t.Errorf("a new conversation is held: %s, %+v", r.Model, r.Session)
	}
}

// TestWhatTheCatalogNoLongerAllows is not held, whatever answered before.
func TestWhatTheCatalogNoLongerAllows(t *testing.T) {
	service, _, catalog := room(t, memory(t))
	c := &talk{t: t, room: service, who: auth.Open()}
	c.say(user("coding"))
	catalog.Routes[0].Models = []string{"spare"}
	if r := c.say(user("what?")); r.Model != "spare" || r.Session.Reason != "cannot_be" {
		t.Errorf("%s answers, %+v", r.Model, r.Session)
	}
}

func TestWhoNamesAModelGetsIt(t *testing.T) {
	service, _, _ := room(t, memory(t))
	c := &talk{t: t, room: service, who: auth.Open()}
	c.say(user("coding"))
	c.ask.Target = routes.Target{Model: "small"}
	if r := c.say(user("coding")); r.Model != "small" || r.Session != nil {
		t.Errorf("%s answers, %+v", r.Model, r.Session)
	}
	c.ask.Target = routes.Target{Route: "chat"}
	if r := c.say(user("coding")); r.Model != "small" || r.Session.Reason != "told" {
		t.Errorf("%s answers, %+v", r.Model, r.Session)
	}
}

// forgetting is a store that does not answer.
type forgetting struct{}

var errDown = errors.New("down")

func (f *forgetting) Known(context.Context, string, int) (session.State, bool, error) {
	return session.State{}, false, errDown
}
func (f *forgetting) Keep(context.Context, string, session.State) error { return errDown }

func TestAStoreThatIsDownIsSaid(t *testing.T) {
	service, _, _ := room(t, &forgetting{})
	messages := []chat.Message{user("coding"), chat.Say(chat.Assistant, "sure"), user("chat:hardly")}
	request := forward.Request{Messages: messages}
	call, err := service.Begin(auth.NewContext(t.Context(), auth.Open()), ingress.Ask{
		Prompt: router.Prompt{Messages: messages}, Request: func() (forward.Request, error) { return request, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(call.Decision.Degraded) != 1 || call.Decision.Degraded[0].Cause != router.CauseStore || !strings.Contains(call.Decision.Degraded[0].Text, "sessions") {
		t.Errorf("degraded: %+v", call.Decision.Degraded)
	}
	if r, err := call.Forward(t.Context(), func(forward.Piece) error { return nil }); err != nil || r.Model != "small" {
		t.Errorf("%s answers, %v", r.Model, err)
	}
}

// TestADecisionWithANameIsHeldToo: whoever makes the calls alone names the
// conversation; without a name every prompt is decided for itself.
func TestADecisionWithANameIsHeldToo(t *testing.T) {
	service, _, _ := room(t, memory(t))
	ctx := auth.NewContext(t.Context(), auth.Open())
	decide := func(name, text string) string {
		messages := []chat.Message{user("hi"), chat.Say(chat.Assistant, "hello"), user(text)}
		d, err := service.Decide(ctx, ingress.Ask{
			Session: name, Prompt: router.Prompt{Messages: messages},
			Request: func() (forward.Request, error) { return forward.Request{Messages: messages}, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		return d.Model()
	}
	for i, want := range []string{"large", "large", "small"} {
		if got := decide("s", []string{"coding", "chat:hardly", "chat"}[i]); got != want {
			t.Errorf("turn %d: %s, want %s", i, got, want)
		}
	}
	if got := decide("", "coding"); got != "large" {
		t.Errorf("without a name: %s", got)
	}
	if got := decide("", "chat:hardly"); got != "small" {
		t.Errorf("without a name the next one is %s", got)
	}
}

// BenchmarkConversation is what knowing a conversation adds to a call: compare
// alone with held.
func BenchmarkConversation(b *testing.B) {
	keeper, err := session.New(session.Config{Expiry: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range []struct {
		name     string
		sessions ingress.Sessions
	}{{"alone", nil}, {"held", keeper}} {
		b.Run(way.name, func(b *testing.B) {
			catalog, err := routes.Parse("catalog.yaml", []byte(twoTiers))
			if err != nil {
				b.Fatal(err)
			}
			order, err := policy.NewOrder(policy.Deps{Catalog: catalog, Tokens: letters{}}, forward.Config{})
			if err != nil {
				b.Fatal(err)
			}
			service := ingress.New(ingress.Config{Decider: told{}, Forwarder: &answering{Order: order}, Sessions: way.sessions, Catalog: func() *routes.Catalog { return catalog }})
			messages := []chat.Message{user("coding")}
			for range 10 {
				messages = append(messages, chat.Say(chat.Assistant, "sure"), user("chat:hardly"))
			}
			request := forward.Request{Messages: messages}
			ask := ingress.Ask{Prompt: router.Prompt{Messages: messages}, Request: func() (forward.Request, error) { return request, nil }}
			ctx := auth.NewContext(b.Context(), auth.Open())
			for b.Loop() {
				call, err := service.Begin(ctx, ask)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := call.Forward(ctx, func(forward.Piece) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
