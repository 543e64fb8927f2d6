package eval

// Shorten keeps the first n characters and says so when there were more.
func Shorten(text string, n int) string {
	count := 0
	for i := range text {
		if count++; count > n {
			return text[:i] + "…"
		}
	}
	return text
}
