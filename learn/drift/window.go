package drift

// seen is an observation as the window keeps it.
type seen struct {
	route                  string
	confidence, similarity float32
}

// window are the last decisions.
type window struct {
	size                   int
	ring                   []seen
	next                   int
	abstained              int
	confidence, similarity float64
	routes                 map[string]int
}

func (w *window) add(o *Observation) {
	now := seen{o.Route, float32(value(o.Confidence)), float32(value(o.Similarity))}
	if w.routes == nil {
		w.routes = map[string]int{}
	}
	if len(w.ring) < w.size {
		w.ring = append(w.ring, now)
	} else {
		w.count(&w.ring[w.next], -1)
		w.ring[w.next] = now
		w.next = (w.next + 1) % w.size
	}
	w.count(&now, 1)
}

// count adds an observation, or with -1 takes it away.
func (w *window) count(s *seen, sign int) {
	w.confidence += float64(sign) * float64(s.confidence)
	w.similarity += float64(sign) * float64(s.similarity)
	if s.route == "" {
		w.abstained += sign
		return
	}
	if w.routes[s.route] += sign; w.routes[s.route] == 0 {
		delete(w.routes, s.route)
	}
}

// mean is that of what a stream watches, 0 before there is any.
func (w *window) mean(s *stream) float64 {
	n := float64(max(1, len(w.ring)))
	switch s.kind {
	case Confidence:
		return max(0, w.confidence/n)
	case Similarity:
		return max(0, w.similarity/n)
	case Abstention:
		return float64(w.abstained) / n
	}
	return float64(w.routes[s.route]) / n
}

// tally sums the window up.
func (w *window) tally() *Tally {
	t := &Tally{}
	for i := range w.ring {
		s := &w.ring[i]
		t.Add(&Observation{Route: s.route, Confidence: float64(s.confidence), Similarity: float64(s.similarity)})
	}
	return t
}
