package server

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // registers the codec that this one stands before
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	// maxFields bounds the fields of one request, those of all its messages
	// together: an empty element takes two bytes on the wire, a hundred in memory
	// and microseconds to validate. A batch of 256 chats may have some 60 messages
	// each.
	maxFields = 1 << 16
	// minFieldBytes is what a field takes at least: a tag and a length.
	minFieldBytes = 2
)

// errUnreadable is a request that is no message of the schema.
var errUnreadable = errors.New("the request cannot be read")

// requestCodec is gRPC's own codec for protobuf, with two differences for what
// comes in. The number of fields is bounded on the wire, before anything is
// made of them. And a request that cannot be read is handed on, marked: from
// here gRPC would answer INTERNAL, whatever a handler says, but it is the
// caller who is wrong.
type requestCodec struct{ encoding.CodecV2 }

func newRequestCodec() requestCodec { return requestCodec{encoding.GetCodecV2("proto")} }

// Unmarshal implements encoding.CodecV2.
func (c requestCodec) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(proto.Message)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	if err := c.read(data, message); err != nil {
		markUnreadable(message, err)
	}
	return nil
}

func (c requestCodec) read(data mem.BufferSlice, message proto.Message) error {
	if data.Len() <= maxFields*minFieldBytes {
		return c.CodecV2.Unmarshal(data, message)
	}
	raw := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer raw.Free()
	if countFields(raw.ReadOnlyData(), message.ProtoReflect().Descriptor(), maxFields) < 0 {
		return fmt.Errorf("it has more than %d fields, those of all its messages together", maxFields)
	}
	return c.CodecV2.Unmarshal(mem.BufferSlice{raw}, message)
}

// countFields takes the fields of a message and of those within it from what is
// left, and returns what is left then: below 0 there are too many. What is not
// of the protocol it leaves to the parser.
func countFields(raw []byte, of protoreflect.MessageDescriptor, left int) int {
	for len(raw) > 0 && left >= 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return left
		}
		raw = raw[n:]
		size := protowire.ConsumeFieldValue(number, kind, raw)
		if size < 0 {
			return left
		}
		left--
		if field := of.Fields().ByNumber(number); kind == protowire.BytesType && field != nil && field.Message() != nil {
			inner, _ := protowire.ConsumeBytes(raw)
			left = countFields(inner, field.Message(), left)
		}
		raw = raw[size:]
	}
	return left
}

// unreadableField is the number under which an unreadable request carries why:
// the highest there is, which no schema of ours uses. A caller that sends it is
// told its own text.
const unreadableField = protowire.MaxValidNumber

func markUnreadable(message proto.Message, why error) {
	proto.Reset(message)
	mark := protowire.AppendTag(nil, unreadableField, protowire.BytesType)
	message.ProtoReflect().SetUnknown(protowire.AppendString(mark, why.Error()))
}

// unreadable is the errUnreadable of a request that the codec has marked.
func unreadable(message proto.Message) error {
	raw := message.ProtoReflect().GetUnknown()
	number, kind, n := protowire.ConsumeTag(raw)
	if n < 0 || number != unreadableField || kind != protowire.BytesType {
		return nil
	}
	why, _ := protowire.ConsumeString(raw[n:])
	return fmt.Errorf("%w: %s", errUnreadable, why)
}
