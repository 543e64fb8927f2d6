package wire

import (
	"encoding/json"
	"testing"
)

func TestMended(t *testing.T) {
	for data, want := range map[string]string{
		`{"a":1}`:                            `{"a":1}`,
		`{"a":NaN,"b":[-Infinity,Infinity]}`: `{"a":null,"b":[null,null]}`,
		`{"a":"NaN \" NaN","b":NaN}`:         `{"a":"NaN \" NaN","b":null}`,
		`{"a":"\\","b":NaN}`:                 `{"a":"\\","b":null}`,
		"{\"a\":\"x\ty\nz\"}":                `{"a":"x\u0009y\u000az"}`,
		`{"a":`:                              "",
		`NaN`:                                "",
		`{"a":Nan}`:                          "",
	} {
		got, ok := mended([]byte(data))
		if ok != (want != "") || ok && string(got) != want {
			t.Errorf("%s: %s, %t", data, got, ok)
		}
	}
}

// FuzzMended: JSON stays as it is, and what is mended is JSON.
func FuzzMended(f *testing.F) {
	f.Add([]byte("{\"a\":\"x\t\\\"NaN\",\"b\":-Infinity}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := mended(data)
		if json.Valid(data) && string(got) != string(data) || ok != json.Valid(got) && ok {
			t.Errorf("%q became %q, %t", data, got, ok)
		}
	})
}
