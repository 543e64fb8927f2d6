package report

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/router"
)

func reported(t *testing.T, results ...Named) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, "Shop <quality>", time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC), results); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func nasty() *eval.Result {
	prompts, decisions := evaltest.Answered(evaltest.Mixed())
	for i := range prompts {
		prompts[i].Text = `<script>alert("prompt")</script>`
		decisions[i].Matches = []router.Match{{Route: `"><img src=x onerror=alert(2)>`, Utterance: "</ul><script>alert(3)</script>", Similarity: .5}}
	}
	prompts[2].Route = "<b>truth</b>"
	return eval.Measured(prompts, decisions)
}

func TestReportEscapesEverything(t *testing.T) {
	html := reported(t, Named{Name: "<i>set</i>", Result: nasty()})
	if n := strings.Count(html, "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	for _, raw := range []string{"<img", "<b>truth", "<i>set", "<quality>"} {
		if strings.Contains(html, raw) {
			t.Errorf("%q stands in the page as it is", raw)
		}
	}
	for _, escaped := range []string{"&lt;script&gt;alert(&#34;prompt&#34;)", "&lt;b&gt;truth&lt;/b&gt;"} {
		if !strings.Contains(html, escaped) {
			t.Errorf("%q is missing", escaped)
		}
	}
}

func TestReportLoadsNothing(t *testing.T) {
	html := reported(t, Named{Name: "shop", Result: shopResult()})
	if found := regexp.MustCompile(`(?i)https?:|\ssrc=|<link|@import|url\(|<iframe`).FindString(html); found != "" {
		t.Errorf("the page holds %q", found)
	}
	if !strings.Contains(html, "default-src &#39;none&#39;") {
		t.Error("the page does not forbid loading")
	}
	if strings.Contains(html, "ZgotmplZ") {
		t.Error("the template engine refused a value")
	}
}

func TestReportShowsTheNumbers(t *testing.T) {
	html := reported(t, Named{Name: "shop", Result: shopResult()}, Named{Name: "second", Result: shopResult()})
	for _, words := range []string{
		"57.1 %", "42.9 %", "0.643", "120 µs", "900 µs", // headlines
		"Reliability diagram", "Risk and coverage", "Confidence of prompts",
		"Prompts that fit a route", "below confidence", "prompt c",
		`href="#set-2"`, "23 November 2026, 18:00 UTC",
	} {
		if !strings.Contains(html, words) {
			t.Errorf("%q is missing", words)
		}
	}
	if got := strings.Count(html, "<svg"); got != 6 {
		t.Errorf("%d plots, want 3 a set", got)
	}
}

func TestReportOfEveryShapeOfData(t *testing.T) {
	for name, list := range map[string][]evaltest.Judged{
		"all right":          {{Truth: "a", Decision: evaltest.Chose("a", 1)}},
		"only out of scope":  {{Truth: "", Decision: evaltest.Abstained("", 0)}},
		"nothing considered": {{Truth: "a", Decision: evaltest.Abstained("", 0)}},
	} {
		html, _, _ := strings.Cut(reported(t, Named{Name: name, Result: eval.Measured(evaltest.Answered(list))}), "<script>")
		for _, bad := range []string{"NaN", "Inf", "ZgotmplZ", "&lt;nil&gt;"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s: the page holds %s", name, bad)
			}
		}
	}
	if err := HTML(&strings.Builder{}, "", time.Time{}, nil); !errors.Is(err, ErrNoResults) {
		t.Errorf("got %v", err)
	}
}

func TestReportSaysWhatItLeavesOut(t *testing.T) {
	var list []evaltest.Judged
	for i := range shownWrong + 7 {
		list = append(list, evaltest.Judged{Truth: fmt.Sprint("truth", i), Decision: evaltest.Chose("a", .5)})
	}
	html := reported(t, Named{Name: "bad", Result: eval.Measured(evaltest.Answered(list))})
	if !strings.Contains(html, "7 more are in the JSON form") || !strings.Contains(html, fmt.Sprint(len(list)-shownConfusions, " more pairs")) {
		t.Error("the page does not say what it leaves out")
	}
	if n := strings.Count(html, "<article"); n != shownWrong {
		t.Errorf("%d wrong prompts are shown", n)
	}
}

func TestReportShortensLongTexts(t *testing.T) {
	prompts, decisions := evaltest.Answered([]evaltest.Judged{{Truth: "a", Decision: evaltest.Chose("b", .5)}})
	prompts[0].Text = strings.Repeat("é", 1<<19)
	if html := reported(t, Named{Name: "long", Result: eval.Measured(prompts, decisions)}); len(html) > 1<<17 {
		t.Errorf("the page has %d bytes", len(html))
	}
}

func TestReportSaysThatDecisionsWereDegraded(t *testing.T) {
	degraded := evaltest.Chose("a", 1)
	degraded.Degraded = []router.Degradation{{Cause: router.CauseIndex, Text: "static vectors decided"}}
	fine := evaltest.Chose("a", 1)
	r := eval.Measured(evaltest.Answered([]evaltest.Judged{{Truth: "a", Decision: degraded}, {Truth: "a", Decision: fine}, {Truth: "a", Decision: fine}, {Truth: "a", Decision: fine}}))
	if html := reported(t, Named{Name: "shop", Result: r}); !strings.Contains(html, "25.0 % of the decisions were degraded") {
		t.Error("the report does not say that decisions were degraded")
	}
}
