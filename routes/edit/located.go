package edit

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/semroute/semroute/routes"
)

// inRoute is a field of a route in a catalog's YAML.
var inRoute = regexp.MustCompile(`^routes\[(\d+)\](?:\.(.*))?$`)

// inUtterances is one of its utterances, or of those of no route.
var inUtterances = regexp.MustCompile(`^(?:utterances|none)\[(\d+)\]`)

// elsewhere is a place in a text that nobody has seen.
var elsewhere = regexp.MustCompile(`,? (?:first )?at ` + name + `:\d+:\d+`)

// located gives problems of the changed catalog's YAML to the changes that
// brought them.
func (d *draft) located(data []byte, problems routes.Problems) Problems {
	found := make(Problems, len(problems))
	for i, p := range problems {
		field := routes.FieldAt(data, p.Position)
		found[i] = Problem{Change: -1, Field: field, Message: elsewhere.ReplaceAllString(p.Message, "")}
		d.locate(&found[i], field)
	}
	return found
}

func (d *draft) locate(p *Problem, field string) {
	route := ""
	if m := inRoute.FindStringSubmatch(field); m != nil {
		at, _ := strconv.Atoi(m[1])
		if at >= len(d.catalog.Routes) {
			return
		}
		route, field = d.catalog.Routes[at].Name, m[2]
	} else if !strings.HasPrefix(field, "none[") {
		return
	}
	from := d.touched[route]
	if from == nil {
		return
	}
	if m := inUtterances.FindStringSubmatch(field); m != nil {
		at, _ := strconv.Atoi(m[1])
		if at -= from.kept; at >= 0 && at < len(from.texts) {
			p.Change, p.Field = from.texts[at].change, "utterances["+strconv.Itoa(from.texts[at].index)+"]"
		}
		return
	}
	if from.put >= 0 {
		p.Change, p.Field = from.put, field
	}
}
