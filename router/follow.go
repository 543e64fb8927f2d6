package router

// The rankings of a followed reading, in the order of its texts.
const (
	ofTurn    = iota // the last turn alone
	ofContext        // the last turn behind its subject
	ofSubject        // the subject alone
)

// nearlySame is the similarity of two texts that say the same thing.
const nearlySame = 0.9

// verySure is the confidence from which on a turn that may be the rest of a
// sentence is taken for a whole one.
const verySure = 0.9

// follow chooses the ranking that decides the last turn of a conversation. What
// the catalog knows word for word stands alone, and so does a sentence of its
// own; the rest of a sentence stays with its subject.
func (b *batch) follow(stage Stage, j *job, r []Ranking) int {
	turn := &r[ofTurn]
	sure := b.accepts(stage, turn)
	switch {
	case turn.NearestNone >= nearlySame && turn.NearestNone > turn.Nearest:
		return ofTurn
	case sure && turn.Nearest >= nearlySame:
		return ofTurn
	}
	switch j.reading.kind {
	case turnEmpty:
		return ofSubject
	case turnLeaning:
		return b.behindSubject(stage, r)
	case turnShort:
		if top, _ := turn.lead(); sure && (top >= verySure || leader(turn) == leader(&r[ofContext])) {
			return ofTurn
		}
		return b.behindSubject(stage, r)
	}
	return ofTurn
}

// behindSubject prefers the turn together with its subject, unless that leads
// away from what each of them says alone.
func (b *batch) behindSubject(stage Stage, r []Ranking) int {
	context := leader(&r[ofContext])
	if b.accepts(stage, &r[ofContext]) && (context == leader(&r[ofSubject]) || context == leader(&r[ofTurn])) {
		return ofContext
	}
	return ofSubject
}

// accepts says whether the ranking alone would choose a route.
func (b *batch) accepts(stage Stage, r *Ranking) bool {
	reason, _ := b.verdict(stage, r)
	return reason == ReasonNone
}

func leader(r *Ranking) string {
	if len(r.Candidates) == 0 {
		return ""
	}
	return r.Candidates[0].Route
}
