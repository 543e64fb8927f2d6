package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/semroute/semroute/eval"
)

// Suite is the checks of one result, named after its data.
type Suite struct {
	Name   string
	Checks []eval.Check
	Result *eval.Result
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the checks as JUnit XML: a suite a result, a case a condition,
// the measures as properties. Without conditions there is one case that says
// that the data could be measured.
func JUnit(w io.Writer, suites []Suite) error {
	var all junitSuites
	for _, s := range suites {
		suite := s.junit()
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing JUnit XML: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("writing JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *Suite) junit() junitSuite {
	suite := junitSuite{Name: xmlText(s.Name), Properties: []junitProperty{{"fingerprint", xmlText(s.Result.Fingerprint)}}}
	for _, m := range s.Result.Overall() {
		if m.Value != nil {
			suite.Properties = append(suite.Properties, junitProperty{m.Name, strconv.FormatFloat(*m.Value, 'g', 6, 64)})
		}
	}
	class := "semroute.eval." + suite.Name
	for _, c := range s.Checks {
		one := junitCase{Class: class, Name: xmlText(c.Condition.String())}
		if !c.OK {
			suite.Failures++
			one.Failure = &junitFailure{Message: xmlText(c.String()), Text: worstPrompts(s.Result)}
		}
		suite.Cases = append(suite.Cases, one)
	}
	if len(s.Checks) == 0 {
		suite.Cases = append(suite.Cases, junitCase{Class: class, Name: "measured"})
	}
	suite.Tests = len(suite.Cases)
	return suite
}

// maxWorst bounds the prompts that a failure shows.
const maxWorst = 10

// maxQuoted bounds, in characters, how much of a prompt a failure quotes.
const maxQuoted = 120

// worstPrompts lists the first wrong prompts, where to begin looking.
func worstPrompts(r *eval.Result) string {
	var b strings.Builder
	for i := range r.Errors[:min(len(r.Errors), maxWorst)] {
		e := &r.Errors[i]
		fmt.Fprintf(&b, "\n%.2f %s instead of %s: %s", e.Confidence, orNone(e.Predicted), orNone(e.Truth), eval.Shorten(e.Text, maxQuoted))
	}
	return xmlText(b.String())
}

func orNone(route string) string {
	if route == "" {
		return "(none)"
	}
	return route
}

// xmlText drops what XML 1.0 cannot hold at all, escaped or not.
func xmlText(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c == '\r' || c >= ' ' && c != utf8.RuneError && c != 0xfffe && c != 0xffff {
			return c
		}
		return '\uFFFD'
	}, s)
}
