package postgres

// Abandon ends a store as a crash of its process would: nothing is booked, given
// back or written any more.
func Abandon(s *Store) {
	close(s.accounts.stop)
	<-s.accounts.done
	s.end()
	s.pool.Close()
	_ = s.Backlog.Close()
	s.closing.Do(func() {})
}
