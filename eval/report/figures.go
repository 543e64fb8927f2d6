package report

import (
	"fmt"
	"math"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/internal/plot"
)

// figures are the plots of a result that has the numbers for them.
func figures(r *eval.Result) ([]figure, error) {
	type plan struct {
		title, note string
		plot        plot.Plot
	}
	var plans []plan
	if r.NInScope > 0 {
		plans = append(plans, plan{"Does confidence mean what it says?",
			"Bars on the dashed line are honest: of the prompts decided with 80 % confidence, 80 % are right. Below the line the router is too sure, above it too careful. Dots are sized by the number of prompts.",
			reliabilityPlot(r)})
	}
	if len(r.RiskCoverage) > 0 {
		plans = append(plans, plan{"What does refusing buy?",
			"How many decisions would be wrong (up) if only the surest share of the prompts (right) were given a route. Point at the curve to read the threshold.",
			riskPlot(r)})
	}
	plans = append(plans, plan{"How sure is it?",
		"Confidence of the prompts that fit a route, and of those that fit none. The less the two overlap, the better a threshold can part them.",
		histogramPlot(r)})
	list := make([]figure, len(plans))
	for i, p := range plans {
		svg, err := p.plot.SVG()
		if err != nil {
			return nil, err
		}
		list[i] = figure{Title: p.title, Plot: svg, Note: p.note}
	}
	return list, nil
}

func reliabilityPlot(r *eval.Result) plot.Plot {
	bars := plot.Series{Name: "accuracy", Mark: plot.MarkBars, Width: 1.0 / eval.CalibrationBins}
	dots := plot.Series{Mark: plot.MarkDots}
	for _, b := range r.Reliability {
		if b.N == 0 {
			continue
		}
		words := fmt.Sprintf("%d prompts: confidence %s, accuracy %s", b.N, percent(b.Confidence), percent(b.Accuracy))
		bars.Points = append(bars.Points, plot.Point{X: (b.From + b.To) / 2, Y: *b.Accuracy, Label: words})
		size := 2 + 8*math.Sqrt(float64(b.N)/float64(r.NInScope))
		dots.Points = append(dots.Points, plot.Point{X: *b.Confidence, Y: *b.Accuracy, Label: words, Size: size})
	}
	return plot.Plot{
		Title: "Reliability diagram",
		X:     plot.Axis{Label: "confidence", Max: 1, Percent: true},
		Y:     plot.Axis{Label: "right", Max: 1, Percent: true},
		Series: []plot.Series{
			bars,
			{Name: "honest", Mark: plot.MarkDashes, Color: 5, Points: []plot.Point{{X: 0, Y: 0}, {X: 1, Y: 1}}},
			dots,
		},
	}
}

func riskPlot(r *eval.Result) plot.Plot {
	curve := plot.Series{Name: "by threshold", Mark: plot.MarkLine}
	highest := 0.0
	for _, p := range r.RiskCoverage {
		highest = max(highest, p.Risk)
		curve.Points = append(curve.Points, plot.Point{X: p.Coverage, Y: p.Risk,
			Label: fmt.Sprintf("threshold %.3f: %.1f %% get a route, %.1f %% of these wrong", p.Threshold, 100*p.Coverage, 100*p.Risk)})
	}
	chart := plot.Plot{
		Title:  "Risk and coverage",
		X:      plot.Axis{Label: "prompts given a route", Max: 1, Percent: true},
		Y:      plot.Axis{Label: "of these wrong", Max: max(0.01, highest*1.1), Percent: true},
		Series: []plot.Series{curve},
	}
	if r.Coverage != nil && r.Precision != nil {
		chart.Series = append(chart.Series, plot.Series{Name: "as decided", Mark: plot.MarkDots, Color: 1, Points: []plot.Point{{
			X: *r.Coverage, Y: 1 - *r.Precision, Size: 6,
			Label: fmt.Sprintf("as decided: %s get a route, %.1f %% of these wrong", percent(r.Coverage), 100*(1-*r.Precision)),
		}}})
	}
	return chart
}

func histogramPlot(r *eval.Result) plot.Plot {
	chart := plot.Plot{
		Title: "Confidence of prompts in and out of scope",
		X:     plot.Axis{Label: "confidence", Max: 1, Percent: true},
		Y:     plot.Axis{Label: "share of prompts", Percent: true},
	}
	highest := 0.01
	for i, group := range []struct {
		name   string
		counts []int
		n      int
	}{{"fits a route", r.Histogram.InScope, r.NInScope}, {"fits none", r.Histogram.OutOfScope, r.NOutOfScope}} {
		if group.n == 0 {
			continue
		}
		s := plot.Series{Name: group.name, Mark: plot.MarkBars, Color: i, Width: 1.0 / eval.HistogramBins}
		for k, count := range group.counts {
			part := float64(count) / float64(group.n)
			highest = max(highest, part)
			s.Points = append(s.Points, plot.Point{X: (float64(k) + 0.5) / eval.HistogramBins, Y: part,
				Label: fmt.Sprintf("%d prompts (%.1f %%), %s", count, 100*part, group.name)})
		}
		chart.Series = append(chart.Series, s)
	}
	chart.Y.Max = highest * 1.05
	return chart
}
