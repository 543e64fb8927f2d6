package edit

import (
	"errors"
	"fmt"
	"slices"

	"github.com/semroute/semroute/routes"
)

func (d *draft) put(i int, c *Put) error {
	if err := d.expect(i, c.Route.Name, c.Etag); err != nil {
		return err
	}
	route := c.Route
	route.At, route.UtterancesAt, route.Forwarding = routes.Position{}, nil, routes.Forwarding{}
	route.Utterances = slices.Clone(route.Utterances)
	if c.Policy != "" {
		models := make([]string, len(d.catalog.Models))
		for k := range d.catalog.Models {
			models[k] = d.catalog.Models[k].Name
		}
		policy, err := routes.ParseForwarding("policy", []byte(c.Policy), &route, models)
		d.badText(i, "policy", err)
		route.Forwarding = policy
	}
	from := &source{put: i}
	for k := range route.Utterances {
		from.texts = append(from.texts, origin{i, k})
	}
	d.touched[route.Name] = from
	at, there := d.at[route.Name]
	if !there {
		at = len(d.catalog.Routes)
		d.at[route.Name] = at
		d.catalog.Routes = append(d.catalog.Routes, routes.Route{})
	}
	d.catalog.Routes[at] = route
	d.owners = nil
	return nil
}

// badText notes what is wrong in a text of YAML, line by line.
func (d *draft) badText(change int, field string, err error) {
	var problems routes.Problems
	if !errors.As(err, &problems) {
		return
	}
	for _, p := range problems {
		at := ""
		if p.Position.Line > 0 {
			at = fmt.Sprintf("line %d, column %d: ", p.Position.Line, p.Position.Column)
		}
		d.bad(change, field, "%s%s", at, p.Message)
	}
}

func (d *draft) remove(i int, c *Delete) error {
	if err := d.expect(i, c.Route, c.Etag); err != nil {
		return err
	}
	at, there := d.at[c.Route]
	if !there {
		return d.missing(i, c.Route)
	}
	d.catalog.Routes = slices.Delete(d.catalog.Routes, at, at+1)
	delete(d.at, c.Route)
	delete(d.touched, c.Route)
	for k := at; k < len(d.catalog.Routes); k++ {
		d.at[d.catalog.Routes[k].Name] = k
	}
	d.owners = nil
	return nil
}

func (d *draft) replace(i int, c *Replace) error {
	catalog, err := d.editor.Validate([]byte(c.YAML))
	if err != nil {
		d.badText(i, "yaml", err)
		return nil
	}
	known := map[secret]bool{}
	for k := range d.base.Models {
		known[secretOf(&d.base.Models[k])] = true
	}
	for k := range catalog.Models {
		m := &catalog.Models[k]
		if s := secretOf(m); (s.env != "" || s.file != "") && !known[s] {
			d.bad(i, "yaml", "model %q names a key for a server that the catalog before did not name it for; "+
				"such a model comes by the catalog's files, with serve --import-catalog", m.Name)
		}
	}
	clear(d.touched)
	d.begin(catalog)
	return nil
}

// secret is where a key lies and which server it is sent to.
type secret struct{ provider, server, env, file string }

func secretOf(m *routes.Model) secret {
	return secret{string(m.Provider), m.BaseURL, m.APIKeyEnv, m.APIKeyFile}
}
