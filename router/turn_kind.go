package router

import (
	"slices"
	"strings"
	"unicode"
)

// turnKind says how a turn of a conversation hangs together with those before,
// as far as its own words tell.
type turnKind uint8

const (
	// turnWhole is a sentence with a subject of its own: "where is my parcel".
	turnWhole turnKind = iota
	// turnShort may be a sentence or the rest of one: "the app crashed".
	turnShort
	// turnLeaning points back, or is a piece of a sentence: "and in Texas?", "make it longer".
	turnLeaning
	// turnEmpty names no subject at all: "ok", "yes", "go on".
	turnEmpty
	// turnPolite is what people say around a subject: "thanks a lot", "good night".
	turnPolite
)

const (
	// mostLeaning is up to how many words a turn may lean on those before.
	mostLeaning = 16
	// wholeWords are enough for a question that names one thing to be a sentence.
	wholeWords = 4
	// fewContent words are too few to be sure that they make a sentence.
	fewContent = 2
)

// kindOf reads the kind off a turn. It knows English words; a turn in another
// language is short or whole by its length.
func kindOf(turn string) turnKind {
	words := wordsOf(turn)
	if len(words) > mostLeaning {
		return turnWhole
	}
	if isPolite(words) {
		return turnPolite
	}
	words = words[answerLength(words):]
	joins := begins(words, joining) || fragmentStart(words)
	if begins(words, joining) && len(words) > 1 && (asking[words[1]] || ordering[words[1]]) && !fragmentStart(words[1:]) {
		words, joins = words[1:], false // "and where is my refund" is a sentence
	}
	var content, back int
	for i, w := range words {
		switch wordClass[w] {
		case classNone:
			content++
		case classBack:
			if !names(words[i:]) && !isDummy(words, i) {
				back++
			}
		}
	}
	asks, orders := begins(words, asking), begins(words, ordering)
	switch {
	case content == 0 && (joins || back > 0 && asks):
		return turnLeaning
	case content == 0:
		return turnEmpty
	case joins && content <= fewContent, back > 0 && content < fewContent, isPart(words, content):
		return turnLeaning
	case back > 0 || joins:
		return turnShort
	case content > fewContent, asks && content == fewContent, orders && len(words) > 1:
		return turnWhole
	case asks && len(words) < wholeWords:
		return turnLeaning
	}
	return turnShort
}

func begins(words []string, with map[string]bool) bool { return len(words) > 0 && with[words[0]] }

// names says that the first word is part of a name: "this" points back, "this
// email" names something.
func names(words []string) bool {
	return len(words) > 1 && !pronouns[words[0]] && wordClass[words[1]] == classNone
}

// isDummy says that the word is the "it" of weather, time and distance, which
// stands for nothing: "will it rain", "what time is it in Tokyo".
func isDummy(words []string, i int) bool {
	if words[i] != "it" && words[i] != "it's" {
		return false
	}
	if i > 1 && (words[i-1] == "is" || words[i-1] == "was") && dummyMeasures[words[i-2]] {
		return true
	}
	for _, w := range words[i+1 : min(len(words), i+1+dummyReach)] {
		if dummyWeather[w] {
			return true
		}
	}
	return false
}

// dummyReach is how far behind its "it" the weather stands: "it is going to be rainy".
const dummyReach = 5

// isPart: a single thing with its article is an answer: "the app".
func isPart(words []string, content int) bool {
	return content == 1 && len(words) == 2 && (words[0] == "the" || words[0] == "a" || words[0] == "an")
}

// mostPolite is up to how many words a turn of thanks or greetings has.
const mostPolite = 9

// isPolite holds for thanks and greetings with little beside: "thanks, that helped".
func isPolite(words []string) bool {
	if len(words) > mostPolite {
		return false
	}
	var content, polite int
	for i, w := range words {
		switch class := wordClass[w]; {
		case class == classPolite:
			polite++
		case class == classNone:
			content++
		case class == classBack && !names(words[i:]), i > 0 && w != "so" && joining[w], fragmentStart(words[i:]) && w == "what":
			return false // a sentence begins
		case asking[w] && !slices.Contains(words, "you"):
			return false
		}
	}
	return polite > 0 && (content == 0 || content == 1 && wordClass[words[0]] == classPolite)
}

// fragmentStart: a piece of a sentence begins with a preposition, and one with
// "what about" or "how about" puts something else in place of a part.
func fragmentStart(words []string) bool {
	if len(words) == 0 {
		return false
	}
	if len(words) > 1 && words[1] == "about" && (words[0] == "what" || words[0] == "how") {
		return true
	}
	return wordClass[words[0]] == classPlace
}

// answerLength is how many words at the beginning only answer what was said
// before: "ok. now ...", "never mind, ...", "thanks. also ...". A turn of nothing
// else has none.
func answerLength(words []string) int {
	n := 0
	for n < len(words) && answers[words[n]] {
		n++
	}
	if n == len(words) {
		return 0
	}
	return n
}

// wordsOf are the words in lower case, without what surrounds them.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\'' && r != '’' && r != '%' && r != '+'
	})
	out := words[:0]
	for _, w := range words {
		if w = strings.Trim(strings.ReplaceAll(w, "’", "'"), "'"); w != "" {
			out = append(out, w)
		}
	}
	return out
}
