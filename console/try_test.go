//go:build integration

package console_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestTryDecidesAsOneTypes(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console)
	b.types("Prompt", "where is my parcel? it should have been here on Monday")
	b.sees("confidence")
	b.until("the route delivery", `document.querySelector(".verdict")?.innerText.includes("delivery")`)
	b.sees("nearest utterances")
	b.sees("probability")
	b.fine("try")
	b.documented("try")
	// The address is a permalink.
	link := value[string](b, "location.href")
	if !strings.Contains(link, "#/try?prompt=where+is+my+parcel") {
		t.Errorf("the address is %s", link)
	}
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	b.until("the same decision", `document.querySelector(".verdict")?.innerText.includes("delivery")`)
	// What fits nowhere is told with the reason.
	b.types("Prompt", "who won the football match last night?")
	b.sees("no route")
	b.fine("try-none")
	b.types("Prompt", "")
	b.sees("is decided at once")
}

func TestTryIsNotRecorded(t *testing.T) {
	s := serve(t, support(t))
	b := browse(t, s.Console)
	b.types("Prompt", "my parcel never came")
	b.sees("confidence")
	if kept := s.decisions(t); kept != 0 {
		t.Errorf("%d decisions were recorded while somebody typed", kept)
	}
	b.key(kb.Enter, chromedp.KeyModifiers(2)) // Ctrl
	b.sees("first piece")
	if kept := s.decisions(t); kept != 1 {
		t.Errorf("%d decisions are recorded after a call", kept)
	}
}

func TestTryStreamsTheAnswer(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console)
	b.types("Prompt", "I was billed twice this month")
	b.press("Send to the model")
	b.sees("attempt")
	b.sees("tokens in / out")
	b.sees("$0.00")
	b.fine("try-answer")
	b.press("Add an earlier turn")
	b.types("Turn 1 Prompt", "where is my parcel?")
	b.press("Send to the model")
	b.sees("ended by")
}

func TestTryComparesTwoPrompts(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console)
	b.types("Prompt", "please close my account")
	b.press("Compare two prompts")
	b.types("Other prompt", "the screen arrived with a crack in it")
	b.until("two decisions", `document.querySelectorAll(".verdict").length === 2`)
	b.fine("try-two")
}

func TestTryComparesGenerations(t *testing.T) {
	b := browse(t, serve(t, support(t)).Console)
	b.types("Prompt", "my parcel never came")
	b.press("Compare generations")
	b.until("a revision", `document.querySelector("main select option:nth-child(2)")`)
	b.chooses("Revision", value[string](b, `document.querySelector("main select option:nth-child(2)").text`))
	b.press("Compare")
	b.sees("alike")
}

// TestTryTakesNoTextForMore: neither a prompt, nor an utterance, nor a model's answer,
// which is the prompt again.
func TestTryTakesNoTextForMore(t *testing.T) {
	b := browse(t, serve(t, support(t, hostile)).Console)
	b.types("Prompt", hostile)
	b.until("the utterance among the matches", `[...document.querySelectorAll("td")].some((c) => c.innerText.includes("onerror"))`)
	b.press("Send to the model")
	b.until("the answer", `document.querySelector(".said")?.innerText.includes("onerror")`)
	b.safe()
	b.do(chromedp.Navigate("about:blank"))
}

// TestTypingIsAnsweredAtOnce measures, and says what it measured: shared machines are
// too noisy to fail for it. It fails where nothing was measured.
func TestTypingIsAnsweredAtOnce(t *testing.T) {
	for embedder, asked := range map[string]time.Duration{"static": 50 * time.Millisecond, "transformer": 150 * time.Millisecond} {
		b := browse(t, serve(t, support(t), "--embedder", embedder).Console)
		b.types("Prompt", "w")
		b.sees("confidence")
		b.do(chromedp.Evaluate(`window.shown = []; {
			let pressed = 0;
			document.addEventListener("keydown", () => { pressed = performance.now(); }, true);
			new MutationObserver(() => { if (pressed) { window.shown.push(performance.now() - pressed); pressed = 0; } })
				.observe(document.querySelector(".decision").parentElement, { subtree: true, childList: true, characterData: true, attributes: true });
		}`, nil))
		for _, letter := range "here is my parcel? it should have been here on Monday, and nobody told me why it is late" {
			b.key(string(letter))
			time.Sleep(60 * time.Millisecond) // a quick typist
		}
		shown := value[[]float64](b, "window.shown")
		if len(shown) < 40 {
			t.Fatalf("only %d answers were seen", len(shown))
		}
		slices.Sort(shown)
		t.Logf("%s: from a key to what is shown, p50 %.1f ms, p95 %.1f ms of %d (asked: %v)", embedder, shown[len(shown)/2], shown[len(shown)*95/100], len(shown), asked)
	}
}
