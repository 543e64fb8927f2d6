package expression

import (
	"errors"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// Pattern is a regular expression (RE2) whose matching can be interrupted: on a
// text of a megabyte it may take ten seconds. It is safe for concurrent use.
type Pattern struct {
	compiled *regexp.Regexp
	// states is how many there are: the most that a character may cost.
	states int
}

// CompilePattern says in plain words what is wrong with one.
func CompilePattern(text string) (*Pattern, error) {
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	p := &Pattern{compiled: compiled, states: 1}
	if parsed, err := syntax.Parse(text, syntax.Perl); err == nil {
		if program, err := syntax.Compile(parsed.Simplify()); err == nil {
			p.states = len(program.Inst)
		}
	}
	return p, nil
}

const (
	// quick is up to how many steps a match is made in one go, at most: some 60 ms.
	quick = 4_000_000
	// runesBetween is how many characters pass between two calls of interrupted.
	runesBetween = 16
)

// Match says whether the pattern is in the text. It asks between some characters
// whether it should end; done is false where it was told to.
func (p *Pattern) Match(text string, interrupted func() bool) (matched, done bool) {
	if len(text) <= quick/p.states {
		return p.compiled.MatchString(text), true
	}
	r := &runes{text: text, interrupted: interrupted}
	matched = p.compiled.MatchReader(r)
	return matched, !r.ended
}

// runes are the characters of a text up to an interruption.
type runes struct {
	text        string
	interrupted func() bool
	read        int
	ended       bool
}

// ReadRune implements io.RuneReader.
func (r *runes) ReadRune() (rune, int, error) {
	if r.read++; r.read%runesBetween == 0 && r.interrupted() {
		r.ended = true
	}
	if r.ended || r.text == "" {
		return 0, 0, io.EOF
	}
	c, size := utf8.DecodeRuneInString(r.text)
	r.text = r.text[size:]
	return c, size, nil
}
