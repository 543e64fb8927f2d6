package wire

// Aside runs encode on a stack of its own and waits for it. The client
// libraries encode by deep recursion; done in place, that would grow the stack
// of the stream's own goroutine, which then stays as large for as long as the
// answer streams, thousands of times over.
func Aside(encode func() ([]byte, error)) ([]byte, error) {
	type result struct {
		payload []byte
		err     error
	}
	done := make(chan result)
	go func() {
		payload, err := encode()
		done <- result{payload, err}
	}()
	got := <-done
	return got.payload, got.err
}
