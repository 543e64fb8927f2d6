package report

import (
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/semroute/semroute/internal/plot"
)

// page is one page that needs nothing but itself.
var page = template.Must(template.New("outcomes").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>{{.Style}}</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>Measured {{.Made}} · embedder <code>{{.Embedder}}</code></p>
{{- range .About}}
<p>{{.}}</p>
{{- end}}
<figure>{{.Plot}}</figure>
<table>
<tr><th>Models</th><th>Calls to best</th><th>Quality</th><th>Cost</th><th>Saving to best</th><th>Saving to random</th></tr>
{{- range .Rows}}
<tr><td>{{.Name}}</td><td>{{.Share}}</td><td>{{.Quality}}</td><td>{{.Cost}}</td><td>{{.SavingToBest}}</td><td>{{.SavingRand}}</td></tr>
{{- end}}
</table>
<table>
<tr><th>Measure</th><th>Chosen</th><th>Random</th><th></th></tr>
{{- range .Measures}}
<tr><td>{{.Name}}</td><td>{{.Chosen}}</td><td>{{.Random}}</td><td>{{.Meaning}}</td></tr>
{{- end}}
</table>
</body>
</html>
`))

const style template.CSS = `
:root{color-scheme:light dark}
body{margin:32px auto;max-width:860px;padding:0 20px;color:var(--ink);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{background:#12151b}}
h1{font-size:24px}p{margin:2px 0;color:var(--muted)}figure{margin:20px 0;max-width:640px}
table{border-collapse:collapse;margin:20px 0}td,th{padding:5px 14px 5px 0;text-align:left;border-bottom:1px solid var(--rule)}
`

// perThousand makes the cost of a call one that can be read.
const perThousand = 1000

// WritePage draws the curve of cost and quality and writes the numbers
// beside it. All text is escaped.
func (r *Result) WritePage(w io.Writer, title string, made time.Time) error {
	chart, err := r.chart().SVG()
	if err != nil {
		return err
	}
	err = page.Execute(w, struct {
		Title, Made, Embedder string
		Style                 template.CSS
		About                 []string
		Plot                  template.HTML
		Rows                  []row
		Measures              []measure
	}{title, made.Format("2 January 2006, 15:04 MST"), r.Embedder, plot.Style + style, r.about(), chart, r.rows(), r.measures()})
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// chart is the curve from the cheapest model to the best.
func (r *Result) chart() plot.Plot {
	x, factor := plot.Axis{Label: "cost of 1,000 calls", Prefix: "$"}, float64(perThousand)
	if r.Costs.Assumed {
		x, factor = plot.Axis{Label: "share of calls to the best model", Percent: true}, 1
	}
	var chosen, random []plot.Point
	for _, p := range r.Curve {
		label := fmt.Sprintf("%s to the best: quality %.3f, at random %.3f", percentOf(p.Share), p.Quality, p.Chance)
		chosen = append(chosen, plot.Point{X: factor * p.Cost, Y: p.Quality, Label: label})
		random = append(random, plot.Point{X: factor * p.Cost, Y: p.Chance})
	}
	return plot.Plot{
		Title: "Cost and quality", X: x, Y: plot.Axis{Label: "mean quality"},
		Series: []plot.Series{
			{Name: "chosen", Mark: plot.MarkLine, Points: chosen},
			{Name: "random", Mark: plot.MarkDashes, Color: 5, Points: random},
			{Mark: plot.MarkDots, Color: 1, LabelDots: true, Points: []plot.Point{
				{X: factor * r.Cheapest.Cost, Y: r.Cheapest.Quality, Label: r.Cheapest.Model},
				{X: factor * r.Best.Cost, Y: r.Best.Quality, Label: r.Best.Model},
			}},
		},
	}
}
