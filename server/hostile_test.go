package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// bytesCodec sends bytes as they are, so that a test can send what no message
// would be.
type bytesCodec struct{}

func (bytesCodec) Name() string { return "proto" }
func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(v.([]byte))}, nil
}
func (bytesCodec) Unmarshal(mem.BufferSlice, any) error { return nil }

const (
	// many is more fields than a request may have, some is fewer.
	many = 1<<16 + 100
	some = 1 << 14
	// maxTrailers is what many clients take, maxLine what a line of the log may be.
	maxTrailers = 8 << 10
	maxLine     = 16 << 10
)

var methods = map[string]proto.Message{
	semroutev1.RouterService_Route_FullMethodName:       &semroutev1.RouteRequest{},
	semroutev1.RouterService_RouteBatch_FullMethodName:  &semroutev1.RouteBatchRequest{},
	semroutev1.RouterService_StreamRoute_FullMethodName: &semroutev1.StreamRouteRequest{},
}

// hostileConn is a connection like that of clients with small bounds of their
// own.
func hostileConn(t *testing.T, r *running) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(r.address, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithMaxHeaderListSize(maxTrailers))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// send makes a call with these bytes, reads all that comes, and returns the size
// of its trailers.
func send(ctx context.Context, conn *grpc.ClientConn, method string, raw []byte) (int, error) {
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method, grpc.ForceCodecV2(bytesCodec{}))
	if err == nil {
		err = stream.SendMsg(raw)
	}
	if err == nil {
		err = stream.CloseSend()
	}
	for err == nil {
		err = stream.RecvMsg(nil)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	size := len(status.Convert(err).Message())
	for name, values := range stream.Trailer() {
		for _, value := range values {
			size += len(name) + len(value)*4/3
		}
	}
	return size, err
}

// TestHostileRequests sends every field that a request can have, far too often,
// below every message that can hold it. Each is refused or answered, with
// trailers and a log line of bounded size, and another stream on the connection
// goes on.
func TestHostileRequests(t *testing.T) {
	for method, message := range methods {
		for name, field := range everyField(message.ProtoReflect().Descriptor()) {
			t.Run(string(message.ProtoReflect().Descriptor().Name())+"."+name, func(t *testing.T) {
				r := startForwarding(t, &fakeDecider{}, &fakeForwarder{}, server.Config{LogPrompts: true})
				conn := hostileConn(t, r)
				other, err := healthv1.NewHealthClient(conn).Watch(t.Context(), &healthv1.HealthCheckRequest{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := other.Recv(); err != nil {
					t.Fatal(err)
				}
				size, err := send(t.Context(), conn, method, field(many))
				if status.Code(err) != codes.InvalidArgument || size > maxTrailers {
					t.Errorf("%d fields: trailers of %d bytes, %v; want INVALID_ARGUMENT in few bytes", many, size, err)
				}
				size, err = send(t.Context(), conn, method, field(some))
				if code := status.Code(err); code != codes.InvalidArgument && code != codes.OK || size > maxTrailers {
					t.Errorf("%d fields: trailers of %d bytes, %v", some, size, err)
				}
				r.server.Ready()
				if _, err := other.Recv(); err != nil {
					t.Errorf("another stream on the connection: %v", err)
				}
				checkLog(t, r)
			})
		}
	}
}

// everyField gives, by the name of its path, a request that holds the field n
// times, empty, below one of each message on the way.
func everyField(of protoreflect.MessageDescriptor) map[string]func(n int) []byte {
	all := map[string]func(n int) []byte{}
	for i := range of.Fields().Len() {
		field := of.Fields().Get(i)
		all[string(field.Name())] = func(n int) []byte { return slices.Repeat(emptyField(field), n) }
		if field.Message() == nil {
			continue
		}
		for name, inner := range everyField(field.Message()) {
			all[string(field.Name())+"."+name] = func(n int) []byte { return nested(field.Number(), inner(n)) }
		}
	}
	return all
}

func emptyField(field protoreflect.FieldDescriptor) []byte {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.StringKind, protoreflect.BytesKind:
		return nested(field.Number(), nil)
	case protoreflect.DoubleKind:
		return protowire.AppendFixed64(protowire.AppendTag(nil, field.Number(), protowire.Fixed64Type), 0)
	}
	return protowire.AppendVarint(protowire.AppendTag(nil, field.Number(), protowire.VarintType), 0)
}

func nested(number protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

// checkLog stops the server and looks at its lines.
func checkLog(t *testing.T, r *running) {
	t.Helper()
	r.stop()
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(r.log.String()) {
		if len(line) > maxLine {
			t.Errorf("a log line of %d bytes: %.200s", len(line), line)
		}
	}
}

// TestRequestsThatAreNoMessages are the caller's fault, by every method, and
// what is wrong stands in the answer.
func TestRequestsThatAreNoMessages(t *testing.T) {
	text := func(s string) []byte { return nested(1, nested(1, []byte(s))) } // prompt.text
	tests := map[string]struct {
		raw  []byte
		says string
	}{
		"text that is not valid UTF-8":  {text("a\xffb"), "UTF-8"},
		"a key that is not valid UTF-8": {nested(1, slices.Concat(nested(1, []byte("x")), nested(3, nested(1, []byte("\xff"))))), "UTF-8"},
		"cut off":                       {text("hello")[:4], "cannot be read"},
		"no protobuf at all":            {[]byte("{\"prompt\":\"x\"}"), "cannot be read"},
		"a text where a message is due": {nested(1, []byte("hello")), "cannot be read"},
		"a key of megabytes":            {nested(1, slices.Concat(nested(1, []byte("x")), nested(3, nested(1, []byte(strings.Repeat("k", 3<<20)))))), "prompt"},
		"the mark of an unreadable one": {nested(protowire.MaxValidNumber, []byte(strings.Repeat("x", 3<<20))), "xxx"},
	}
	for name, test := range tests {
		for method := range methods {
			t.Run(name+" to "+method, func(t *testing.T) {
				r := startForwarding(t, &fakeDecider{}, &fakeForwarder{}, server.Config{LogPrompts: true})
				size, err := send(t.Context(), hostileConn(t, r), method, test.raw)
				if status.Code(err) != codes.InvalidArgument || reason(err) != "INVALID_REQUEST" || size > maxTrailers {
					t.Errorf("trailers of %d bytes, reason %q, %v; want INVALID_ARGUMENT", size, reason(err), err)
				}
				if !strings.Contains(err.Error(), test.says) {
					t.Errorf("%v does not say %q", err, test.says)
				}
				checkLog(t, r)
			})
		}
	}
}

// TestTheLargestRequestsAreAnswered: bounds that keep hostile requests out let
// in what the schema allows and somebody may really send.
func TestTheLargestRequestsAreAnswered(t *testing.T) {
	var messages []*semroutev1.Message
	for i := range 60 {
		messages = append(messages, &semroutev1.Message{
			Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{textPart(fmt.Sprint("turn ", i))},
		})
	}
	batch := &semroutev1.RouteBatchRequest{}
	for range 256 {
		batch.Prompts = append(batch.Prompts, conversation(messages...))
	}
	r := start(t, &fakeDecider{}, server.Config{})
	resp, err := r.client.RouteBatch(t.Context(), batch)
	if err != nil || len(resp.GetDecisions()) != 256 {
		t.Errorf("%d decisions, %v", len(resp.GetDecisions()), err)
	}
	if _, err := r.client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: text(strings.Repeat("x", 1<<20))}); err != nil {
		t.Error(err)
	}
}
