package plot

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// The picture, in pixels.
const (
	plotWidth, plotHeight         = 400.0, 284.0
	plotLeft, plotRight           = 50.0, 382.0
	plotTop, plotBottom           = 32.0, 238.0
	letterWidth                   = 6.8 // of the labels' font, about
	defaultDot                    = 4.0
	legendSwatch                  = 16.0
	plotTicks              int    = 5
	colours                int    = 6
	anchorStart, anchorEnd string = "start", "end"
)

// drawing is what the template draws: everything in pixels, as text.
type drawing struct {
	Title                    string
	Width, Height            string
	Left, Right, Top, Bottom string
	XTicks, YTicks           []tick
	XLabel, YLabel           text
	Shapes                   []shape
	Legend                   []legend
}

type tick struct{ At, Text string }

type text struct{ X, Y, Anchor, Text string }

// shape is a path, a rectangle or a circle, with the words shown for it.
type shape struct {
	Kind, Class         string
	Path                string
	X, Y, Width, Height string
	Radius              string
	Words               string
	Label               *text
}

// legend is a swatch, from From to To at the height Middle, and a name.
type legend struct{ Class, Text, From, To, Middle, X, Y string }

func pixel(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

func (p *Plot) draw() drawing {
	x := scale{axis: p.X, from: plotLeft, to: plotRight}
	y := scale{axis: p.Y, from: plotBottom, to: plotTop}
	x.low, x.high = p.span(p.X, func(q Point) float64 { return q.X })
	y.low, y.high = p.span(p.Y, func(q Point) float64 { return q.Y })
	d := drawing{
		Title: p.Title,
		Width: pixel(plotWidth), Height: pixel(plotHeight),
		Left: pixel(plotLeft), Right: pixel(plotRight), Top: pixel(plotTop), Bottom: pixel(plotBottom),
		XTicks: drawTicks(&x), YTicks: drawTicks(&y),
		XLabel: text{X: pixel((plotLeft + plotRight) / 2), Y: pixel(plotBottom + 38), Text: p.X.Label},
		YLabel: text{X: pixel(plotLeft), Y: pixel(plotTop - 13), Text: p.Y.Label},
		Legend: drawLegend(p.Series),
	}
	for i := range p.Series {
		d.Shapes = append(d.Shapes, p.Series[i].draw(&x, &y)...)
	}
	return d
}

func drawTicks(s *scale) []tick {
	var drawn []tick
	for _, v := range s.ticks(plotTicks) {
		if at, ok := s.at(v); ok {
			drawn = append(drawn, tick{At: pixel(at), Text: s.format(v)})
		}
	}
	return drawn
}

// drawLegend puts the names in a row that ends at the right.
func drawLegend(series []Series) []legend {
	var drawn []legend
	end := plotRight
	for i := len(series) - 1; i >= 0; i-- {
		s := &series[i]
		if s.Name == "" {
			continue
		}
		end -= letterWidth * float64(len([]rune(s.Name)))
		drawn = append(drawn, legend{
			Class: s.class(), Text: s.Name,
			From: pixel(end - legendSwatch), To: pixel(end - 5), Middle: pixel(plotTop - 17),
			X: pixel(end), Y: pixel(plotTop - 13),
		})
		end -= legendSwatch + 14
	}
	return drawn
}

func (s *Series) class() string {
	kind := [...]string{MarkLine: "line", MarkDashes: "dashes", MarkDots: "dots", MarkBars: "bars"}[min(s.Mark, MarkBars)]
	return kind + " s" + strconv.Itoa(((s.Color%colours)+colours)%colours)
}

func (s *Series) draw(x, y *scale) []shape {
	switch s.Mark {
	case MarkBars:
		return s.bars(x, y)
	case MarkDots:
		return s.dots(x, y)
	}
	return s.line(x, y)
}

// line joins the points; each gets an invisible dot to point at if it has words.
func (s *Series) line(x, y *scale) []shape {
	var path strings.Builder
	joined := shape{Kind: "path", Class: s.class()}
	spots := []shape{}
	for _, p := range s.Points {
		px, okX := x.at(p.X)
		py, okY := y.at(p.Y)
		if !okX || !okY {
			continue
		}
		command := "L"
		if path.Len() == 0 {
			command = "M"
		}
		path.WriteString(command + pixel(px) + " " + pixel(py))
		if p.Label != "" {
			spots = append(spots, shape{Kind: "circle", Class: "spot", X: pixel(px), Y: pixel(py), Radius: pixel(5), Words: p.Label})
		}
	}
	joined.Path = path.String()
	return append([]shape{joined}, spots...)
}

func (s *Series) dots(x, y *scale) []shape {
	var drawn []shape
	for _, p := range s.Points {
		px, okX := x.at(p.X)
		py, okY := y.at(p.Y)
		if !okX || !okY {
			continue
		}
		dot := shape{Kind: "circle", Class: s.class(), X: pixel(px), Y: pixel(py), Radius: pixel(cmp.Or(p.Size, defaultDot)), Words: p.Label}
		if s.LabelDots && p.Label != "" {
			dot.Label = &text{X: pixel(px + 8), Y: pixel(py - 6), Anchor: anchorStart, Text: p.Label}
			if px+8+letterWidth*float64(len([]rune(p.Label))) > plotRight {
				dot.Label.X, dot.Label.Anchor = pixel(px-8), anchorEnd
			}
		}
		drawn = append(drawn, dot)
	}
	return drawn
}

func (s *Series) bars(x, y *scale) []shape {
	var drawn []shape
	for _, p := range s.Points {
		left, okLeft := x.at(p.X - s.Width/2)
		right, okRight := x.at(p.X + s.Width/2)
		top, okTop := y.at(p.Y)
		if !okLeft || !okRight || !okTop {
			continue
		}
		top = min(max(top, plotTop), plotBottom)
		drawn = append(drawn, shape{
			Kind: "rect", Class: s.class(), X: pixel(left + 0.5), Y: pixel(top),
			Width: pixel(math.Max(right-left-1, 0.5)), Height: pixel(plotBottom - top), Words: p.Label,
		})
	}
	return drawn
}
