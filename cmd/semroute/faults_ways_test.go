//go:build integration && linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/auth"
	restapi "github.com/semroute/semroute/server/rest"
	"github.com/tidwall/gjson"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"
)

// asked is a request in JSON, and what of its answer is the same as long as all is
// well: a path of gjson, or wholly. An RPC is asked by gRPC and, where it has such a form, as REST.
type asked struct{ body, same string }

const (
	textPrompt = `{"prompt":{"text":"where is my refund"}}`
	toldBefore = `[{"put_route":{"route":{route}}}]`
	messages   = `"messages":[{"role":"user","content":"where is my refund"}]`
)

// moves: whether it is done or has too little to be done with depends on how many
// prompts there were; both are as ever.
const moves = "@moves"

// wholly: every byte of the answer.
const wholly = "@wholly"

// questions are asked of every action in the table of roles, which tests hold to the
// schema and to the paths of the HTTP listener: who adds an RPC or a path says here
// how it is asked, or TestFaults fails. Changes are such that leave the catalog as it is.
// {decision} and {response} are kept ones, {route} is the definition of refunds.
var questions = map[auth.Action]asked{
	"/semroute.v1.RouterService/Route":       {textPrompt, "decision.route"},
	"/semroute.v1.RouterService/RouteBatch":  {`{"prompts":[{"text":"where is my refund"},{"text":"track my order"}]}`, "decisions.#.route"},
	"/semroute.v1.RouterService/StreamRoute": {textPrompt, "[decision.route,piece.text]"},

	"/semroute.v1.CatalogService/ListRoutes":       {`{}`, "routes.#.name"},
	"/semroute.v1.CatalogService/GetRoute":         {`{"name":"refunds"}`, "route.utterances"},
	"/semroute.v1.CatalogService/PutRoute":         {`{"route":{route}}`, "applied.unchanged"},
	"/semroute.v1.CatalogService/DeleteRoute":      {`{"name":"nowhere"}`, ""},
	"/semroute.v1.CatalogService/AddUtterances":    {`{"route":"nowhere","utterances":["x"]}`, ""},
	"/semroute.v1.CatalogService/RemoveUtterances": {`{"route":"nowhere","utterances":["x"]}`, ""},
	"/semroute.v1.CatalogService/ApplyChanges":     {`{"changes":` + toldBefore + `}`, "applied.unchanged"},
	"/semroute.v1.CatalogService/ValidateCatalog":  {`{"changes":` + toldBefore + `}`, "problems.#"},
	"/semroute.v1.CatalogService/Preview":          {`{"changes":` + toldBefore + `,"prompts":[{"text":"track my order","route":"shipping"}]}`, "[decided,broken]"},
	"/semroute.v1.CatalogService/GetStatus":        {`{}`, "status.routes"},
	"/semroute.v1.CatalogService/WatchStatus":      {`{}`, "status.routes"},
	"/semroute.v1.CatalogService/Reload":           {`{}`, "applied.unchanged"},
	"/semroute.v1.CatalogService/Rollback":         {`{"number":9999}`, ""},
	"/semroute.v1.CatalogService/ListRevisions":    {`{}`, "revisions.#"},
	"/semroute.v1.CatalogService/GetRevision":      {`{"number":1}`, "yaml"},
	"/semroute.v1.CatalogService/ExportCatalog":    {`{}`, "yaml"},

	"/semroute.v1.FeedbackService/GiveFeedback":     {`{"feedback":{"decision_id":"{decision}","verdict":"RIGHT"},"idempotency_key":"once"}`, "feedback.verdict"},
	"/semroute.v1.FeedbackService/ListFeedback":     {`{}`, "entries.#"},
	"/semroute.v1.FeedbackService/ExportFeedback":   {`{}`, "[text,route]"},
	"/semroute.v1.FeedbackService/GetPromises":      {`{}`, "promises.#"},
	"/semroute.v1.FeedbackService/ListSuggestions":  {`{}`, "suggestions.#"},
	"/semroute.v1.FeedbackService/AcceptSuggestion": {`{"suggestion_id":"nowhere"}`, ""},
	"/semroute.v1.FeedbackService/RejectSuggestion": {`{"suggestion_id":"nowhere"}`, ""},

	"/semroute.v1.TrafficService/GetDrift":      {`{}`, "fingerprint"},
	"/semroute.v1.TrafficService/AcceptDrift":   {`{}`, moves},
	"/semroute.v1.TrafficService/ListAlarms":    {`{}`, "alarms.#"},
	"/semroute.v1.TrafficService/GetShadow":     {`{}`, "candidate"},
	"/semroute.v1.TrafficService/PromoteShadow": {`{}`, ""},
	"/semroute.v1.TrafficService/GetTrials":     {`{}`, "trials.#"},
	"/semroute.v1.TrafficService/GetDecision":   {`{"decision_id":"{decision}"}`, "decision.route"},
	"/semroute.v1.TrafficService/ListDecisions": {`{"user":"whoever was first"}`, "decisions.#.route"},

	"/semroute.v1.MapService/GetMap":              {`{}`, "points.#.text"},
	"/semroute.v1.MapService/PlacePrompts":        {`{"prompts":["where is my refund"]}`, "placements.#.decision.route"},
	"/semroute.v1.TrafficService/GetTraffic":      {`{"since":"2020-01-01T00:00:00Z","before":"2020-01-02T00:00:00Z"}`, "total.decisions"},
	"/semroute.v1.TrafficService/ListModelStates": {`{}`, "models.#.name"},
	"/semroute.v1.TrafficService/ListBudgets":     {`{}`, "budgets.#.name"},
	"/semroute.v1.QualityService/GetEvaluation":   {`{}`, ""},

	"POST /v1/chat/completions":          {`{"model":"auto",` + messages + `}`, "choices.0.message.content"},
	"POST /v1/responses":                 {`{"model":"auto","input":"where is my refund","store":false}`, "output.#.content.0.text"},
	"POST /v1/responses/compact":         {`{"model":"auto","input":"x"}`, ""},
	"GET /v1/responses/{id}":             {`{"id":"{response}"}`, "output.#.content.0.text"},
	"GET /v1/responses/{id}/input_items": {`{"id":"{response}"}`, "data.#.content.0.text"},
	"DELETE /v1/responses/{id}":          {`{"id":"resp_nowhere"}`, ""},
	"POST /v1/embeddings":                {`{"model":"auto","input":"where is my refund"}`, "data.0.embedding"},
	"GET /v1/models":                     {`{}`, "data.#.id"},
	"GET /v1/models/{name...}":           {`{"name":"auto"}`, "id"},
	"POST /v1/messages":                  {`{"model":"auto","max_tokens":9,` + messages + `}`, "content.0.text"},
	"POST /v1/messages/count_tokens":     {`{"model":"auto",` + messages + `}`, "input_tokens"},
	"POST /v1/systemone":                 {`{"model":"auto","state":"where is my refund","questions":{"q":{"type":"choice","criteria":{"refunds":null,"shipping":null}}}}`, "answers.q.choice"},
	"GET /openapi.yaml":                  {`{}`, wholly},
	"GET /console":                       {`{}`, wholly},
	"GET /console/{file...}":             {`{"file":"main.css"}`, wholly},
	"GET /console/login":                 {`{}`, ""},
	"GET /console/login/done":            {`{}`, ""},
	"GET /console/session":               {`{}`, wholly},
	"POST /console/session":              {`{}`, wholly},
	"DELETE /console/session":            {`{}`, wholly},
}

