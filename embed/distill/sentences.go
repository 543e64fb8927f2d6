package distill

import (
	_ "embed" // the word lists
	"math"
	"math/rand/v2"
	"regexp"
	"sort"
	"strings"
)

//go:embed topics.txt
var topicsFile string

//go:embed forms.txt
var formsFile string

// Sentences makes count different sentences such as people say to an
// assistant, from word lists of everyday topics and from the whole words among
// pieces, the frequent ones more often. They stand in for ordinary text when
// there is none: the meaning of a sentence does not matter, only that words
// occur beside words they go with. The same arguments give the same sentences.
func Sentences(pieces []string, count int) []string {
	g := newGenerator(pieces)
	seen := make(map[string]bool, count)
	sentences := make([]string, 0, count)
	// Word lists this large do not run out; the bound is for tiny vocabularies.
	for tries := 0; len(sentences) < count && tries < 20*count; tries++ {
		if s := g.sentence(); !seen[s] {
			seen[s] = true
			sentences = append(sentences, s)
		}
	}
	return sentences
}

// generator fills forms with words.
type generator struct {
	random     *rand.Rand
	forms      []string
	topics     []map[string][]string
	words      []string
	cumulative []float64 // of the words' weights
}

const seed = 20260101

func newGenerator(pieces []string) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, seed))}
	g.forms = contentLines(formsFile)
	var topic map[string][]string
	for _, line := range contentLines(topicsFile) {
		kind, list, _ := strings.Cut(line, ": ")
		if kind == "do" {
			topic = map[string][]string{}
			g.topics = append(g.topics, topic)
		}
		topic[kind] = strings.Split(list, ", ")
	}
	sum := 0.0
	for _, piece := range pieces {
		if len(piece) < 3 || strings.Trim(piece, "abcdefghijklmnopqrstuvwxyz") != "" {
			continue
		}
		// Between Zipf's law and no law: rare words must be seen as well.
		sum += math.Pow(float64(len(g.words))+400, -0.75)
		g.words, g.cumulative = append(g.words, piece), append(g.cumulative, sum)
	}
	return g
}

var slot = regexp.MustCompile(`\{[a-z]+\}`)

func (g *generator) sentence() string {
	topic := pick(g.random, g.topics)
	return slot.ReplaceAllStringFunc(pick(g.random, g.forms), func(name string) string {
		kind := strings.Trim(name, "{}")
		if kind == "word" {
			return g.word()
		}
		return pick(g.random, topic[kind])
	})
}

// word is a word of the vocabulary, by its weight.
func (g *generator) word() string {
	if len(g.words) == 0 {
		return "thing"
	}
	at := g.random.Float64() * g.cumulative[len(g.cumulative)-1]
	return g.words[min(sort.SearchFloat64s(g.cumulative, at), len(g.words)-1)]
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// contentLines are the lines of a file that are not empty or comments.
func contentLines(file string) []string {
	var all []string
	for line := range strings.Lines(file) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}
