//go:build integration

package console_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything, on a machine with much to do.
const patience = 20 * time.Second

// view is how somebody looks at a page.
type view struct {
	width, height int64
	dark          bool
}

// The views that every page is looked at in.
var (
	light  = view{1280, 900, false}
	dark   = view{1280, 900, true}
	narrow = view{390, 844, false}
)

// tab is a tab of a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// browse opens an address in a browser of its own, without what earlier ones have
// kept. What the page throws, or its policy refuses, fails the test.
func browse(t *testing.T, address string) *tab {
	t.Helper()
	path := chromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	// It tells of each event that it does not know, as of newer browsers.
	ctx, end := chromedp.NewContext(allocator, chromedp.WithErrorf(func(format string, args ...any) {
		if !strings.HasPrefix(format, "unhandled") {
			t.Logf(format, args...)
		}
	}))
	t.Cleanup(end)
	b := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw: %s", e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if e.Entry.Level == log.LevelError && e.Entry.Source != log.SourceNetwork {
				t.Errorf("the page's log: %s", e.Entry.Text)
			}
		}
	})
	b.do(log.Enable())
	b.look(light)
	b.do(chromedp.Navigate(address))
	return b
}

// chromium is where it is; a machine without it says what was not looked at.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("skipped: no Chromium is installed, so nobody looked at the console (Debian: apt-get install chromium)")
	return ""
}

// do has the browser do something.
func (b *tab) do(actions ...chromedp.Action) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if b.ctx.Err() == nil && chromedp.FromContext(b.ctx).Browser == nil {
		ctx = b.ctx // the first action starts the browser, which must outlive it
	}
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatalf("%v; the page says:\n%s", err, b.said())
	}
}

// said is the text that can be read on the page.
func (b *tab) said() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var text string
	if err := chromedp.Run(ctx, chromedp.Evaluate(`document.body ? document.body.innerText : ""`, &text)); err != nil {
		return err.Error()
	}
	return text
}

// look has the page shown otherwise.
func (b *tab) look(v view) {
	b.t.Helper()
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	b.do(
		emulation.SetDeviceMetricsOverride(v.width, v.height, 1, v.width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}),
	)
}

// sees waits until the page shows a text, whatever its case.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.until("the page to show "+text, `document.body.innerText.toLowerCase().includes(`+quoted(strings.ToLower(text))+`)`)
}

// seesNoMore waits until a text is gone.
func (b *tab) seesNoMore(text string) {
	b.t.Helper()
	b.until(text+" to be gone", `!document.body.innerText.toLowerCase().includes(`+quoted(strings.ToLower(text))+`)`)
}

// until waits for an expression to hold.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		var holds bool
		b.do(chromedp.Evaluate("Boolean("+expression+")", &holds))
		if holds {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("waited for %s; the page says:\n%s", what, b.said())
		}
	}
}

// awaited waits for a promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// value is what an expression gives.
func value[T any](b *tab, expression string) T {
	b.t.Helper()
	var v T
	b.do(chromedp.Evaluate(expression, &v, awaited))
	return v
}
