package postgres

import "time"

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

// PruneAt prunes in a process whose clock says something else than the database's.
func PruneAt(s *Store, now time.Time) error {
	config := s.config
	config.Now = func() time.Time { return now }
	return (&writer{Reader: s.Reader, config: config, name: "prunes"}).Prune()
}
