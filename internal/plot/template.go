package plot

import "html/template"

// page draws a drawing.
var page = template.Must(template.New("plot").Parse(`<svg class="plot" viewBox="0 0 {{.Width}} {{.Height}}" role="img" aria-label="{{.Title}}">
{{- range .YTicks}}<line class="grid" x1="{{$.Left}}" x2="{{$.Right}}" y1="{{.At}}" y2="{{.At}}"/><text class="tick" x="{{$.Left}}" dx="-7" dy="4" y="{{.At}}" text-anchor="end">{{.Text}}</text>
{{- end}}{{range .XTicks}}<line class="grid" x1="{{.At}}" x2="{{.At}}" y1="{{$.Top}}" y2="{{$.Bottom}}"/><text class="tick" x="{{.At}}" y="{{$.Bottom}}" dy="17" text-anchor="middle">{{.Text}}</text>
{{- end}}<line class="axis" x1="{{.Left}}" x2="{{.Right}}" y1="{{.Bottom}}" y2="{{.Bottom}}"/>
{{- with .XLabel}}<text class="label" x="{{.X}}" y="{{.Y}}" text-anchor="middle">{{.Text}}</text>{{end}}
{{- with .YLabel}}<text class="label" x="{{.X}}" y="{{.Y}}">{{.Text}}</text>{{end}}
{{- range .Shapes}}
{{if eq .Kind "path"}}<path class="{{.Class}}" d="{{.Path}}"/>
{{- else if eq .Kind "rect"}}<rect class="{{.Class}}" x="{{.X}}" y="{{.Y}}" width="{{.Width}}" height="{{.Height}}">{{with .Words}}<title>{{.}}</title>{{end}}</rect>
{{- else}}<circle class="{{.Class}}" cx="{{.X}}" cy="{{.Y}}" r="{{.Radius}}">{{with .Words}}<title>{{.}}</title>{{end}}</circle>{{end}}
{{- with .Label}}<text class="name" x="{{.X}}" y="{{.Y}}" text-anchor="{{.Anchor}}">{{.Text}}</text>{{end}}
{{- end}}
{{- range .Legend}}
<line class="{{.Class}} swatch" x1="{{.From}}" x2="{{.To}}" y1="{{.Middle}}" y2="{{.Middle}}"/><text class="label" x="{{.X}}" y="{{.Y}}">{{.Text}}</text>
{{- end}}
</svg>`))

// Style is the CSS that plots need: series colours for light, dark and
// paper, and the strokes of the marks.
const Style template.CSS = `
:root{--ink:#1c2331;--muted:#5b6472;--rule:#e2e5ea;--s0:#2a69c9;--s1:#d06a12;--s2:#17826f;--s3:#7d4fc2;--s4:#b3356f;--s5:#6b7280}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ef;--muted:#9aa4b3;--rule:#2c323d;--s0:#6fa8ff;--s1:#f0a04b;--s2:#4cc3ab;--s3:#b592f0;--s4:#ee7fae;--s5:#9ca3af}}
@media print{:root{--ink:#000;--muted:#444;--rule:#ddd;--s0:#2a69c9;--s1:#d06a12;--s2:#17826f;--s3:#7d4fc2;--s4:#b3356f;--s5:#6b7280}}
.plot{width:100%;height:auto;display:block;font:12px system-ui,sans-serif}
.plot text{fill:var(--ink)}.plot .tick{fill:var(--muted);font-size:11px}.plot .label{fill:var(--muted);font-size:12px}.plot .name{font-size:11px}
.plot .grid{stroke:var(--rule);stroke-width:1}.plot .axis{stroke:var(--muted);stroke-width:1}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}
.plot .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
.plot .dashes{fill:none;stroke:var(--c);stroke-width:1.5;stroke-dasharray:5 4}
.plot .dots{fill:var(--c);stroke:var(--c);fill-opacity:.75}
.plot .bars{fill:var(--c);fill-opacity:.42;stroke:none}
.plot .bars.swatch{stroke:var(--c);stroke-opacity:.6;stroke-width:10}.plot .dots.swatch{stroke-width:9;stroke-linecap:round;stroke-dasharray:0 20;stroke-dashoffset:-6}
.plot .spot{fill:transparent}.plot .spot:hover{fill:var(--ink)}
`
