package sqlite

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"

	"github.com/semroute/semroute/store"
)

// line is one exported record: a labelled prompt, as evaluation and training
// read it, with the whole record beside it.
type line struct {
	Text   string          `json:"text,omitempty"`
	Route  string          `json:"route"`
	Record json.RawMessage `json:"record"`
}

// Export implements store.Reader.
func (r *Reader) Export(ctx context.Context, w io.Writer, f store.Filter) (int, error) {
	since := int64(0)
	if !f.Since.IsZero() {
		since = f.Since.UnixNano()
	}
	rows, err := r.db.QueryContext(ctx,
		"SELECT text, route, record FROM calls WHERE time >= ? AND (text IS NOT NULL OR NOT ?) ORDER BY time, id", since, f.WithText)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	defer func() { _ = rows.Close() }()
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	n := 0
	for ; rows.Next(); n++ {
		var text sql.NullString
		var l line
		if err := rows.Scan(&text, &l.Route, (*[]byte)(&l.Record)); err != nil {
			return n, fmt.Errorf("%w: %w", store.ErrUnusable, err)
		}
		l.Text = text.String
		if !json.Valid(l.Record) { // a damaged row keeps nobody from the others
			l.Record = nil
		}
		if err := encoder.Encode(l); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	return n, buffered.Flush()
}
