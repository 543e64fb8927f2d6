package routes

// catalogFile reads the top level of one file into the catalog.
func (l *loading) catalogFile(v value) {
	none := &utterances{load: l}
	readMapping(v, "the catalog",
		field{"models", each("models", l.model)},
		field{"routes", each("routes", l.route)},
		field{"rules", each("rules", l.rule)},
		field{"fallback", l.single("fallback", l.fallback)},
		field{"none", none.inline("none")},
		field{"none_files", none.files("none_files")},
		field{"thresholds", l.single("thresholds", func(v value) { readThresholds(v, &l.catalog.Thresholds) })},
		field{"fitted", l.single("fitted", l.fitted)},
		field{"budgets", each("budgets", l.budget)},
		field{"aliases", l.aliases},
	)
	l.catalog.None = append(l.catalog.None, none.texts...)
	l.catalog.NoneAt = append(l.catalog.NoneAt, none.at...)
}

// each reads a list section.
func each(section string, read func(value)) func(value) {
	return func(v value) { v.List(section, read) }
}

// single reads a section that stands in one file only.
func (l *loading) single(section string, read func(value)) func(value) {
	return func(v value) {
		if first, taken := l.once[section]; taken {
			v.Bad("%s is given twice, first at %s", section, first)
			return
		}
		l.once[section] = v.Place
		read(v)
	}
}

// into stores what a value holds, if it is right.
func into[T any](target *T, read func() (T, bool)) {
	if got, ok := read(); ok {
		*target = got
	}
}

// pointer stores a pointer to what a value holds, if it is right.
func pointer[T any](target **T, read func() (T, bool)) {
	if got, ok := read(); ok {
		*target = &got
	}
}

// share reads a number in [0, 1] into target.
func share(key string, target *float64) field {
	return field{key, func(v value) { into(target, func() (float64, bool) { return v.Number(key, 0, 1) }) }}
}

// sharePointer is share for a number that may be absent.
func sharePointer(key string, target **float64) field {
	return field{key, func(v value) { pointer(target, func() (float64, bool) { return v.Number(key, 0, 1) }) }}
}

// words reads text into target.
func words(key string, target *string) field {
	return field{key, func(v value) { into(target, func() (string, bool) { return v.Text(key) }) }}
}

func readThresholds(v value, t *Thresholds) {
	readMapping(v, "thresholds", thresholdFields(t)...)
}

func thresholdFields(t *Thresholds) []field {
	return []field{
		sharePointer("min_confidence", &t.MinConfidence),
		sharePointer("min_margin", &t.MinMargin),
		{"min_similarity", func(v value) {
			pointer(&t.MinSimilarity, func() (float64, bool) { return v.Number("min_similarity", -1, 1) })
		}},
	}
}

func (l *loading) fallback(v value) {
	f := &l.catalog.Fallback
	given := 0
	ok := readMapping(v, "fallback",
		field{"models", func(v value) {
			given++
			f.Models = l.mentioned(v, "fallback models", aModel, "fallback")
			if v.Kind() == "a list" && len(f.Models) == 0 {
				v.Bad("fallback models is empty; name a model or leave the fallback out")
			}
		}},
		field{"route", func(v value) { given++; f.Route, _ = l.mention(v, aRoute, "fallback") }},
	)
	if ok && given != 1 {
		v.Bad("fallback needs either models or route, and only one of them")
	}
}