// notAsked are no way in of their own, or stand on the administrators' listener, whose
// answers are made without any part.
func notAsked(a auth.Action) bool {
	return a == auth.ToDecide || a == auth.ToForward || strings.HasPrefix(string(a), "/grpc.") ||
		strings.HasPrefix(string(a), "GET /debug/") || a == "GET /metrics" || a == "GET /healthz" || a == "GET /readyz"
}

// reply is what a way in gave: its code, what is the same as long as all is well (of an
// error what it says, of a decision in an HTTP head its route and stage), and whether
// it says that it is degraded.
type reply struct {
	code, same string
	degraded   bool
	err        error
}

// kept is what the server has kept before any fault: the ids of a decision and of a
// response, and the definition of a route.
type kept struct{ decision, response, route string }

// wayIn is one RPC or path, asked in one protocol.
type wayIn struct {
	name string
	ask  func(ctx context.Context) reply
}

// target is where a server is asked.
type target struct {
	conn  *grpc.ClientConn
	web   string
	http  *http.Client
	admin string // of a server in a process of its own; or empty
}

var saysDegraded = regexp.MustCompile(`"degradations":\s*\[\s*[^\]\s]`)

// ways are all: every action by its own protocol, every RPC that has such a form as
// REST, and a call to a model by Route.
func (s target) ways(t *testing.T, known kept) []wayIn {
	t.Helper()
	fill := strings.NewReplacer("{decision}", known.decision, "{response}", known.response, "{route}", known.route)
	var list []wayIn
	for _, action := range auth.Actions() {
		if notAsked(action) {
			continue
		}
		q, ok := questions[action]
		if !ok {
			t.Fatalf("nobody says how %s is asked", action)
		}
		q.body = fill.Replace(q.body)
		if strings.HasPrefix(string(action), "/") {
			list = append(list, wayIn{string(action), s.rpc(t, string(action), q)})
			continue
		}
		list = append(list, wayIn{string(action), s.path(string(action), q)})
	}
	for _, rule := range append(restapi.Rules(), restapi.RouteRule()) {
		dot := strings.LastIndexByte(rule.GetSelector(), '.')
		q := questions[auth.Action("/"+rule.GetSelector()[:dot]+"/"+rule.GetSelector()[dot+1:])]
		q.body = fill.Replace(q.body)
		list = append(list, wayIn{restapi.Pattern(rule), s.path(restapi.Pattern(rule), q)})
	}
	const forwarded = "/semroute.v1.RouterService/Route"
	list = append(list, wayIn{forwarded + ", forwarded", s.rpc(t, forwarded, asked{`{"prompt":{"text":"where is my refund"},"forward":true}`, "[decision.route,answer.text]"})})
	slices.SortStableFunc(list, func(a, b wayIn) int { return strings.Compare(a.name, b.name) })
	return list
}

