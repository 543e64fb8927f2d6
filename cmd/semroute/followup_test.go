package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// TestFollowUps holds that the default of --turns handles follow-ups better
// than the last turn alone, and changes of subject better than all turns.
func TestFollowUps(t *testing.T) {
	content, err := os.ReadFile(filepath.Join("..", "..", "testdata", "prompts", "followups.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var talks []struct {
		Turns []string `yaml:"turns"`
		Route string   `yaml:"route"`
	}
	if err := yaml.Unmarshal(content, &talks); err != nil {
		t.Fatal(err)
	}
	catalog, err := routes.Load(filepath.Join("..", "..", "examples", "support"))
	if err != nil {
		t.Fatal(err)
	}
	right := map[router.Turns]int{}
	for _, turns := range []router.Turns{router.TurnsAuto, router.TurnsLast, router.TurnsUser} {
		built, err := engine.Build(t.Context(), catalog, engine.Config{
			Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory},
			Settings: router.Settings{Turns: turns}, Log: zerolog.Nop(),
		})
		if err != nil {
			t.Fatal(err)
		}
		r := router.New(router.Config{})
		r.Swap(built.Generation)
		for _, talk := range talks {
			var p router.Prompt
			for _, turn := range talk.Turns {
				p.Messages = append(p.Messages, chat.Say(chat.User, turn))
			}
			d, err := r.Decide(t.Context(), p, router.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(d.Candidates) > 0 && d.Candidates[0].Route == talk.Route {
				right[turns]++
			}
		}
		_ = built.Close()
	}
	t.Logf("right of %d: auto %d, last %d, user %d", len(talks), right[router.TurnsAuto], right[router.TurnsLast], right[router.TurnsUser])
	if right[router.TurnsAuto] <= right[router.TurnsLast] || right[router.TurnsAuto] < right[router.TurnsUser] {
		t.Errorf("auto gets %d right, the last turn alone %d, all turns %d; auto must beat the first and not lose to the second",
			right[router.TurnsAuto], right[router.TurnsLast], right[router.TurnsUser])
	}
}
