package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestThePageChangesRoutesLive runs what README shows under “Change routes live”,
// and holds that the change decides, and the rollback takes it back.
func TestThePageChangesRoutesLive(t *testing.T) {
	page := readPage(t, "../../README.md")
	dir, commands := t.TempDir(), ""
	for _, block := range fence.FindAllStringSubmatch(page, -1) {
		switch {
		case block[1] == "yaml" && strings.HasPrefix(block[2], "# my.yaml"):
			writeCatalog(t, dir, block[2])
		case block[1] == "sh" && strings.Contains(block[2], "routes preview"):
			commands = block[2]
		}
	}
	if commands == "" {
		t.Fatal("README shows no change of routes by the service")
	}
	address := freeAddress(t)
	t.Setenv("SEMROUTE_WAIT", "1m")
	t.Setenv("SEMROUTE_LISTEN", address)
	commands = strings.NewReplacer("./semroute ", "semroute ", "127.0.0.1:50051", address).Replace(commands)
	out := runShell(t, dir, "127.0.0.1:1", "trap 'kill $!' EXIT\n"+commands)
	var told []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "{") { // the server's log
			told = append(told, strings.TrimSpace(line))
		}
	}
	for i, want := range []string{
		`^my card was stolen: .* -> lost_card \([01]\.\d\d\) \[fixed\]$`, `^1 of 1 decisions change; 1 fixed, 0 broken$`, `^that is what would change$`,
		`^serving revision 2, `, `^lost_card\t`, `^2 .* asked for every day$`, `^1 .* imported from files$`, `^serving revision 3, `, `^(refunds|delivery|\(none\))\t`,
	} {
		if i >= len(told) || !regexp.MustCompile(want).MatchString(told[i]) {
			t.Fatalf("line %d is not as %s in:\n%s", i+1, want, out)
		}
	}
}
