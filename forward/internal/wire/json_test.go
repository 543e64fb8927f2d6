package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward/internal/wire"
)

func TestJSONPutsTheCommas(t *testing.T) {
	var j wire.JSON
	j.Object()
	j.Field("a", "b")
	j.Key("list").List()
	j.Int(-1)
	j.Float(0.5)
	j.Bool(true)
	j.Object()
	j.EndObject()
	j.List()
	j.EndList()
	j.Text("{")
	j.Text("")
	j.EndList()
	j.Key("raw").Raw([]byte(`{"x": 1} `))
	j.Key("last").Float(1e-9)
	j.EndObject()
	got, err := j.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"a":"b","list":[-1,0.5,true,{},[],"{",""],"raw":{"x": 1} ,"last":1e-09}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !json.Valid(got) {
		t.Errorf("%s is not JSON", got)
	}
}

func TestJSONTakesOnlyJSONAsRaw(t *testing.T) {
	for _, raw := range []string{"", "{", "{}{}", "nul"} {
		var j wire.JSON
		j.Raw([]byte(raw))
		if _, err := j.Bytes(); err == nil {
			t.Errorf("%q is written as it is", raw)
		}
	}
}

// FuzzJSONText holds that every text comes back out of what is written.
func FuzzJSONText(f *testing.F) {
	for _, s := range []string{"", "plain", "a\"b\\c/\n\r\t\b\x00\x1f\x7f", "é ✓ 😀 \u2028", "\xff\xc3", "a\xe2\x82b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var j wire.JSON
		j.Text(s)
		raw, err := j.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%q is written as %s: %v", s, raw, err)
		}
		library, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(library, &want); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%q is written as %s", s, raw)
		}
	})
}

// FuzzScan holds that what a scan reads to its end is JSON.
func FuzzScan(f *testing.F) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for _, s := range []string{`{"a":[1,-2.5e+7,"x\ny",null,true,{}]}`, `{"a":01}`, `[1,]`, `{"a" 1}`, `"\ud800"`, `"\x"`, "tru", "", " 1 ", "\x00", deep} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := wire.NewScan(data)
		s.Skip()
		if s.OK() && !json.Valid(data) {
			t.Errorf("%q is no JSON", data)
		}
	})
}
