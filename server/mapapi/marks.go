package mapapi

import (
	"context"
	"fmt"
	"slices"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval/lint"
	"github.com/semroute/semroute/learn/labelerrors"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// maxNotes bounds what is said.
const maxNotes = 1000

// mark looks for what is wrong with the points and notes it.
func (d *drawing) mark(ctx context.Context, now *engine.Inventory, drawn []int) error {
	found, err := d.findings(ctx, now, drawn)
	if err != nil {
		return err
	}
	grave := slices.IndexFunc(found, func(n *semroutev1.MapNote) bool { return n.GetSeverity() == string(lint.SeverityInfo) })
	if grave < 0 {
		grave = len(found)
	}
	notes := slices.Concat(found[:grave], d.suspects(now, drawn), d.overlaps(), found[grave:])
	d.notes = notes[:min(len(notes), maxNotes)]
	for _, note := range d.notes {
		for _, p := range note.GetPoints() {
			d.points[p].marks |= 1 << note.GetMark()
		}
	}
	return nil
}

// findings are lint's. Of a catalog of which only a part is drawn, what depends on
// how many utterances there are is not said.
func (d *drawing) findings(ctx context.Context, now *engine.Inventory, drawn []int) ([]*semroutev1.MapNote, error) {
	in := lint.Input{Entries: make([]lint.Entry, len(drawn)), HeldOut: make([]lint.HeldOut, len(drawn))}
	held := now.HeldOutByEntry()
	place := map[[2]string]uint32{} // by route and utterance
	for k, i := range drawn {
		entry := &now.Entries[i]
		in.Entries[k] = lint.Entry{Route: entry.Route, Utterance: entry.Utterance, Vector: entry.Vector}
		in.HeldOut[k] = lint.HeldOut(held[i])
		place[[2]string{entry.Route, entry.Utterance}] = uint32(k)
	}
	findings, err := lint.Run(ctx, in)
	if err != nil {
		return nil, err
	}
	var notes []*semroutev1.MapNote
	for i := range findings {
		f := &findings[i]
		if d.leftOut > 0 && (f.Kind == lint.KindThin || f.Kind == lint.KindUnbalanced) {
			continue
		}
		note := &semroutev1.MapNote{
			Mark: semroutev1.MapMark_MAP_MARK_LINT, Kind: string(f.Kind), Severity: string(f.Severity), Message: shortened(f.Message, maxMessage),
		}
		for _, route := range f.Routes {
			note.Routes = append(note.Routes, d.numberOf(route)...)
			if at, ok := place[[2]string{route, f.Utterance}]; ok {
				note.Points = append(note.Points, at)
			}
		}
		notes = append(notes, note)
	}
	return notes, nil
}

func (d *drawing) numberOf(route string) []uint32 {
	if i := slices.Index(d.routes, route); i >= 0 {
		return []uint32{uint32(i)}
	}
	return nil
}

// suspects are the utterances that probably stand under the wrong route.
func (d *drawing) suspects(now *engine.Inventory, drawn []int) []*semroutev1.MapNote {
	var notes []*semroutev1.MapNote
	for _, s := range labelerrors.Find(now.HeldOut, len(now.Routes)) {
		k, shown := slices.BinarySearch(drawn, int(s.Example))
		if !shown {
			continue
		}
		own, other := now.Routes[s.Label], now.Routes[s.Route]
		notes = append(notes, &semroutev1.MapNote{
			Mark:    semroutev1.MapMark_MAP_MARK_LABEL_SUSPECT,
			Message: shortened(fmt.Sprintf("%q stands under %q, but seems to belong to %q; move it, or add more like it", d.points[k].text, own, other), maxMessage),
			Points:  []uint32{uint32(k)}, Routes: append(d.numberOf(own), d.numberOf(other)...),
		})
	}
	return notes
}

// overlaps are the points most of whose nearest are of other routes, a note for each
// pair of routes. How many are nearest goes by how many of its own route there are.
func (d *drawing) overlaps() []*semroutev1.MapNote {
	sizes := make([]int, len(d.routes))
	for _, p := range d.points {
		sizes[p.route]++
	}
	type pair struct{ own, other uint32 }
	among := map[pair][]uint32{}
	var order []pair
	for i, p := range d.points {
		nearest := d.picture.NearestOf(i)
		nearest = nearest[:min(len(nearest), sizes[p.route]-1)]
		if len(nearest) < 2 {
			continue
		}
		strangers, counts, most := 0, map[uint32]int{}, uint32(0)
		for _, j := range nearest {
			if other := d.points[j].route; other != p.route {
				strangers++
				counts[other]++
				if counts[other] > counts[most] {
					most = other
				}
			}
		}
		if 2*strangers <= len(nearest) {
			continue
		}
		key := pair{p.route, most}
		if among[key] == nil {
			order = append(order, key)
		}
		among[key] = append(among[key], uint32(i))
	}
	slices.SortStableFunc(order, func(a, b pair) int { return len(among[b]) - len(among[a]) })
	var notes []*semroutev1.MapNote
	for _, key := range order {
		notes = append(notes, &semroutev1.MapNote{
			Mark: semroutev1.MapMark_MAP_MARK_OVERLAP, Points: among[key], Routes: []uint32{key.own, key.other},
			Message: shortened(fmt.Sprintf("%d of %d utterances of %q lie among those of %q; word them so that they differ in what sets the routes apart",
				len(among[key]), sizes[key.own], d.routes[key.own], d.routes[key.other]), maxMessage),
		})
	}
	return notes
}
