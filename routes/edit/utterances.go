package edit

import (
	"fmt"
	"slices"

	"github.com/semroute/semroute/routes"
)

// texts are the utterances of a route, or of no route; nil where there is none.
func (d *draft) texts(route string) *[]string {
	if route == "" {
		return &d.catalog.None
	}
	at, there := d.at[route]
	if !there {
		return nil
	}
	return &d.catalog.Routes[at].Utterances
}

// touch prepares the utterances of a route to be changed.
func (d *draft) touch(route string, texts *[]string) *source {
	from, known := d.touched[route]
	if !known {
		from = &source{put: -1, kept: len(*texts)}
		d.touched[route] = from
		*texts = slices.Clone(*texts)
		if route != "" {
			d.catalog.Routes[d.at[route]].UtterancesAt = nil
		}
	}
	return from
}

func (d *draft) add(i int, c *Utterances) error {
	if err := d.expect(i, c.Route, c.Etag); err != nil {
		return err
	}
	texts := d.texts(c.Route)
	if texts == nil {
		return d.missing(i, c.Route)
	}
	from, owners := d.touch(c.Route, texts), d.ownersNow()
	for k, text := range c.Texts {
		id := routes.Identity(text)
		if other, taken := owners[id]; taken {
			d.bad(i, fmt.Sprintf("utterances[%d]", k), "utterance %q stands in %s already", text, holder(other))
			continue
		}
		owners[id] = c.Route
		*texts = append(*texts, text)
		from.texts = append(from.texts, origin{i, k})
	}
	return nil
}

func (d *draft) take(i int, c *Utterances) error {
	if err := d.expect(i, c.Route, c.Etag); err != nil {
		return err
	}
	texts := d.texts(c.Route)
	if texts == nil {
		return d.missing(i, c.Route)
	}
	from, owners := d.touch(c.Route, texts), d.ownersNow()
	gone := map[string]bool{}
	for k, text := range c.Texts {
		id := routes.Identity(text)
		if owner, there := owners[id]; !there || owner != c.Route {
			where := ""
			if there {
				where = ", but in " + holder(owner)
			}
			d.bad(i, fmt.Sprintf("utterances[%d]", k), "utterance %q does not stand in %s%s", text, holder(c.Route), where)
			continue
		}
		delete(owners, id)
		gone[id] = true
	}
	from.without(*texts, gone)
	*texts = slices.DeleteFunc(*texts, func(text string) bool { return gone[routes.Identity(text)] })
	return nil
}

// without forgets the origins of utterances that go.
func (s *source) without(texts []string, gone map[string]bool) {
	kept, origins := 0, s.texts[:0:0]
	for k, text := range texts {
		switch {
		case gone[routes.Identity(text)]:
		case k < s.kept:
			kept++
		default:
			origins = append(origins, s.texts[k-s.kept])
		}
	}
	s.kept, s.texts = kept, origins
}

// ownersNow says which route every utterance stands in.
func (d *draft) ownersNow() map[string]string {
	if d.owners != nil {
		return d.owners
	}
	d.owners = map[string]string{}
	for _, text := range d.catalog.None {
		d.owners[routes.Identity(text)] = ""
	}
	for i := range d.catalog.Routes {
		r := &d.catalog.Routes[i]
		for _, text := range r.Utterances {
			d.owners[routes.Identity(text)] = r.Name
		}
	}
	return d.owners
}

func holder(route string) string {
	if route == "" {
		return "none"
	}
	return fmt.Sprintf("route %q", route)
}
