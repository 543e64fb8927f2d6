package quality

import (
	"math"
	"strings"
	"unicode"
)

const (
	// gramBits is the size of the hashed n-grams, as a power of two.
	gramBits = 12
	// gramWeight is how much the n-grams count against the other blocks.
	gramWeight = 2
	// maxRunes bounds how much of a prompt is looked at.
	maxRunes = 16384
)

// gram is one hashed word or pair of words.
type gram struct {
	bucket int
	value  float64
}

// description is a prompt as numbers, before they are scaled.
type description struct {
	dense []float64 // vector, shape, cues
	grams []gram
}

// describe looks at a prompt. Equal prompts give equal descriptions.
func describe(text string, vector []float32) description {
	words, shape := scan(text)
	dense := make([]float64, 0, len(vector)+shapes+len(cues))
	for _, x := range vector {
		dense = append(dense, float64(x))
	}
	dense = append(dense, shape[:]...)
	return description{dense: append(dense, countCues(words)...), grams: hashGrams(words)}
}

// The shape of a prompt.
const (
	shapeRunes = iota
	shapeLogRunes
	shapeWords
	shapeLogWords
	shapeDigits
	shapeNumbers
	shapeLogNumbers
	shapeDistinctNumbers
	shapeDecimals
	shapeLogLargest
	shapeQuestions
	shapePercents
	shapeMoney
	shapeSlashes
	shapeCommas
	shapeSentences
	shapeWordsPerSentence
	shapeWordLength
	shapeCapitals
	shapeNames
	shapeDistinctWords
	shapeHyphens
	shapeQuotes
	shapeApostrophes
	shapeLines
	shapeBrackets
	shapes
)

// punctuation says which shape a character counts for.
var punctuation = map[rune]int{
	'?': shapeQuestions, '？': shapeQuestions, '%': shapePercents, '$': shapeMoney, '€': shapeMoney, '£': shapeMoney,
	'/': shapeSlashes, ',': shapeCommas, '-': shapeHyphens, '"': shapeQuotes, '\'': shapeApostrophes, '’': shapeApostrophes,
	'\n': shapeLines, '(': shapeBrackets, '{': shapeBrackets, '[': shapeBrackets,
}

// scan splits a text into words and measures its shape. A word is a run of
// letters or of digits in lower case; %, $ and ? are words of their own.
func scan(text string) (words []string, shape [shapes]float64) {
	var runes, letters, capitals float64
	start, digits := -1, false
	end := func(at int) {
		if start >= 0 {
			words = append(words, strings.ToLower(text[start:at]))
			start = -1
		}
	}
	last := rune(' ')
	for at, c := range text {
		if runes++; runes > maxRunes {
			end(at)
			text = text[:at]
			break
		}
		digit, letter := unicode.IsDigit(c), unicode.IsLetter(c)
		if start >= 0 && (!digit && !letter || digit != digits) {
			end(at)
		}
		switch {
		case digit || letter:
			if start < 0 {
				start, digits = at, digit
			}
		case c == '%' || c == '$' || c == '?':
			words = append(words, string(c))
		}
		if digit {
			shape[shapeDigits]++
		}
		if letter {
			letters++
		}
		if unicode.IsUpper(c) {
			capitals++
			if last == ' ' {
				shape[shapeNames]++
			}
		}
		if kind, ok := punctuation[c]; ok {
			shape[kind]++
		}
		if isEnd(c) && !isEnd(last) {
			shape[shapeSentences]++
		}
		last = c
	}
	end(len(text))
	shape[shapeRunes], shape[shapeLogRunes] = runes, math.Log1p(runes)
	shape[shapeCapitals] = capitals / max(runes, 1)
	measureWords(words, letters, &shape)
	measureNumbers(text, &shape)
	return words, shape
}

func isEnd(c rune) bool { return c == '.' || c == '!' || c == '?' || c == '。' || c == '？' }

