package plot

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestPlot(t *testing.T) {
	svg, err := Plot{
		Title: "Cost & quality",
		X:     Axis{Label: "cost", Log: true, Prefix: "$"},
		Y:     Axis{Label: "quality", Max: 1, Percent: true},
		Series: []Series{
			{Name: "<models>", Mark: MarkDots, LabelDots: true, Points: []Point{{X: .01, Y: .5, Label: "small"}, {X: 1, Y: .9, Label: "a large <model>"}}},
			{Name: "frontier", Mark: MarkLine, Color: 1, Points: []Point{{X: .01, Y: .5}, {X: .1, Y: .85, Label: "here"}, {X: 1, Y: .9}}},
			{Mark: MarkDashes, Color: 5, Points: []Point{{X: .01, Y: .5}, {X: 1, Y: .9}}},
			{Name: "share", Mark: MarkBars, Color: 2, Width: .02, Points: []Point{{X: .05, Y: .2}}},
		},
	}.SVG()
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "plot.svg.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(svg+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(svg)+"\n"); diff != "" {
		t.Errorf("%s differs; run the test with -update if that is meant (-want +got):\n%s", golden, diff)
	}
}

func TestPlotLeavesOutWhatCannotBeDrawn(t *testing.T) {
	odd := []Point{{X: math.NaN(), Y: 1}, {X: 1, Y: math.Inf(1)}, {X: -1, Y: 1}, {X: 0, Y: 0}, {X: 2, Y: 1}}
	for name, series := range map[string][]Series{
		"nothing":    nil,
		"odd values": {{Mark: MarkLine, Points: odd}, {Mark: MarkDots, Points: odd}, {Mark: MarkBars, Width: 1, Points: odd}, {Mark: 9, Points: odd}},
		"one point":  {{Mark: MarkLine, Points: odd[4:]}},
	} {
		for _, log := range []bool{false, true} {
			svg, err := Plot{X: Axis{Log: log}, Series: series}.SVG()
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
				t.Errorf("%s, log %v: %s", name, log, svg)
			}
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want []string
	}{
		{scale{low: 0, high: 1, axis: Axis{Percent: true}}, []string{"0 %", "20 %", "40 %", "60 %", "80 %", "100 %"}},
		{scale{low: 0, high: .3}, []string{"0", "0.1", "0.2", "0.3"}},
		{scale{low: -3, high: 12}, []string{"0", "5", "10"}},
		{scale{low: 90, high: 100}, []string{"90", "92", "94", "96", "98", "100"}},
		{scale{low: .5, high: 20, axis: Axis{Log: true, Prefix: "$"}}, []string{"$0.5", "$1", "$2", "$5", "$10", "$20"}},
		{scale{low: 1, high: 1e5, axis: Axis{Log: true}}, []string{"1", "10", "100", "1000", "1e+04", "1e+05"}},
	} {
		var got []string
		for _, v := range c.s.ticks(plotTicks) {
			got = append(got, c.s.format(v))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v to %v: %s", c.s.low, c.s.high, diff)
		}
	}
}
