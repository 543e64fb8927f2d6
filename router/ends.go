package router

import (
	"strings"
	"unicode/utf8"
)

const (
	// longPrompt is the size in bytes from which on a prompt is read by its ends
	// first: its vector as a whole says more of what it quotes than of what is asked.
	longPrompt = 1200
	// endSize is the size of what is taken for one end.
	endSize = 400
	// leastEnd is the size below which an end gets the sentence beside it too.
	leastEnd = 12
)

// readEnds finds what is asked at the beginning or at the end of a long text. One
// of the two that asks for something decides alone; where both do they must
// agree, and where neither does the ends must bear out what the whole says.
func (r *reading) readEnds(text string) {
	head, tail := firstEnd(text), lastEnd(text)
	text = strings.TrimSpace(text)
	asksFirst := asksSomething(head) || standsApart(head, isParted(text[len(head):], cutLine))
	asksLast := asksSomething(tail) || standsApart(tail, isParted(text[:len(text)-len(tail)], lastLine))
	switch {
	case asksLast && !asksFirst:
		r.add(tail)
		r.partly = true
	case asksFirst && !asksLast:
		r.add(head)
		r.partly = true
	case asksFirst:
		r.way, r.partly = agreed, true
		r.add(tail)
		r.add(head)
	default:
		r.way = agreed
		r.add(text)
		r.add(tail)
		r.add(head)
	}
}

// standsApart: a short paragraph, parted from the rest by an empty line or not.
func standsApart(end string, parted bool) bool {
	return parted && len(end) <= endSize/2 && kindOf(end) <= turnShort
}

// isParted: an empty line lies between an end and the rest, or the rest's next
// line is a paragraph.
func isParted(rest string, next func(string) (line string, broken bool)) bool {
	line, broken := next(rest)
	return broken && (strings.TrimSpace(line) == "" || len(line) > endSize)
}

func cutLine(rest string) (line string, broken bool) {
	rest, broken = strings.CutPrefix(rest, "\n")
	line, _, _ = strings.Cut(rest, "\n")
	return line, broken
}

func lastLine(rest string) (line string, broken bool) {
	rest, broken = strings.CutSuffix(rest, "\n")
	return rest[strings.LastIndexByte(rest, '\n')+1:], broken
}

// subjectOf is what a long turn is about, in short.
func subjectOf(text string) string {
	head, tail := firstEnd(text), lastEnd(text)
	if asksSomething(tail) || !asksSomething(head) {
		return tail
	}
	return head
}

// asksSomething: a question or an order that names what it is about.
func asksSomething(text string) bool {
	if kindOf(text) > turnShort {
		return false
	}
	words := wordsOf(text)
	words = words[answerLength(words):]
	if len(words) > 1 && (words[0] == "and" || words[0] == "so" || words[0] == "please") {
		words = words[1:]
	}
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(text))
	return last == '?' || last == '？' || last == '؟' || begins(words, asking) || begins(words, ordering)
}

// firstEnd is the first line of a text, or as many of its first sentences as
// are not too long.
func firstEnd(text string) string {
	text = strings.TrimSpace(text)
	if line, _, more := strings.Cut(text, "\n"); more && len(wordsOf(line)) > 0 {
		text = strings.TrimSpace(line)
	}
	if len(text) <= endSize {
		return text
	}
	for at := leastEnd; at < endSize; at++ {
		if endsSentence(text, at) {
			return text[:at]
		}
	}
	return text[:boundary(text, endSize)]
}

// lastEnd is the last line of a text, or its last sentence.
func lastEnd(text string) string {
	text = strings.TrimSpace(text)
	if at := strings.LastIndexByte(text, '\n'); at >= 0 && len(wordsOf(text[at:])) > 0 {
		text = strings.TrimSpace(text[at:])
	}
	for at := len(text) - leastEnd; at > max(1, len(text)-endSize); at-- {
		if endsSentence(text, at) {
			return strings.TrimSpace(text[at:])
		}
	}
	if len(text) <= endSize {
		return text
	}
	return text[boundary(text, len(text)-endSize):]
}

// endsSentence says whether a sentence ends before the byte at.
func endsSentence(text string, at int) bool {
	return (text[at] == ' ' || text[at] == '\n') && strings.IndexByte(".?!:", text[at-1]) >= 0 || strings.HasSuffix(text[:at], "。")
}

// boundary is the start of a character at or before at.
func boundary(text string, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// agree gives the ranking that the others bear out: the surest of those that
// choose a route, if none chooses another. Where they contradict each other, all
// of them count alike, which leaves none sure enough.
func (b *batch) agree(stage Stage, rankings []Ranking) (Ranking, int) {
	chosen, supporters := -1, 0
	for i := range rankings {
		if !b.accepts(stage, &rankings[i]) {
			continue
		}
		supporters++
		if chosen >= 0 && leader(&rankings[i]) != leader(&rankings[chosen]) {
			return doubted(rankings[0], supporters), 0
		}
		if top, _ := rankings[i].lead(); chosen < 0 || top > rankings[chosen].Candidates[0].Probability {
			chosen = i
		}
	}
	switch {
	case chosen < 0:
		return rankings[0], 0
	case len(rankings) == mostTexts && supporters < mostTexts: // neither end asks, and one of them is about something else
		return doubted(rankings[chosen], supporters), chosen
	}
	return rankings[chosen], chosen
}

// doubted is a ranking of which at most one of its rivals is right too.
func doubted(r Ranking, rivals int) Ranking {
	r.Candidates = append([]Candidate(nil), r.Candidates...)
	for i := range r.Candidates {
		r.Candidates[i].Probability /= float64(max(2, rivals))
	}
	return r
}
