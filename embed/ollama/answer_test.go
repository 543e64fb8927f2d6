package ollama

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vectorsOf is what the client's own decoder reads of an answer.
func vectorsOf(raw string) ([][]float32, error) {
	var answer struct {
		Embeddings [][]float32 `json:"embeddings"`
	}
	err := json.Unmarshal([]byte(raw), &answer)
	return answer.Embeddings, err
}

func TestVectorsAreReadAsTheDecoderReadsThem(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      bool // whether it is read here; else it is left to the decoder
	}{
		{"as a server sends it", `{"model":"m","embeddings":[[0.25,-1e-7,3],[1,2,0]],"total_duration":14,"load_duration":1,"prompt_eval_count":6}`, true},
		{"blanks", " {\n\t\"embeddings\" : [ [ 1 , 2 ] , [ ] ] }\r\n", true},
		{"no vectors", `{"embeddings":[]}`, true},
		{"numbers at their limits", `{"embeddings":[[3.4028234e38,1e-45,-0,0.0e0,1E+2,123456789.123456789]]}`, true},
		{"another order", `{"total_duration":1,"embeddings":[[1]],"model":"ä"}`, true},

		{"nothing", ``, false},
		{"another value", `[[1]]`, false},
		{"no list", `{"model":"m"}`, false},
		{"null", `{"embeddings":null}`, false},
		{"a null vector", `{"embeddings":[null]}`, false},
		{"the list twice", `{"embeddings":[[1]],"embeddings":[[2]]}`, false},
		{"the key in capitals too", `{"embeddings":[[1]],"Embeddings":[[2]]}`, false},
		{"an escaped key", `{"\u0065mbeddings":[[1]]}`, false},
		{"a member of another type", `{"embeddings":[[1]],"done":true}`, false},
		{"cut off", `{"embeddings":[[1,2],[3`, false},
		{"cut off in a string", `{"embeddings":[[1]],"model":"m`, false},
		{"more after the end", `{"embeddings":[[1]]} x`, false},
		{"a comma too many", `{"embeddings":[[1,]]}`, false},
		{"a comma too few", `{"embeddings":[[1 2]]}`, false},
		{"beyond float32", `{"embeddings":[[1e39]]}`, false},
		{"a leading zero", `{"embeddings":[[01]]}`, false},
		{"a plus", `{"embeddings":[[+1]]}`, false},
		{"no digits after the point", `{"embeddings":[[1.]]}`, false},
		{"not a number", `{"embeddings":[[NaN]]}`, false},
		{"text for a number", `{"embeddings":[["1"]]}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := readVectors([]byte(test.raw), 2)
			if ok != test.want {
				t.Fatalf("read here: %v, want %v", ok, test.want)
			}
			if !ok {
				return
			}
			want, err := vectorsOf(test.raw)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("decoder's error %v; vectors (-decoder +here):\n%s", err, diff)
			}
		})
	}
}

func FuzzReadVectors(f *testing.F) {
	f.Add(`{"model":"m","embeddings":[[0.25,-1e-7],[1,2]],"total_duration":14}`)
	f.Add(`{"embeddings":[[-0.0,1E+2],[]] , "x":"y"}`)
	f.Add(`{"Embeddings":[[1]]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		got, ok := readVectors([]byte(raw), 2)
		if !ok {
			return
		}
		want, err := vectorsOf(raw)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("decoder's error %v; vectors (-decoder +here):\n%s", err, diff)
		}
	})
}

func BenchmarkReadVectors(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	numbers := make([]string, 384)
	for i := range numbers {
		numbers[i] = fmt.Sprint(float32(r.NormFloat64() / 20))
	}
	raw := fmt.Sprintf(`{"model":"m","embeddings":[[%s]],"total_duration":14}`, strings.Join(numbers, ","))
	b.Run("here", func(b *testing.B) {
		for b.Loop() {
			if _, ok := readVectors([]byte(raw), 384); !ok {
				b.Fatal("not read")
			}
		}
	})
	b.Run("decoder", func(b *testing.B) {
		for b.Loop() {
			if _, err := vectorsOf(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}
