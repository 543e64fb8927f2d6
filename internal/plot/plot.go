// Package plot draws small charts as SVG: lines, dots and bars over two axes, linear
// or logarithmic. It knows nothing of what they show.
package plot

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// Plot is a chart that SVG draws. It takes its colours from the CSS variables
// of the page around it (Style sets them), so it follows dark and light.
type Plot struct {
	// Title says what is shown, also to those who cannot see it.
	Title  string
	X, Y   Axis
	Series []Series
}

// Axis is one side of a plot. When Min equals Max the range is taken from the
// data. Log needs positive values; others are left out.
type Axis struct {
	Label    string
	Min, Max float64
	Log      bool
	// Percent writes 0.25 as 25 %.
	Percent bool
	// Prefix stands in front of the numbers, such as "$".
	Prefix string
}

// Mark is how the points of a series are drawn.
type Mark uint8

// The marks.
const (
	MarkLine   Mark = iota // joined by a line
	MarkDashes             // joined by a dashed line, for what is to be compared with
	MarkDots               // by themselves, each with its label beside it if LabelDots
	MarkBars               // from the lower end of the y axis up
)

// Series is a list of points of one kind. Points that are not finite are left out.
type Series struct {
	// Name stands in the legend; empty means that it needs none.
	Name string
	Mark Mark
	// Color is one of the six series colours, 0 to 5.
	Color  int
	Points []Point
	// Width is that of a bar, in units of x.
	Width float64
	// LabelDots writes the points' labels beside them.
	LabelDots bool
}

// Point is one value. Label is shown when pointed at.
type Point struct {
	X, Y  float64
	Label string
	// Size is the radius of a dot in pixels; 0 means 4.
	Size float64
}

// SVG draws the plot. All text is escaped.
func (p Plot) SVG() (template.HTML, error) {
	var b strings.Builder
	if err := page.Execute(&b, p.draw()); err != nil {
		return "", fmt.Errorf("drawing the plot %q: %w", p.Title, err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // html/template has escaped it
}

// span is the range of the values of all series along one axis.
func (p *Plot) span(axis Axis, value func(Point) float64) (low, high float64) {
	if axis.Min != axis.Max {
		return axis.Min, axis.Max
	}
	low, high = math.Inf(1), math.Inf(-1)
	for i := range p.Series {
		for _, point := range p.Series[i].Points {
			v := value(point)
			if math.IsNaN(v) || math.IsInf(v, 0) || axis.Log && v <= 0 {
				continue
			}
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case low > high: // no points
		low, high = 0, 1
		if axis.Log {
			low, high = 1, 10
		}
	case axis.Log:
		low, high = low/1.2, high*1.2
	case low == high:
		low, high = low-0.5, high+0.5
	default:
		pad := (high - low) * 0.05
		low, high = low-pad, high+pad
	}
	return low, high
}
