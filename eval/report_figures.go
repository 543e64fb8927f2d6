package eval

import (
	"fmt"
	"math"
)

// figures are the plots of a result that has the numbers for them.
func figures(r *Result) ([]figure, error) {
	type plan struct {
		title, note string
		plot        Plot
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

func reliabilityPlot(r *Result) Plot {
	bars := Series{Name: "accuracy", Mark: MarkBars, Width: 1.0 / calibrationBins}
	dots := Series{Mark: MarkDots}
	for _, b := range r.Reliability {
		if b.N == 0 {
			continue
		}
		words := fmt.Sprintf("%d prompts: confidence %s, accuracy %s", b.N, percent(b.Confidence), percent(b.Accuracy))
		bars.Points = append(bars.Points, Point{X: (b.From + b.To) / 2, Y: *b.Accuracy, Label: words})
		size := 2 + 8*math.Sqrt(float64(b.N)/float64(r.NInScope))
		dots.Points = append(dots.Points, Point{X: *b.Confidence, Y: *b.Accuracy, Label: words, Size: size})
	}
	return Plot{
		Title: "Reliability diagram",
		X:     Axis{Label: "confidence", Max: 1, Percent: true},
		Y:     Axis{Label: "right", Max: 1, Percent: true},
		Series: []Series{
			bars,
			{Name: "honest", Mark: MarkDashes, Color: 5, Points: []Point{{X: 0, Y: 0}, {X: 1, Y: 1}}},
			dots,
		},
	}
}

func riskPlot(r *Result) Plot {
	curve := Series{Name: "by threshold", Mark: MarkLine}
	highest := 0.0
	for _, p := range r.RiskCoverage {
		highest = max(highest, p.Risk)
		curve.Points = append(curve.Points, Point{X: p.Coverage, Y: p.Risk,
			Label: fmt.Sprintf("threshold %.3f: %.1f %% get a route, %.1f %% of these wrong", p.Threshold, 100*p.Coverage, 100*p.Risk)})
	}
	plot := Plot{
		Title:  "Risk and coverage",
		X:      Axis{Label: "prompts given a route", Max: 1, Percent: true},
		Y:      Axis{Label: "of these wrong", Max: max(0.01, highest*1.1), Percent: true},
		Series: []Series{curve},
	}
	if r.Coverage != nil && r.Precision != nil {
		plot.Series = append(plot.Series, Series{Name: "as decided", Mark: MarkDots, Color: 1, Points: []Point{{
			X: *r.Coverage, Y: 1 - *r.Precision, Size: 6,
			Label: fmt.Sprintf("as decided: %s get a route, %.1f %% of these wrong", percent(r.Coverage), 100*(1-*r.Precision)),
		}}})
	}
	return plot
}

func histogramPlot(r *Result) Plot {
	plot := Plot{
		Title: "Confidence of prompts in and out of scope",
		X:     Axis{Label: "confidence", Max: 1, Percent: true},
		Y:     Axis{Label: "share of prompts", Percent: true},
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
		s := Series{Name: group.name, Mark: MarkBars, Color: i, Width: 1.0 / histogramBins}
		for k, count := range group.counts {
			part := float64(count) / float64(group.n)
			highest = max(highest, part)
			s.Points = append(s.Points, Point{X: (float64(k) + 0.5) / histogramBins, Y: part,
				Label: fmt.Sprintf("%d prompts (%.1f %%), %s", count, 100*part, group.name)})
		}
		plot.Series = append(plot.Series, s)
	}
	plot.Y.Max = highest * 1.05
	return plot
}