// rpc asks by gRPC. Of a stream that goes on for ever the first message is read.
func (s target) rpc(t *testing.T, method string, q asked) func(context.Context) reply {
	t.Helper()
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(method[1:], "/", ".")))
	if err != nil {
		t.Fatal(err)
	}
	described, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		t.Fatalf("%s is no method", method)
	}
	request := dynamicpb.NewMessage(described.Input())
	if err := protojson.Unmarshal([]byte(q.body), request); err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	return func(ctx context.Context) reply {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
		if err == nil {
			err = errors.Join(stream.SendMsg(request), stream.CloseSend())
		}
		r := reply{}
		for err == nil {
			answer := dynamicpb.NewMessage(described.Output())
			if err = stream.RecvMsg(answer); err != nil {
				break
			}
			r.add(answer, q.same)
			if strings.HasSuffix(method, "/WatchStatus") {
				err = io.EOF
			}
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		r.code, r.err = status.Code(err).String(), err
		if err != nil {
			r.same += status.Convert(err).Message()
		}
		if q.same == moves && (r.code == "OK" || r.code == "FailedPrecondition") {
			return reply{code: moves}
		}
		return r
	}
}

func (r *reply) add(answer proto.Message, same string) {
	written, err := protojson.MarshalOptions{EmitDefaultValues: true, UseProtoNames: true}.Marshal(answer)
	if err != nil {
		r.err = err
	}
	r.same += pick(written, same)
	r.degraded = r.degraded || saysDegraded.Match(written)
}

// pick is what a path of gjson finds, without the spaces that protojson adds at random.
func pick(answer []byte, path string) string {
	switch path {
	case "", moves:
		return ""
	case wholly:
		return string(answer)
	}
	found := gjson.GetBytes(answer, path)
	if found.Type == gjson.JSON {
		return gjson.Get(found.Raw, "@ugly").Raw
	}
	return found.String()
}

