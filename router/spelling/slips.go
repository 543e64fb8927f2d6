package spelling

// slips calls yield with every word that becomes word by one slip: two letters
// swapped, one left out, one too many, one in place of another (Damerau 1964).
// The bytes are good until yield returns.
func slips(word []byte, yield func(other []byte)) {
	var room [longest + 1]byte
	n := len(word)
	for i := range n { // one too many was typed
		other := append(append(room[:0], word[:i]...), word[i+1:]...)
		if i == 0 || word[i] != word[i-1] {
			yield(other)
		}
	}
	for i := range n - 1 {
		if word[i] != word[i+1] {
			other := append(room[:0], word...)
			other[i], other[i+1] = other[i+1], other[i]
			yield(other)
		}
	}
	for i := range n {
		other := append(room[:0], word...)
		for c := byte('a'); c <= 'z'; c++ {
			if c != word[i] {
				other[i] = c
				yield(other)
			}
		}
	}
	for i := range n + 1 { // one was left out
		other := append(append(append(room[:0], word[:i]...), 0), word[i:]...)
		for c := byte('a'); c <= 'z'; c++ {
			if i == 0 || c != word[i-1] {
				other[i] = c
				yield(other)
			}
		}
	}
}
