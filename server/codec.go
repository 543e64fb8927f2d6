package server

import (
	"github.com/semroute/semroute/router"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that this one falls back on
	"google.golang.org/grpc/mem"
)

// reply is the answer of Route to a prompt that is only decided. It reaches the
// wire without becoming a message first: a decision has a dozen parts, and
// making, measuring and writing them costs more than finding some routes.
type reply struct {
	decision router.Decision
}

// codec is gRPC's own, except that it knows how to write a reply.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2("proto")} }

// replyBytes is what most replies fit into.
const replyBytes = 2048

// Marshal implements encoding.CodecV2.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	r, ok := v.(*reply)
	if !ok {
		return c.CodecV2.Marshal(v)
	}
	pool := mem.DefaultBufferPool()
	buffer := pool.Get(replyBytes)
	*buffer = appendReply((*buffer)[:0], &r.decision)
	return mem.BufferSlice{mem.NewBuffer(buffer, pool)}, nil
}
