package index

// Plan says what turns the held entries into the wanted ones with the least
// embedding: missing are wanted and not held, in the order of want; stale are
// held and not wanted, in the order of held. Held must stem from the same
// embedder fingerprint that missing will be embedded with, which is what
// Entries of an opened index gives. A key wanted twice is missing once.
func Plan(held []Entry, want []Key) (missing, stale []Key) {
	wanted := make(map[Key]bool, len(want)) // true once it is held or listed
	for _, k := range want {
		wanted[k] = false
	}
	for _, e := range held {
		if _, ok := wanted[e.Key]; ok {
			wanted[e.Key] = true
		} else {
			stale = append(stale, e.Key)
		}
	}
	for _, k := range want {
		if !wanted[k] {
			missing = append(missing, k)
			wanted[k] = true
		}
	}
	return missing, stale
}
