package measure

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAlternateTakesTurns(t *testing.T) {
	var order strings.Builder
	count := 0.0
	named := func(name string) Arm {
		return func(context.Context) (float64, error) {
			order.WriteString(name)
			count++
			return count, nil
		}
	}
	values, err := Alternate(t.Context(), 3, named("A"), named("B"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := order.String(), "BAABBAAB"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
	if diff := cmp.Diff([][]float64{{3, 6, 7}, {4, 5, 8}}, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestAlternateEndsAtTheFirstError(t *testing.T) {
	boom := errors.New("boom")
	calls := 0
	_, err := Alternate(t.Context(), 3, func(context.Context) (float64, error) { calls++; return 0, boom })
	if !errors.Is(err, boom) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestFigures(t *testing.T) {
	tests := []struct {
		name   string
		rounds []float64
		want   Figure
	}{
		{"none", nil, Figure{}},
		{"one", []float64{4}, Figure{4, 4, 4}},
		{"odd", []float64{9, 1, 5}, Figure{5, 1, 9}},
		{"even", []float64{4, 1, 2, 9}, Figure{3, 1, 9}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Over(tt.rounds); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	if got, want := Divided([]float64{2, 9}, []float64{4, 3}), (Figure{1.75, 0.5, 3}); got != want {
		t.Errorf("ratio of rounds %+v, want %+v", got, want)
	}
	if got, want := Less([]float64{2, 9}, []float64{4, 3}), (Figure{2, -2, 6}); got != want {
		t.Errorf("difference of rounds %+v, want %+v", got, want)
	}
}

func TestQuantile(t *testing.T) {
	values := []float64{5, 3, 1, 4, 2}
	for q, want := range map[float64]float64{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := Quantile(values, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
}
