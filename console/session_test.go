//go:build integration

package console_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/tidwall/gjson"
)

// key makes an API key in the server's ledger and gives it with its prefix.
func (s *served) key(t *testing.T, roles ...string) (key, prefix string) {
	t.Helper()
	arguments := []string{"keys", "create", "--json", "--ledger", filepath.Join(s.Dir, "calls.db"), "--name", "owner"}
	for _, role := range roles {
		arguments = append(arguments, "--role", role)
	}
	said := s.command(t, arguments...)
	return gjson.Get(said, "key").Str, gjson.Get(said, "prefix").Str
}

// command runs the server's binary as another command.
func (s *served) command(t *testing.T, arguments ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), s.Binary, arguments...).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return string(said)
}

func TestWhoHasNoKeyComesNoFurther(t *testing.T) {
	s := serve(t, support(t), "--require-keys")
	key, prefix := s.key(t, "decide", "admin")
	b := browse(t, s.Console)
	b.sees("api key or token")
	b.fine("sign-in")
	b.types("API key or token", "sr-of-nobody")
	b.press("Sign in")
	b.sees("not known here")
	b.types("API key or token", key)
	b.press("Sign in")
	b.types("Prompt", "please close my account")
	b.sees("confidence")
	if cookies := value[string](b, "document.cookie"); cookies != "" {
		t.Errorf("scripts can read %q", cookies)
	}
	// The session lasts over a reload, and ends with its key. What was typed is in the
	// address once it has been decided to its last letter.
	b.until("the whole prompt in the address", `decodeURIComponent(location.hash.replaceAll("+", " ")).includes("please close my account")`)
	b.do(chromedp.Reload())
	b.sees("confidence")
	s.command(t, "keys", "revoke", prefix, "--ledger", filepath.Join(s.Dir, "calls.db"))
	b.until("the session to end", `(document.querySelector("textarea") && (document.querySelector("textarea").value += " ",
		document.querySelector("textarea").dispatchEvent(new Event("input", {bubbles: true})), false)) || document.body.innerText.includes("Your session has ended")`)
	// What was typed is still there.
	again, _ := s.key(t, "decide", "admin")
	b.types("API key or token", again)
	b.press("Sign in")
	b.until("the prompt", `document.querySelector("textarea")?.value.startsWith("please close my account")`)
	b.press("Sign out")
	b.sees("api key or token")
	b.do(chromedp.Reload())
	b.sees("api key or token")
}

// TestAKeySeesWhatItMay: one that may only decide has no more pages.
func TestAKeySeesWhatItMay(t *testing.T) {
	s := serve(t, support(t), "--require-keys")
	key, _ := s.key(t, "decide")
	b := browse(t, s.Console)
	b.types("API key or token", key)
	b.press("Sign in")
	b.types("Prompt", "please close my account")
	b.sees("confidence")
	if links := value[[]string](b, `[...document.querySelectorAll("nav a")].map((a) => a.innerText)`); len(links) != 1 {
		t.Errorf("the menu has %v", links)
	}
	b.press("Send to the model")
	b.sees("your key may not do this")
}
