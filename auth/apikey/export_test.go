package apikey

// Remembered is how many look-ups are kept.
func (v *Verifier) Remembered() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.known)
}
