//go:build integration

package console_test

import (
	"encoding/json"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// named finds what can be used by the name that a person knows it by: its text, its
// label, or what stands in aria-label.
const named = `(kinds, name) => {
  const clean = (s) => (s ?? "").replace(/\s+/g, " ").trim();
  const labels = (e) => [e.getAttribute("aria-label"), ...[...(e.labels ?? [])].map((l) => {
    const copy = l.cloneNode(true);
    copy.querySelectorAll("textarea, select, input, .hint").forEach((x) => x.remove());
    return copy.textContent;
  })].map(clean);
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });
  const open = document.querySelector("dialog[open]") ?? document;
  const all = [...open.querySelectorAll(kinds)].filter(shown);
  const own = (e) => (/^(TEXTAREA|SELECT|INPUT)$/.test(e.tagName) ? "" : clean(e.textContent));
  const first = (e) => clean(e.firstElementChild?.textContent);
  return all.find((e) => labels(e).includes(name) || own(e) === name) ?? all.find((e) => own(e) !== "" && first(e) === name);
}`

const (
	pressed = `button, a, summary, [role="tab"], [role="button"], input[type="checkbox"], input[type="radio"]`
	typed   = `input, textarea, select, [contenteditable]`
)

func quoted(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted)
}

func found(kinds, name string) string {
	return "(" + named + ")(" + quoted(kinds) + ", " + quoted(name) + ")"
}

// press presses a button, a link or the like, once it is there and can be pressed.
func (b *tab) press(name string) {
	b.t.Helper()
	element := found(pressed, name)
	// In one step: a button that is found may be another, or off, a moment later.
	b.until("a button "+name+" that can be pressed", `(() => { const e = `+element+`; if (!e?.matches(":enabled, a, summary, [role]")) return false; e.click(); return true; })()`)
}

// types replaces what stands in a field by real keys.
func (b *tab) types(field, text string) {
	b.t.Helper()
	b.focus(field)
	b.do(chromedp.Evaluate(`document.activeElement.select()`, nil), chromedp.KeyEvent(kb.Delete))
	if text != "" {
		b.do(chromedp.KeyEvent(text))
	}
}

// focus has the keyboard's keys go to a field.
func (b *tab) focus(field string) {
	b.t.Helper()
	element := found(typed, field)
	b.until("a field "+field, element)
	b.do(chromedp.Evaluate("void ("+element+").focus()", nil))
}

// chooses takes an option of a list by its text.
func (b *tab) chooses(field, option string) {
	b.t.Helper()
	element := found(typed, field)
	b.until("the option "+option+" of "+field, `[...((`+element+`)?.options ?? [])].some((o) => o.text === `+quoted(option)+`)`)
	b.do(chromedp.Evaluate(`{ const s = `+element+`; s.selectedIndex = [...s.options].findIndex((o) => o.text === `+quoted(option)+`);
		s.dispatchEvent(new Event("input", {bubbles: true})); s.dispatchEvent(new Event("change", {bubbles: true})); }`, nil))
}

// key presses a key of the keyboard, as kb names it.
func (b *tab) key(key string, options ...chromedp.KeyOption) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key, options...))
}
