package ledger

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Filter says what is exported.
type Filter struct {
	// Since leaves out older records; the zero time takes all.
	Since time.Time
	// WithText leaves out records without a text, which cannot be evaluated.
	WithText bool
}

// line is one exported record: a labelled prompt, as evaluation and training
// read it, with the whole record beside it.
type line struct {
	Text   string          `json:"text,omitempty"`
	Route  string          `json:"route"`
	Record json.RawMessage `json:"record"`
}

// Export writes the records as JSON lines, oldest first, and says how many. A
// line has "text" (when the prompt was stored), "route" ("" for none) and
// "record".
func (r *Reader) Export(ctx context.Context, w io.Writer, f Filter) (int, error) {
	since := int64(0)
	if !f.Since.IsZero() {
		since = f.Since.UnixNano()
	}
	rows, err := r.db.QueryContext(ctx,
		"SELECT text, route, record FROM calls WHERE time >= ? AND (text IS NOT NULL OR NOT ?) ORDER BY time, id", since, f.WithText)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrFile, err)
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
			return n, fmt.Errorf("%w: %w", ErrFile, err)
		}
		l.Text = text.String
		if err := encoder.Encode(l); err != nil {
			return n, err
		}
	}
	if err := rows.Err(); err != nil {
		return n, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return n, buffered.Flush()
}
