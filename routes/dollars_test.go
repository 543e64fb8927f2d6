package routes

import "testing"

func TestDollarsAreExact(t *testing.T) {
	tests := []struct {
		text string
		want int64
	}{
		{"0", 0}, {"0.1", 100_000_000}, {"0.3", 300_000_000}, {"1000000", 1_000_000_000_000_000},
		{"0.000000001", 1}, {"12.345678901", 12_345_678_901}, {"3.50000000000", 3_500_000_000},
	}
	for _, tc := range tests {
		got, err := parseDollars(tc.text)
		if err != nil || got != tc.want {
			t.Errorf("parseDollars(%s) = %d, %v; want %d", tc.text, got, err, tc.want)
		}
		again, err := parseDollars(formatDollars(tc.want))
		if err != nil || again != tc.want {
			t.Errorf("%d was written as %s and read as %d, %v", tc.want, formatDollars(tc.want), again, err)
		}
	}
	for _, text := range []string{"", "-1", "1e3", "0x1F", "1_000", ".5", "5.", "1.2.3", "1000000.1", "0.0000000001", "99999999999999999999"} {
		if got, err := parseDollars(text); err == nil {
			t.Errorf("parseDollars(%s) = %d, want an error", text, got)
		}
	}
}
