package classify

import (
	"strings"
	"unicode"
)

// Words spells the name of a route as a person would say it: "card_arrival" and
// "CardArrival" become "card arrival". A name without letters gives "".
func Words(name string) string {
	var b strings.Builder
	letters, lower := false, false
	for _, r := range name {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if unicode.IsUpper(r) && lower {
				b.WriteByte(' ')
			}
			lower = unicode.IsLower(r)
			letters = letters || unicode.IsLetter(r)
			b.WriteRune(unicode.ToLower(r))
		default:
			lower = false
			b.WriteByte(' ')
		}
	}
	if !letters {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
