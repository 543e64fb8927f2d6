package limits

// Known is of how many identities the use is known.
func (k *Keeper) Known() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.known)
}
