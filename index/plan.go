package index

// Keys are the keys of entries, in their order.
func Keys(entries []Entry) []Key {
	keys := make([]Key, len(entries))
	for i := range entries {
		keys[i] = entries[i].Key
	}
	return keys
}

// Plan says what turns the held entries into the wanted ones with the least
// embedding: missing are wanted and not held, in the order of want; stale are
// held and not wanted, in the order of held. Held must stem from the same
// embedder fingerprint that missing will be embedded with, which is what
// an opened index holds. A key wanted twice is missing once.
func Plan(held, want []Key) (missing, stale []Key) {
	wanted := make(map[Key]bool, len(want)) // true once it is held or listed
	for _, k := range want {
		wanted[k] = false
	}
	for _, k := range held {
		if _, ok := wanted[k]; ok {
			wanted[k] = true
		} else {
			stale = append(stale, k)
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
