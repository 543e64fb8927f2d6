package systemone_test

import (
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress/ingresstest"
	"github.com/semroute/semroute/ingress/systemone"
)

func serve(t *testing.T) string {
	t.Helper()
	calls := ingresstest.New(t)
	h := systemone.New(systemone.Config{Calls: calls.Service, Embedder: calls, Tokens: calls})
	return ingresstest.Serve(t, h.Routes()) + "/v1/systemone"
}

func ask(state, questions string) string {
	return `{"model":"auto","state":` + state + `,"questions":{` + questions + `}}`
}

func TestQuestionsAreAnswered(t *testing.T) {
	url := serve(t)
	for name, c := range map[string]struct {
		request string
		want    map[string]string
	}{
		"a choice of all routes": {
			ask(`"my refund"`, `"q":{"type":"choice","criteria":{"refunds":null,"shipping":null,"broken":"x","talk":null}}`),
			map[string]string{"answers.q.type": "choice", "answers.q.choice": "refunds", "answers.q.confidence": "0.7", "answers.q.calibrated": "true"},
		},
		"a choice of some routes": {
			ask(`"my refund"`, `"q":{"type":"choice","criteria":{"shipping":"parcels","refunds":"money"}}`),
			map[string]string{"answers.q.choice": "refunds", "answers.q.confidence": "0.7", "answers.q.probabilities.refunds": "0.875"},
		},
		"no route fits": {
			ask(`"hm"`, `"q":{"type":"choice","criteria":{"shipping":null,"refunds":null}}`),
			map[string]string{"answers.q.abstained": "true", "answers.q.reason": "below confidence", "answers.q.confidence": "0.1"},
		},
		"an object": {
			ask(`{"subject":"hello","body":["a","my refund"]}`, `"q":{"type":"choice","criteria":{"shipping":null,"refunds":null}}`),
			map[string]string{"answers.q.choice": "refunds"},
		},
		"a key is no text": {
			ask(`{"refund":"good day"}`, `"q":{"type":"choice","criteria":{"shipping":null,"refunds":null}}`),
			map[string]string{"answers.q.abstained": "true"},
		},
		"a conversation": {
			ask(`[{"role":"assistant","content":"parcel"},{"role":"user","content":"my refund"}]`, `"q":{"type":"choice","criteria":{"shipping":null,"refunds":null}}`),
			map[string]string{"answers.q.choice": "refunds"},
		},
		"a choice by texts": {
			ask(`"a refund"`, `"q":{"type":"choice","criteria":{"money":"about a refund","other":"anything else"}}`),
			map[string]string{"answers.q.choice": "money", "answers.q.calibrated": "false"},
		},
		"a score": {
			ask(`"a refund"`, `"q":{"type":"score","criteria":["nothing","about a refund"]}`),
			map[string]string{"answers.q.type": "score", "answers.q.legend.1": "about a refund", "answers.q.calibrated": "false"},
		},
		"yes or no": {
			ask(`"a refund"`, `"q":{"type":"noul","instructions":"Is it?"}`),
			map[string]string{"answers.q.noul": "0.5", "answers.q.probabilities": "", "answers.q.confidence": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url, c.request)
			if status != http.StatusOK {
				t.Fatalf("status %d: %s", status, answer)
			}
			for path, want := range c.want {
				if got := gjson.Get(answer, path).String(); got != want {
					t.Errorf("%s is %q, want %q in %s", path, got, want, answer)
				}
			}
			sum := 0.0
			shares := gjson.Get(answer, "answers.q.probabilities")
			shares.ForEach(func(_, p gjson.Result) bool { sum += p.Num; return true })
			if shares.Exists() && math.Abs(sum-1) > 1e-9 {
				t.Errorf("the probabilities come to %g in %s", sum, answer)
			}
		})
	}
}

// TestAnswersDependOnTheirOwnQuestionAlone: not on the order of options, nor on
// the other questions.
func TestAnswersDependOnTheirOwnQuestionAlone(t *testing.T) {
	url := serve(t)
	const q, turned = `"q":{"type":"choice","criteria":{"a":"a refund","b":"other","c":"more"}}`, `"q":{"type":"choice","criteria":{"c":"more","b":"other","a":"a refund"}}`
	want := ""
	for _, questions := range []string{q, turned, q + `,"z":{"type":"noul"}`, `"a":{"type":"choice","criteria":{"refunds":null,"shipping":null}},` + turned} {
		_, _, answer := ingresstest.Post(t, url, ask(`"my refund"`, questions))
		got := gjson.Get(answer, "answers.q").Raw
		if want == "" {
			want = got
		}
		if got == "" || got != want {
			t.Errorf("%s gave %s, want %s", questions, got, want)
		}
	}
}

func TestWhatCannotBeAnsweredIsRefused(t *testing.T) {
	url := serve(t)
	for name, c := range map[string]struct {
		request, loc, kind string
		status             int
	}{
		"an option without a route": {ask(`"x"`, `"q":{"type":"choice","criteria":{"refunds":null,"weather":null}}`), `["body","questions","q","criteria","weather"]`, "unsupported", 422},
		"a box":                     {ask(`"x"`, `"q":{"type":"box"}`), `["body","questions","q"]`, "unsupported", 422},
		"one option":                {ask(`"x"`, `"q":{"type":"choice","criteria":{"refunds":null}}`), `["body","questions","q"]`, "unsupported", 422},
		"no state":                  {`{"model":"auto","questions":{"q":{"type":"noul"}}}`, `["body","state"]`, "value_error", 422},
		"no questions":              {`{"model":"auto","state":"x"}`, `["body","questions"]`, "value_error", 422},
		"no JSON":                   {`{`, `["body"]`, "value_error", 422},
		"a picture":                 {`{"state":"x","assets":{"a":{}},"questions":{"q":{"type":"noul"}}}`, `["body","assets"]`, "unsupported", 422},
		"too deep":                  {ask(strings.Repeat("[", 40)+strings.Repeat("]", 40), `"q":{"type":"noul"}`), `["body","state"]`, "value_error", 422},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url, c.request)
			if status != c.status || gjson.Get(answer, "detail.0.loc").Raw != c.loc || gjson.Get(answer, "detail.0.type").Str != c.kind {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}
