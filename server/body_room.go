package server

import (
	"io"
	"net/http"

	"github.com/semroute/semroute/ingress/admission"
)

// roomedBody takes room for a body as it arrives: what a client says of its length
// holds nothing up, and what it does not say is counted too.
type roomedBody struct {
	io.ReadCloser
	room     *admission.Bytes
	releases []func()
	taken    int64 // room that is reserved and not read into yet
	refused  error
}

// roomStep is how much room is taken at once.
const roomStep = 16 << 10

// Read implements io.Reader.
func (b *roomedBody) Read(p []byte) (int, error) {
	if b.refused != nil {
		return 0, b.refused
	}
	n, err := b.ReadCloser.Read(p)
	for b.taken -= int64(n); b.taken < 0; b.taken += roomStep {
		release, refused := b.room.Reserve(roomStep)
		if refused != nil {
			b.refused = refused
			return 0, refused
		}
		b.releases = append(b.releases, release)
	}
	return n, err
}

// release gives the room back.
func (b *roomedBody) release() {
	for _, release := range b.releases {
		release()
	}
}

// roomed is the handler for requests whose bodies take room as they arrive. Whoever
// reads a body that there is no room for gets an admission.ErrOverloaded.
func roomed(room *admission.Bytes, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := &roomedBody{ReadCloser: r.Body, room: room}
		defer body.release()
		r.Body = body
		handle(w, r)
	}
}