var inPath = regexp.MustCompile(`\{(\w+)(?:\.\.\.)?\}`)

// path asks by HTTP: what the pattern wants in its path goes there, the rest into the
// query or the body.
func (s target) path(pattern string, q asked) func(context.Context) reply {
	method, path, _ := strings.Cut(pattern, " ")
	path = inPath.ReplaceAllStringFunc(path, func(field string) string {
		return url.PathEscape(gjson.Get(q.body, inPath.FindStringSubmatch(field)[1]).String())
	})
	if method != http.MethodPost {
		query := url.Values{}
		gjson.Parse(q.body).ForEach(func(name, value gjson.Result) bool {
			if !strings.Contains(pattern, "{"+name.String()) {
				query.Set(name.String(), value.String())
			}
			return true
		})
		path += "?" + query.Encode()
		q.body = ""
	}
	return func(ctx context.Context) reply {
		answer, code, head, err := s.send(ctx, method, path, q.body)
		if q.same == moves && (code == "200 OK" || code == "400 Bad Request") {
			return reply{code: moves}
		}
		if err != nil {
			return reply{code: code, same: err.Error(), err: err}
		}
		same := strings.Join([]string{pick(answer, q.same), head.Get("X-Semroute-Route"), head.Get("X-Semroute-Stage")}, " ")
		return reply{code: code, same: same, degraded: saysDegraded.Match(answer) || head.Get("X-Semroute-Degraded") != ""}
	}
}

// send asks by HTTP and reads the whole answer; a status beyond 299 is an error.
func (s target) send(ctx context.Context, method, path, body string) (answer []byte, code string, head http.Header, err error) {
	request, err := http.NewRequestWithContext(ctx, method, s.web+path, strings.NewReader(body))
	if err != nil {
		return nil, "", nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.http.Do(request)
	if err != nil {
		return nil, "no answer", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	if err == nil && response.StatusCode > 299 {
		err = fmt.Errorf("%s", answer)
	}
	if err == nil && path != "/openapi.yaml?" && !strings.HasPrefix(path, "/console") && !json.Valid(answer) {
		err = fmt.Errorf("no JSON: %.200s", answer)
	}
	return answer, response.Status, response.Header, err
}

// outcome is what became of a call while a part fails.
type outcome string

const (
	sound    outcome = "sound"    // the same as ever
	degraded outcome = "degraded" // an answer that says what it had to do without
	refused  outcome = "error"    // an error, told as one
	wrong    outcome = "WRONG"    // an answer that is not as ever and does not say so, or that blames the caller
	late     outcome = "HUNG"
)

// faultPatience is how long a call waits, and faultLate how much longer it may take to end.
const (
	faultPatience = 2 * time.Second
	faultLate     = 4 * time.Second
)

// try asks and says what became of it.
func (w *wayIn) try(asEver reply) (outcome, reply) {
	ctx, cancel := context.WithTimeout(context.Background(), faultPatience)
	defer cancel()
	start := time.Now()
	got := w.ask(ctx)
	switch {
	case time.Since(start) > faultPatience+faultLate:
		return late, got
	case got.degraded && got.err == nil:
		return degraded, got
	case got.code == asEver.code && got.same == asEver.same:
		return sound, got
	case got.err == nil || blamesCaller(got.code):
		return wrong, got
	}
	return refused, got
}

// blamesCaller: the code says that the request is at fault, which is the same as ever.
func blamesCaller(code string) bool {
	for _, c := range []codes.Code{
		codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition, codes.PermissionDenied,
		codes.Unauthenticated, codes.OutOfRange, codes.Unimplemented,
	} {
		if code == c.String() {
			return true
		}
	}
	switch {
	case !strings.HasPrefix(code, "4"):
		return false
	case strings.HasPrefix(code, "408"), strings.HasPrefix(code, "409"), strings.HasPrefix(code, "429"), strings.HasPrefix(code, "499"):
		return false
	}
	return true
}
