package classify

// ScoreSubset is Score with the leading routes taken from only; numbers that
// are no route are passed over.
func (m *Model) ScoreSubset(s *Scratch, text string, vector []float32, only []int32) ([]Leader, error) {
	if _, err := m.Score(s, text, vector); err != nil {
		return nil, err
	}
	s.n = 0
	for _, route := range only {
		if route < 0 || int(route) >= m.routes {
			continue
		}
		s.n = insert(&s.leaders, s.n, Leader{route, s.logits[route]})
	}
	return s.leaders[:s.n], nil
}
