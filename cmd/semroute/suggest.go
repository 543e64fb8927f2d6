package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
)

// newSuggest groups what is done with suggestions.
func newSuggest(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suggest",
		Short: "Show, accept and reject changes of the catalog that traffic suggests",
		Long: "Shows what a running server would change of its catalog, after what was said of\n" +
			"its decisions and what it refused. Nothing is applied unasked; accepting needs a\n" +
			"server with `serve --source store`. Suggestions need the text of prompts: serve\n" +
			"with --store-prompts redact or full.",
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSuggestList(std), newSuggestAccept(std), newSuggestReject(std))
	return cmd
}

// suggestionKinds are the kinds by the words of the command line.
var suggestionKinds = []string{"utterance", "none", "route", "move"}

func kindOf(word string) semroutev1.Suggestion_Kind {
	return map[string]semroutev1.Suggestion_Kind{
		"utterance": semroutev1.Suggestion_ADD_UTTERANCE, "none": semroutev1.Suggestion_ADD_NONE,
		"route": semroutev1.Suggestion_NEW_ROUTE, "move": semroutev1.Suggestion_MOVE_UTTERANCE,
	}[word]
}

func newSuggestList(std stdio) *cobra.Command {
	var kind string
	var limit uint32
	cmd := feedbackCommand(std, "list", "List suggestions, the most useful of each kind first",
		"  semroute suggest list\n  semroute suggest list --kind utterance --limit 300 --json", cobra.NoArgs, func(c *feedbackClient, _ []string) error {
			req := &semroutev1.ListSuggestionsRequest{Limit: limit}
			if kind != "" {
				req.Kinds = append(req.Kinds, kindOf(kind))
			}
			got, err := c.service.ListSuggestions(c.ctx, req, large())
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(c.std.out, got)
			}
			out := bufio.NewWriter(readable(c.std.out))
			for _, s := range got.GetSuggestions() {
				writeSuggestion(out, s)
			}
			if got.GetNotice() != "" {
				_, _ = fmt.Fprintln(readable(c.std.err), got.GetNotice())
			}
			if len(got.GetSuggestions()) == 0 {
				_, _ = fmt.Fprintf(out, "nothing to suggest from %s\n", plural(int(got.GetPromptsRead()), "decision"))
			}
			return out.Flush()
		})
	wordFlag(cmd, &kind, "kind", "", "only one kind", suggestionKinds...)
	cmd.Flags().Uint32Var(&limit, "limit", 20, "at most so many of each kind, up to 1000")
	return cmd
}

// writeSuggestion prints a suggestion for people.
func writeSuggestion(out io.Writer, s *semroutev1.Suggestion) {
	_, _ = fmt.Fprintf(out, "%s  %s\n", s.GetSuggestionId(), proposal(s))
	if s.GetPrompts() > 0 {
		_, _ = fmt.Fprintf(out, "  stands on %s%s\n", plural(int(s.GetPrompts()), "decision"), cited(s))
	}
	if s.GetGuess() && s.GetKind() == semroutev1.Suggestion_ADD_UTTERANCE {
		_, _ = fmt.Fprintln(out, "  nobody has said which route is right: look twice")
	}
	if n := len(s.GetReplaces()); n > 0 {
		_, _ = fmt.Fprintf(out, "  instead of %s\n", plural(n, "near-duplicate"))
	}
	if e := s.GetEffect(); e.GetMeasured() > 0 {
		_, _ = fmt.Fprintf(out, "  estimated on %s held out: %d gained, %d lost\n", plural(int(e.GetMeasured()), "prompt"), e.GetGained(), e.GetLost())
	}
}

// proposal says what a suggestion changes.
func proposal(s *semroutev1.Suggestion) string {
	texts := make([]string, len(s.GetUtterances()))
	for i, text := range s.GetUtterances() {
		texts[i] = fmt.Sprintf("%q", text)
	}
	list := strings.Join(texts, ", ")
	switch s.GetKind() {
	case semroutev1.Suggestion_ADD_NONE:
		return "fits no route: " + list
	case semroutev1.Suggestion_NEW_ROUTE:
		return fmt.Sprintf("new route %s: %s", s.GetRoute(), list)
	case semroutev1.Suggestion_MOVE_UTTERANCE:
		return fmt.Sprintf("move from %s to %s: %s", s.GetFromRoute(), s.GetRoute(), list)
	}
	return fmt.Sprintf("add to %s: %s", s.GetRoute(), list)
}

// cited names a prompt that is not the utterance itself.
func cited(s *semroutev1.Suggestion) string {
	for _, e := range s.GetEvidence() {
		if len(s.GetUtterances()) > 0 && e.GetText() != s.GetUtterances()[0] {
			return fmt.Sprintf(", such as %q", e.GetText())
		}
	}
	return ""
}

func newSuggestAccept(std stdio) *cobra.Command {
	var by remarkFlags
	var route string
	var models []string
	cmd := feedbackCommand(std, "accept SUGGESTION_ID...", "Make the changes of suggestions",
		"  semroute suggest accept 3f0c9a1b2c4d5e6f\n  semroute suggest accept 3f0c9a1b2c4d5e6f --route gym --models small", cobra.MinimumNArgs(1),
		func(c *feedbackClient, args []string) error {
			for _, id := range args {
				got, err := c.service.AcceptSuggestion(c.ctx, &semroutev1.AcceptSuggestionRequest{
					SuggestionId: id, Author: by.remark().GetAuthor(), Route: route, Models: models,
				})
				if err != nil {
					return err
				}
				if c.asJSON {
					err = printJSON(c.std.out, got)
				} else {
					_, err = fmt.Fprintf(readable(c.std.out), "%s\nserving revision %d, generation %s\n", proposal(got.GetSuggestion()), got.GetRevision(), got.GetFingerprint())
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	f := cmd.Flags()
	f.StringVar(&by.author, "author", "", "who accepts, for the history (default: the user of this process)")
	f.StringVar(&route, "route", "", "the route that gains, in place of the proposed one")
	f.StringSliceVar(&models, "models", nil, "models that may serve a new route")
	return cmd
}

func newSuggestReject(std stdio) *cobra.Command {
	var by remarkFlags
	var reason string
	cmd := feedbackCommand(std, "reject SUGGESTION_ID...", "Keep suggestions from being made again",
		"  semroute suggest reject 3f0c9a1b2c4d5e6f --reason \"not what we mean by refunds\"", cobra.MinimumNArgs(1),
		func(c *feedbackClient, args []string) error {
			for _, id := range args {
				got, err := c.service.RejectSuggestion(c.ctx, &semroutev1.RejectSuggestionRequest{SuggestionId: id, Author: by.remark().GetAuthor(), Reason: reason})
				if err != nil {
					return err
				}
				if c.asJSON {
					err = printJSON(c.std.out, got)
				} else {
					_, err = fmt.Fprintf(readable(c.std.out), "rejected: %s\n", proposal(got.GetSuggestion()))
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	f := cmd.Flags()
	f.StringVar(&by.author, "author", "", "who rejects (default: the user of this process)")
	f.StringVar(&reason, "reason", "", "why")
	return cmd
}
