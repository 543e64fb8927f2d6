package report

import (
	"crypto/sha256"
	_ "embed" // the page, its style and its script
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/internal/plot"
)

// ErrNoResults says that there is nothing to report.
var ErrNoResults = errors.New("there is no result to report")

// Named is a result and the name of its data.
type Named struct {
	Name   string
	Result *eval.Result
}

var (
	//go:embed page/page.html
	reportPage string
	//go:embed page/style.css
	reportStyle string
	//go:embed page/script.js
	reportScript string

	reportTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
		"percent": percent,
		"short":   func(s string) string { return eval.Shorten(s, shownRunes) },
		"share":   func(v float64) string { return percent(&v) },
		"orNone":  orNone,
		"fixed":   func(v float64) string { return fmt.Sprintf("%.2f", v) },
	}).Parse(reportPage))
)

// page is what the template fills in.
type page struct {
	Title, Made string
	// Policy lets the page run its own script and load nothing at all.
	Policy   string
	Style    template.CSS
	Script   template.JS
	Sections []section
}

// HTML writes one HTML page about the results. It needs nothing but itself:
// no network, no other file; the plots are drawn in it. All text of prompts
// and routes is escaped. Made is when the results were measured.
func HTML(w io.Writer, title string, made time.Time, results []Named) error {
	if len(results) == 0 {
		return ErrNoResults
	}
	sum := sha256.Sum256([]byte(reportScript))
	p := page{
		Title:  title,
		Made:   made.Format("2 January 2006, 15:04 MST"),
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
		Style:  plot.Style + template.CSS(reportStyle), //nolint:gosec // our own file
		Script: template.JS(reportScript),              //nolint:gosec // our own file
	}
	for i, named := range results {
		s, err := newSection(i, named)
		if err != nil {
			return err
		}
		p.Sections = append(p.Sections, s)
	}
	if err := reportTemplate.Execute(w, p); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// percent writes a share with one digit, and a dash for what is not defined.
func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}
