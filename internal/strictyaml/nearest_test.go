package strictyaml

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"refunds", "returns", "shipping", "a", "billing"}
	tests := []struct {
		name, want string
	}{
		{"refund", "refunds"},
		{"refnuds", "refunds"},
		{"REFUNDS", "refunds"},
		{"retunds", "refunds"},
		{"shiping", "shipping"},
		{"weather", ""},
		{"b", ""},
		{"", ""},
		{strings.Repeat("x", 1000), ""},
	}
	for _, tc := range tests {
		got, ok := Nearest(tc.name, known)
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("Nearest(%.20q) = %q, %v; want %q", tc.name, got, ok, tc.want)
		}
	}
}
