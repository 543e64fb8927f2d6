package importer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/semroute/semroute/routes"
)

// model takes a model into the catalog under a name that no other has; one whose name
// is not usable is left out with a warning.
func (in *importer) model(at routes.Position, m routes.Model) {
	if m.Name == "" || !usableName(m.Name) {
		in.warn(at, "model %s is left out: its name is not usable", strictyaml.Quote(m.Name))
		return
	}
	asked := m.Name
	for n := 2; slices.ContainsFunc(in.models, func(o routes.Model) bool { return o.Name == m.Name }); n++ {
		m.Name = fmt.Sprintf("%s-%d", asked, n)
	}
	in.models = append(in.models, m)
	in.named[asked] = append(in.named[asked], m.Name)
}

// secrets names where the key of a model lies: in the variable that the file names,
// else in the usual one. A key that stands in the file stays there.
func (in *importer) secrets(m *routes.Model, v strictyaml.Value, at routes.Position) {
	usual := map[routes.Provider]string{routes.OpenAI: "OPENAI_API_KEY", routes.Anthropic: "ANTHROPIC_API_KEY"}[m.Provider]
	text := scalarText(v)
	name, isVariable := strings.CutPrefix(text, "os.environ/")
	switch {
	case isVariable && name != "":
		m.APIKeyEnv = name
	case text != "":
		m.APIKeyEnv = usual
		in.warn(at, "model %s: the key in the file is not carried over, for a catalog holds no secrets; set %s", strictyaml.Quote(m.Name), usual)
	case m.BaseURL == "":
		m.APIKeyEnv = usual
	}
}

// nanoPerMTok is a price in nano-dollars for a million tokens; false for what is no
// price.
func nanoPerMTok(dollars float64) (int64, bool) {
	nano := math.Round(dollars * 1e9)
	if !(nano >= 0 && nano <= 1e15) {
		return 0, false
	}
	return int64(nano), true
}

// priced gives a model a price, from dollars for a million tokens by kind.
func (in *importer) priced(m *routes.Model, at routes.Position, dollars map[string]float64) {
	if len(dollars) == 0 {
		return
	}
	var price routes.Price
	for kind, d := range dollars {
		nano, ok := nanoPerMTok(d)
		if !ok {
			in.warn(at, "model %s: the price %g is not carried over", strictyaml.Quote(m.Name), d)
			return
		}
		switch kind {
		case "input":
			price.InputPerMTok = nano
		case "output":
			price.OutputPerMTok = nano
		case "cached":
			price.CachedInputPerMTok = &nano
		case "write":
			price.CacheWritePerMTok = &nano
		}
	}
	m.Prices = routes.Prices{price}
}

// number reads a number; false for anything else, which is not carried over.
func number(v strictyaml.Value) (float64, bool) {
	var x float64
	n, err := fmt.Sscanf(scalarText(v), "%g", &x)
	return x, err == nil && n == 1
}

// modelsOf are the names under which a model of the file is in the catalog.
func (in *importer) modelsOf(names ...string) []string {
	var list []string
	for _, name := range names {
		for _, own := range in.named[name] {
			if !slices.Contains(list, own) {
				list = append(list, own)
			}
		}
	}
	return list
}
