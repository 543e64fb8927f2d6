package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
)

// printer shows one answer as it arrives.
type printer interface {
	event(*semroutev1.StreamRouteResponse) error
	// end finishes the answer and returns its text.
	end() (string, error)
}

// linePrinter prints every event as a line of JSON.
type linePrinter struct {
	out  io.Writer
	text strings.Builder
}

func (p *linePrinter) event(e *semroutev1.StreamRouteResponse) error {
	p.text.WriteString(e.GetPiece().GetText())
	return writeLineJSON(p.out, jsonOfEvent(e))
}

func (p *linePrinter) end() (string, error) { return p.text.String(), nil }

// textPrinter prints the answer's text on out, then one line about it on err.
type textPrinter struct {
	out, err io.Writer
	text     strings.Builder
	decision *semroutev1.Decision
	record   *semroutev1.CallRecord
}

func (p *textPrinter) event(e *semroutev1.StreamRouteResponse) error {
	switch e := e.GetEvent().(type) {
	case *semroutev1.StreamRouteResponse_Decision:
		p.decision = e.Decision
	case *semroutev1.StreamRouteResponse_Piece:
		return p.write(e.Piece.GetText())
	case *semroutev1.StreamRouteResponse_Record:
		p.record = e.Record
	}
	return nil
}

func (p *textPrinter) write(text string) error {
	p.text.WriteString(text)
	_, err := io.WriteString(p.out, text)
	return err
}

func (p *textPrinter) end() (string, error) {
	text := p.text.String()
	if text != "" && !strings.HasSuffix(text, "\n") {
		if _, err := fmt.Fprintln(p.out); err != nil {
			return text, err
		}
	}
	if p.record != nil {
		writeRecord(p.err, p.decision, p.record)
	}
	return text, nil
}

// writeRecord prints what was tried in vain, then the line about the call.
func writeRecord(w io.Writer, d *semroutev1.Decision, r *semroutev1.CallRecord) {
	for _, a := range r.GetAttempts() {
		if a.GetStatus() != semroutev1.Attempt_DONE {
			_, _ = fmt.Fprintf(w, "  %s: %s\n", a.GetModel(), reasonOf(a))
		}
	}
	parts := []string{
		"route " + routeOf(d),
		"model " + orNone(r.GetModel()),
		tokensOf(r.GetUsage()),
		costOf(r.GetCosts()),
	}
	if n := len(r.GetAttempts()); n > 1 {
		parts = append(parts, plural(n, "attempt"))
	}
	if r.GetCascade() {
		parts = append(parts, "cascade")
	}
	if s := r.GetSession(); s.GetSwitched() {
		parts = append(parts, fmt.Sprintf("instead of %s (%s)", s.GetPreviousModel(), strings.ReplaceAll(server.TurnWord(s.GetReason()), "_", " ")))
	}
	if r.GetDowngraded() {
		parts = append(parts, "downgraded by a budget")
	}
	_, _ = fmt.Fprintln(w, strings.Join(parts, ", "))
}

func reasonOf(a *semroutev1.Attempt) string {
	if a.GetError() != "" {
		return a.GetError()
	}
	return strings.ReplaceAll(server.StatusWord(a.GetStatus()), "_", " ")
}

func routeOf(d *semroutev1.Decision) string {
	switch {
	case d.GetAbstained() && d.GetFallbackRoute() != "":
		return fmt.Sprintf("(none: %s; fallback %s)", d.GetReason(), d.GetFallbackRoute())
	case d.GetAbstained():
		return fmt.Sprintf("(none: %s; fallback)", server.ReasonWord(d.GetReason()))
	}
	return orNone(d.GetRoute())
}

func tokensOf(u *semroutev1.Usage) string {
	text := fmt.Sprintf("tokens %d in, %d out", u.GetInputTokens(), u.GetOutputTokens())
	if u.GetEstimated() {
		text += " (estimated)"
	}
	return text
}

func costOf(c *semroutev1.Costs) string {
	text := "cost " + forward.FormatUSD(c.GetTotalNanoUsd())
	switch {
	case c.GetUnpriced() && c.GetTotalNanoUsd() == 0:
		return "cost unknown (no price)"
	case c.GetUnpriced():
		text += " (some models have no price)"
	case c.GetEstimated():
		text += " (estimated)"
	}
	return text
}
