package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/semroute/semroute/forward/quality"
)

// row is a way to serve the prompts.
type row struct {
	Name                     string
	Share, Quality, Cost     string
	SavingToBest, SavingRand string
}

// rows are the best and the cheapest model alone, and choices between them.
func (r *Result) rows() []row {
	line := func(name string, m quality.Mix) row {
		return row{
			Name: name, Share: percentOf(m.Share), Quality: fmt.Sprintf("%.3f", m.Quality), Cost: r.Costs.text(m.Cost),
			SavingToBest: percentOf(m.SavingToBest / 100), SavingRand: percentOf(m.SavingToChance / 100),
		}
	}
	best := line(r.Best.Model+" alone (best)", quality.Mix{Share: 1, Quality: r.Best.Quality, Cost: r.Best.Cost})
	cheapest := line(r.Cheapest.Model+" alone (cheapest)", quality.Mix{
		Quality: r.Cheapest.Quality, Cost: r.Cheapest.Cost, SavingToBest: 100 * (1 - r.Cheapest.Cost/r.Best.Cost),
	})
	return []row{
		best, cheapest,
		line("chosen, half of the gap", r.At50), line("chosen, 80 % of the gap", r.At80), line("chosen, as good as the best", r.AtBestQuality),
	}
}

// measure is a measure beside what a choice by chance reaches.
type measure struct{ Name, Chosen, Random, Meaning string }

func (r *Result) measures() []measure {
	return []measure{
		{"APGR", fmt.Sprintf("%.3f", r.APGR), "0.500", "mean share of the gap that is recovered, over all shares of calls"},
		{"CPT(50 %)", percentOf(r.CPT50), "50.0 %", "share of calls to the best model that recovers half of the gap"},
		{"CPT(80 %)", percentOf(r.CPT80), "80.0 %", "share of calls to the best model that recovers 80 % of it"},
		{"calibration error", fmt.Sprintf("%.3f", r.CalibrationError), "", "mean gap between expected and reached quality"},
	}
}

// about says how it was measured.
func (r *Result) about() []string {
	lines := []string{
		fmt.Sprintf("%s, each predicted by what was learnt from the other %d of %d parts (seed %d)", prompts(r.Prompts), r.Folds-1, r.Folds, r.Seed),
		"costs of a call: " + r.Costs.About,
	}
	if len(r.LeftOut) > 0 {
		lines = append(lines, "not compared, for want of a price or of scores: "+strings.Join(r.LeftOut, ", "))
	}
	return lines
}

// WriteText writes the measures for people to read in a terminal.
func (r *Result) WriteText(out io.Writer) error {
	for _, line := range r.about() {
		_, _ = fmt.Fprintln(out, line)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nMODELS\tCALLS TO BEST\tQUALITY\tCOST\tSAVING TO BEST\tSAVING TO RANDOM")
	for _, row := range r.rows() {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", row.Name, row.Share, row.Quality, row.Cost, row.SavingToBest, row.SavingRand)
	}
	_, _ = fmt.Fprintln(table, "\nMEASURE\tCHOSEN\tRANDOM\t")
	for _, m := range r.measures() {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Name, m.Chosen, m.Random, m.Meaning)
	}
	return table.Flush()
}

func prompts(n int) string {
	if n == 1 {
		return "1 prompt"
	}
	return strconv.Itoa(n) + " prompts"
}

// percentOf writes a share in percent, never as -0.0.
func percentOf(share float64) string {
	return fmt.Sprintf("%.1f %%", math.Round(1000*share)/10+0)
}
