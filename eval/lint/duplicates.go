package lint

import "slices"

// duplicates finds utterances of the same wording, within a route, where all
// but the first can go, and across routes, where somebody has to decide.
func (l *linter) duplicates() {
	groups := map[string][]int{}
	var order []string
	for i, text := range l.normal {
		if groups[text] == nil {
			order = append(order, text)
		}
		groups[text] = append(groups[text], i)
	}
	for _, text := range order {
		if group := groups[text]; len(group) > 1 {
			l.sameWording(group)
		}
	}
}

func (l *linter) sameWording(group []int) {
	first := map[string]int{} // the entry of each route that stays
	var order []string
	for _, i := range group {
		route := l.Entries[i].Route
		kept, again := first[route]
		if !again {
			first[route] = i
			order = append(order, route)
			continue
		}
		f := l.about(i, KindDuplicate, SeverityInfo, "%s stands in %s already%s; remove it, it adds nothing",
			quoted(l.Entries[i].Utterance), named(route), l.at(kept))
		f.Fix = &Fix{Remove: l.Entries[i].Utterance, Route: route, Position: f.Position}
		l.add(f)
	}
	if len(order) == 1 {
		return
	}
	slices.Sort(order)
	f := l.about(first[order[0]], KindConflict, SeverityError,
		"%s stands in %s; keep it in the one route it belongs to", quoted(l.Entries[first[order[0]]].Utterance), list(order))
	f.Routes = order
	l.add(f)
}

// at says where an entry stands, where that is known.
func (l *linter) at(i int) string {
	if p := place(l.Entries[i].At); p != nil {
		return " (" + p.String() + ")"
	}
	return ""
}
