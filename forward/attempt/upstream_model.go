package attempt

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/semroute/semroute/routes"
)

// upstreamModel is the name of the model that answered where it is another than
// was asked for, "" otherwise. The first time it is logged: the upstream has
// retired the model, or its name leads elsewhere.
func (a *attempt) upstreamModel(name string) string {
	if name == "" || sameModel(a.model.Model.Model, name) {
		return ""
	}
	name = answered(name)
	if a.model.Health.NewName(name) {
		a.call.maker.Logger.Warn().Str("model", a.model.Name).Str("asked", a.model.Model.Model).Str("answered", name).
			Msg("another model answered than was asked for; update the catalog if it was renamed or retired")
	}
	return name
}

// prices are those of the model that answered, where the catalog has it at the
// same server, or else of the one that was asked. A name alone says nothing:
// small servers answer in the name of large models.
func (a *attempt) prices(answered string) routes.Prices {
	if answered == "" {
		return a.model.Prices
	}
	for _, m := range a.call.maker.Models {
		if m.Provider == a.model.Provider && sameServer(m.BaseURL, a.model.BaseURL) && len(m.Prices) > 0 && sameModel(m.Model, answered) {
			return m.Prices
		}
	}
	return a.model.Prices
}

// sameServer says whether two addresses lead to the same host and port; one
// server may have a path for each of its models.
func sameServer(one, other string) bool {
	if one == other {
		return true
	}
	a, err := url.Parse(one)
	if err != nil {
		return false
	}
	b, err := url.Parse(other)
	return err == nil && a.Host != "" && strings.EqualFold(a.Host, b.Host)
}

// version is what providers put behind a model's name for one state of it: a
// date, a month and day, or a tag.
var version = regexp.MustCompile(`(-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|0\d{2})|[-:]latest)$`)

// variant is what routers take behind a model's name for a way to serve it.
var variant = regexp.MustCompile(`:(free|nitro|floor|online|extended|exacto|beta)$|\.gguf$`)

// sameModel says whether the answer's name may be the asked one's: servers
// leave out who made it, and add the date of its state.
func sameModel(asked, answered string) bool {
	asked, answered = plainName(asked), plainName(answered)
	return asked == answered || bareName(asked) == answered || asked == bareName(answered) ||
		strings.HasSuffix(asked, "latest") && bareName(asked) == bareName(answered)
}

// plainName is a model's name without its maker or folder.
func plainName(name string) string {
	name = strings.ToLower(name)
	name = strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "@", "-")
	return variant.ReplaceAllString(name, "")
}

func bareName(name string) string { return version.ReplaceAllString(name, "") }
