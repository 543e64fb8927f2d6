package memory

import "github.com/semroute/semroute/index"

// Stats says how the index stands.
type Stats struct {
	Entries int
	// Fresh and Dead are entries beside the base, and rows of it that no
	// longer count; both go when the base is made anew.
	Fresh, Dead int
	// Lists is how many lists the base has, of which a search for up to ten
	// matches scans Probes; 0 means that search is exact.
	Lists, Probes int
	// Recall is the share of the ten nearest that a search found when it was
	// measured, in [0, 1]; 1 where search is exact.
	Recall float64
	// Bytes is about how much memory the index holds; Mapped of them are pages
	// of the snapshot file, which the system can take back.
	Bytes, Mapped int64
}

// Stats returns how the index stands, or ErrClosed.
func (x *Index) Stats() (Stats, error) {
	st := x.state.Load()
	if st == nil {
		return Stats{}, index.ErrClosed
	}
	out := Stats{
		Entries: int(st.size()), Fresh: int(st.delta.size()), Dead: int(st.deletedCount), Recall: 1,
		Bytes: st.base.bytes() + st.delta.bytes() + int64(8*len(st.deleted)),
	}
	if l := st.base.ivf; l != nil {
		out.Lists, out.Probes, out.Recall = l.centroids.size(), l.atTop10.probes, l.atTop10.recall
	}
	for _, s := range []*segment{st.base, st.delta} {
		if s.mapped != nil {
			out.Mapped += int64(4 * len(s.vectors))
		}
	}
	return out, nil
}

// bytes estimates what the segment holds.
func (s *segment) bytes() int64 {
	const stringHeader, mapEntry = 16, 40
	n := 4*len(s.vectors) + len(s.codes) + len(s.residualCodes) + 4*len(s.scales) + stringHeader*len(s.utterances) + (stringHeader+mapEntry)*len(s.routes)
	for _, u := range s.utterances {
		n += len(u)
	}
	if l := s.ivf; l != nil {
		n += 5*len(l.centroids.vectors) + 4*(len(l.first)+len(l.rows)+len(l.positions)+len(l.routes))
	}
	return int64(n)
}