func measureWords(words []string, letters float64, shape *[shapes]float64) {
	distinct := map[string]bool{}
	n := 0.0
	for _, w := range words {
		if c := w[0]; c >= utf8Self || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			n++
			distinct[w] = true
		}
	}
	shape[shapeWords], shape[shapeLogWords] = n, math.Log1p(n)
	shape[shapeWordsPerSentence] = n / max(shape[shapeSentences], 1)
	shape[shapeWordLength] = letters / max(n, 1)
	shape[shapeDistinctWords] = float64(len(distinct)) / max(n, 1)
}

// utf8Self is the first byte value that is not a character by itself.
const utf8Self = 0x80

// measureNumbers looks at the numbers of a text.
func measureNumbers(text string, shape *[shapes]float64) {
	distinct := map[string]bool{}
	largest := 0.0
	for at := 0; at < len(text); {
		if !isDigit(text[at]) {
			at++
			continue
		}
		length, value, decimal := readNumber(text[at:])
		distinct[text[at:at+length]] = true
		shape[shapeNumbers]++
		if decimal {
			shape[shapeDecimals]++
		}
		largest = max(largest, min(value, 1e15))
		at += length
	}
	shape[shapeLogNumbers] = math.Log1p(shape[shapeNumbers])
	shape[shapeDistinctNumbers] = float64(len(distinct))
	shape[shapeLogLargest] = math.Log1p(largest)
}

// readNumber reads digits with commas and one point between them.
func readNumber(text string) (length int, value float64, decimal bool) {
	scale := 0.1
	for length < len(text) {
		c := text[length]
		inside := length+1 < len(text) && isDigit(text[length+1])
		switch {
		case isDigit(c) && decimal:
			value += float64(c-'0') * scale
			scale /= 10
		case isDigit(c):
			value = value*10 + float64(c-'0')
		case c == ',' && inside:
		case c == '.' && inside && !decimal:
			decimal = true
		default:
			return length, value, decimal
		}
		length++
	}
	return length, value, decimal
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cues are words and pairs that say something about how hard a question is. In
// languages other than English they are simply absent.
var cues = []string{
	"each", "every", "per", "more", "less", "than", "twice", "half", "times", "total", "if", "then", "after", "before",
	"how many", "how much", "remaining", "left", "percent", "third", "quarter", "average", "and", "but", "same", "all",
	"first", "second", "day", "week", "hour", "fraction", "cost", "rest", "only", "or", "when", "next", "last", "double",
	"another", "other", "why", "explain", "write", "code", "prove", "list", "not",
}

func countCues(words []string) []float64 {
	seen := map[string]float64{}
	for i, w := range words {
		seen[w]++
		if i > 0 {
			seen[words[i-1]+" "+w]++
		}
	}
	counts := make([]float64, len(cues))
	for i, cue := range cues {
		counts[i] = seen[cue]
	}
	return counts
}

// hashGrams counts words and pairs of words in hashed buckets, each with a
// sign of its own so that collisions cancel out; the root of the counts has
// length gramWeight.
func hashGrams(words []string) []gram {
	counts := map[int]float64{}
	order := []int{}
	add := func(h uint64) {
		h ^= h >> 32
		h *= 0x9e3779b97f4a7c15
		bucket := int(h >> (64 - gramBits))
		if _, known := counts[bucket]; !known {
			order = append(order, bucket)
		}
		if h>>20&1 == 0 {
			counts[bucket]++
		} else {
			counts[bucket]--
		}
	}
	last := uint64(0)
	for i, w := range words {
		h := hashWord(w)
		add(h)
		if i > 0 {
			add(last*0x100000001b3 ^ h ^ 0x5bd1e995)
		}
		last = h
	}
	grams := make([]gram, 0, len(order))
	length := 0.0
	for _, bucket := range order {
		n := counts[bucket]
		length += math.Abs(n)
		grams = append(grams, gram{bucket: bucket, value: math.Copysign(math.Sqrt(math.Abs(n)), n)})
	}
	for i := range grams {
		grams[i].value *= gramWeight / math.Sqrt(max(length, 1))
	}
	return grams
}

// hashWord is FNV-1a.
func hashWord(w string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(w) {
		h = (h ^ uint64(w[i])) * 0x100000001b3
	}
	return h
}
