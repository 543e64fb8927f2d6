package main

import (
	"fmt"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
)

// previewFlags are the flags of `routes preview`.
type previewFlags struct {
	whole      bool
	data       []string
	recent     uint32
	unlabelled bool
}

func newRoutesPreview(std stdio) *cobra.Command {
	var flags previewFlags
	cmd := routesCommand(std, "preview FILE", "Show which decisions would change, without changing anything; exit code 1 when some do",
		"  semroute routes preview refunds.yaml --data prompts.jsonl\n  semroute routes preview --whole live.yaml --recent 1000",
		cobra.ExactArgs(1), func(c *catalogClient, args []string) error { return c.preview(args[0], flags) })
	f := cmd.Flags()
	wholeFlag(cmd, &flags.whole)
	dataFlag(cmd, &flags.data, "prompts to decide")
	f.Uint32Var(&flags.recent, "recent", 0, "decide so many of the prompts that the server decided last, where its store keeps their text")
	f.BoolVar(&flags.unlabelled, "unlabelled", false, "take no notice of the prompts' labels")
	return cmd
}

func (c *catalogClient) preview(path string, flags previewFlags) error {
	changes, err := c.fileChanges(path, flags.whole)
	if err != nil {
		return err
	}
	prompts, err := readData(flags.data)
	if err != nil {
		return err
	}
	if len(prompts) == 0 && flags.recent == 0 {
		return wrongUse("no prompts to decide: give --data FILE or --recent N")
	}
	req := &semroutev1.PreviewRequest{Changes: changes, Recent: flags.recent}
	for i := range prompts {
		p := &semroutev1.PreviewPrompt{Text: prompts[i].Text}
		if !flags.unlabelled {
			p.Route = &prompts[i].Route
		}
		req.Prompts = append(req.Prompts, p)
	}
	got, err := c.service.Preview(c.ctx, req, large())
	if err != nil {
		return err
	}
	if err := c.printPreview(got); err != nil {
		return err
	}
	if got.GetChanged() > 0 {
		return errSilent
	}
	return nil
}

func (c *catalogClient) printPreview(p *semroutev1.PreviewResponse) error {
	if c.flags.asJSON {
		return printJSON(c.std.out, p)
	}
	for _, warning := range p.GetWarnings() {
		_, _ = fmt.Fprintln(readable(c.std.err), "semroute: warning:", warning)
	}
	for _, d := range p.GetDecisions() {
		effect := ""
		if d.GetEffect() != "" {
			effect = " [" + d.GetEffect() + "]"
		}
		_, _ = fmt.Fprintf(readable(c.std.out), "%s: %s (%.2f) -> %s (%.2f)%s\n", d.GetText(),
			orNone(d.GetBefore().GetRoute()), d.GetBefore().GetConfidence(), orNone(d.GetAfter().GetRoute()), d.GetAfter().GetConfidence(), effect)
	}
	_, err := fmt.Fprintf(readable(c.std.out), "%d of %d decisions change; %d fixed, %d broken\n", p.GetChanged(), p.GetDecided(), p.GetFixed(), p.GetBroken())
	return err
}
