package rest

import (
	"connectrpc.com/connect"
	"connectrpc.com/vanguard"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// JSON reads and writes messages as the document says: all fields of an answer but
// messages that are not there. What cannot be read is the caller's fault.
type JSON struct{ vanguard.JSONCodec }

// NewJSON is the codec for types that the resolver finds.
func NewJSON(types vanguard.TypeResolver) vanguard.Codec {
	return JSON{vanguard.JSONCodec{
		MarshalOptions:   protojson.MarshalOptions{Resolver: types, EmitDefaultValues: true},
		UnmarshalOptions: protojson.UnmarshalOptions{Resolver: types, DiscardUnknown: true},
	}}
}

// Unmarshal implements vanguard.Codec.
func (j JSON) Unmarshal(data []byte, to proto.Message) error {
	return invalid(j.JSONCodec.Unmarshal(data, to))
}

// UnmarshalField implements vanguard.RESTCodec.
func (j JSON) UnmarshalField(data []byte, to proto.Message, field protoreflect.FieldDescriptor) error {
	return invalid(j.JSONCodec.UnmarshalField(data, to, field))
}

func invalid(err error) error {
	if err == nil {
		return nil
	}
	return connect.NewError(connect.CodeInvalidArgument, err)
}
