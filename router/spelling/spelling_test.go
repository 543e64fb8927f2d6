package spelling

import (
	"strings"
	"testing"
)

type dictionary map[string]bool

func (d dictionary) Knows(word string) bool { return d[word] }

func english(words string) dictionary {
	d := dictionary{}
	for w := range strings.FieldsSeq(words) {
		d[w] = true
	}
	return d
}

var (
	utterances = []string{
		"where is my refund", "I want to cancel my order", "The washing machine leaks water", "my card was charged twice",
		"cancel the membership please", "where is the invoice for my order", "Acme kettles",
	}
	words = english("the is my i want to where was for of and please order cancel water machine card charged twice washing weather restaurant leaks cat form from")
)

func TestMend(t *testing.T) {
	s := New(utterances, words)
	if s == nil {
		t.Fatal("the catalog is English")
	}
	tests := map[string]string{
		"wehre is my refnud":               "where is my refund",
		"Cancle my ordr, please!":          "cancel my order, please!",
		"the wasshing machjne":             "the washing machine",
		"where is my refund":               "where is my refund", // nothing to mend
		"Refund!!":                         "Refund!!",
		"restauramt":                       "restauramt", // the catalog does not use that word
		"orders and refunds":               "orders and refunds",
		"ORDR GDPR":                        "ORDR GDPR", // names of capitals
		"ordr1 ordr_2 a.ordr --ordr =ordr": "ordr1 ordr_2 a.ordr --ordr =ordr",
		"crd":                              "crd", // too short to tell
		"zebra quokka":                     "zebra quokka",
		"Größe ordr":                       "Größe order",
		"":                                 "", " \t": " \t",
	}
	for text, want := range tests {
		if got := s.Mend(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { s.Mend("where is my refund, please?") }); n != 0 {
		t.Errorf("%v allocations where nothing is to be mended", n)
	}
}

func TestOtherLanguagesAreLeftAlone(t *testing.T) {
	german := []string{"wo ist mein Paket", "ich möchte meine Bestellung stornieren", "die Rechnung ist falsch", "wann kommt meine Lieferung an"}
	if New(german, words) != nil || New(nil, words) != nil {
		t.Error("there is a speller for a catalog that is not English")
	}
}

// Every slip that typos make of a word is undone by one of slips.
func TestSlipsAreTheirOwnInverse(t *testing.T) {
	const word = "refund"
	slips([]byte(word), func(typo []byte) {
		back, copied := false, string(typo)
		slips([]byte(copied), func(other []byte) { back = back || string(other) == word })
		if !back {
			t.Errorf("%q does not lead back to %q", copied, word)
		}
	})
}

func FuzzMend(f *testing.F) {
	s := New(utterances, words)
	f.Add("wehre is (my) refnud?")
	f.Add("\xff ordr\u00a0ordr")
	f.Fuzz(func(t *testing.T, text string) {
		once := s.Mend(text)
		if len(strings.Fields(once)) != len(strings.Fields(text)) {
			t.Errorf("%q has another number of words in %q", text, once)
		}
		if len(text) < readBytes && s.Mend(once) != once {
			t.Errorf("%q is read as %q, and that as %q", text, once, s.Mend(once))
		}
	})
}
