package server

import (
	"sync"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that this one falls back on
	"google.golang.org/grpc/mem"
)

// reply is the answer of Route to a prompt that is only decided. It reaches the
// wire without becoming a message first: a decision has a dozen parts, and
// making, measuring and writing them costs more than finding some routes.
//
// Replies are used again: the codec is the last to look at one, after the log
// line, and gives it back.
type reply struct {
	decision router.Decision
}

// called is the answer of Route to a prompt whose call was made.
type called struct {
	response *semroutev1.RouteResponse
	decision *router.Decision
}

// decided is the first event of StreamRoute, which is on the wire what a reply
// is: both messages hold the decision under the same number.
type decided struct {
	decision *router.Decision
}

// replies is where replies come from and go to.
type replies struct{ pool sync.Pool }

func (r *replies) take() *reply {
	if used, ok := r.pool.Get().(*reply); ok {
		return used
	}
	return &reply{}
}

func (r *replies) giveBack(used *reply) {
	used.decision = router.Decision{} // hold on to nothing
	r.pool.Put(used)
}

// codec is gRPC's own, except that it knows how to write a reply.
type codec struct {
	encoding.CodecV2
	replies *replies
}

func newCodec(r *replies) codec { return codec{encoding.GetCodecV2("proto"), r} }

// replyBytes is what most replies fit into.
const replyBytes = 2048

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	switch v := v.(type) {
	case *reply:
		data := written(&v.decision)
		c.replies.giveBack(v)
		return data, nil
	case *decided:
		return written(v.decision), nil
	case *called:
		return c.CodecV2.Marshal(v.response)
	}
	return c.CodecV2.Marshal(v)
}

func written(d *router.Decision) mem.BufferSlice {
	pool := mem.DefaultBufferPool()
	buffer := pool.Get(replyBytes)
	*buffer = appendReply((*buffer)[:0], d)
	return mem.BufferSlice{mem.NewBuffer(buffer, pool)}
}
