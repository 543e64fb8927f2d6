package qdrant

import (
	"context"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that answerCodec stands on
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/semroute/semroute/index"
)

// ask sends a query whose answer goes straight into matches: the generated
// messages take a dozen allocations a point, which is most of what a search
// costs on this side. It returns what the connection returns, or a foreignPoint.
func ask(ctx context.Context, client *pb.GrpcClient, request *pb.QueryPoints) ([]index.Match, error) {
	found := answer{matches: make([]index.Match, 0, request.GetLimit())}
	err := client.Conn().Invoke(ctx, pb.Points_Query_FullMethodName, request, &found,
		grpc.StaticMethod(), grpc.ForceCodecV2(answerCodec{encoding.GetCodecV2("proto")}))
	if err != nil {
		return nil, err
	}
	if found.foreign != nil {
		return nil, found.foreign
	}
	return found.matches, nil
}

// foreignPoint is the id of a point without route and utterance.
type foreignPoint struct{ id string }

func (p *foreignPoint) Error() string {
	return fmt.Sprintf("point %s has no route and utterance", p.id)
}

// answerCodec reads answers into *answer and leaves all else to protobuf.
type answerCodec struct{ encoding.CodecV2 }

// Unmarshal implements encoding.CodecV2.
func (c answerCodec) Unmarshal(data mem.BufferSlice, v any) error {
	found, ok := v.(*answer)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free()
	return found.read(whole.ReadOnlyData())
}

// answer is a QueryResponse, of which only the points count.
type answer struct {
	matches []index.Match
	foreign *foreignPoint
}

// Field numbers of the messages, from Qdrant's points.proto, common.proto and
// json_with_int.proto.
const (
	wireResult    = 1
	wireID        = 1
	wirePayload   = 2
	wireScore     = 3
	wireUUID      = 2
	wireKey       = 1
	wireValue     = 2
	wireFirstKind = 1 // the members of the one-of
	wireString    = 4
	wireLastKind  = 7
)

// errWire: the answer is not a message of Qdrant's.
var errWire = errors.New("malformed answer")

// read reads a whole message.
func (a *answer) read(raw []byte) error {
	return fields(raw, func(f field) error {
		if f.number != wireResult || f.kind != protowire.BytesType {
			return nil
		}
		var p scored
		if err := p.read(f.bytes); err != nil {
			return err
		}
		if !p.route.isString || !p.utterance.isString {
			if a.foreign == nil {
				a.foreign = &foreignPoint{id: string(p.uuid)}
			}
			return nil
		}
		a.matches = append(a.matches, index.Match{
			Route: string(p.route.text), Utterance: string(p.utterance.text), Similarity: max(-1, min(1, p.score)),
		})
		return nil
	})
}

// scored is a ScoredPoint; its bytes are the answer's.
type scored struct {
	uuid             []byte
	score            float32
	route, utterance value
}

func (p *scored) read(raw []byte) error {
	return fields(raw, func(f field) error {
		switch {
		case f.number == wireScore && f.kind == protowire.Fixed32Type:
			p.score = math.Float32frombits(f.fixed32)
		case f.number == wirePayload && f.kind == protowire.BytesType:
			return p.readEntry(f.bytes)
		case f.number == wireID && f.kind == protowire.BytesType:
			return fields(f.bytes, func(f field) error {
				if f.number == wireUUID && f.kind == protowire.BytesType {
					p.uuid = f.bytes
				}
				return nil
			})
		}
		return nil
	})
}

// readEntry reads one entry of the payload's map. Of several with a key the
// last counts.
func (p *scored) readEntry(raw []byte) error {
	var key []byte
	var v value
	err := fields(raw, func(f field) error {
		switch {
		case f.number == wireKey && f.kind == protowire.BytesType:
			key = f.bytes
		case f.number == wireValue && f.kind == protowire.BytesType:
			return v.read(f.bytes)
		}
		return nil
	})
	switch string(key) {
	case routeField:
		p.route = v
	case utteranceField:
		p.utterance = v
	}
	return err
}

// value is a payload's value, of which only strings count.
type value struct {
	isString bool
	text     []byte
}

// valueKinds are the wire types of the one-of's members.
var valueKinds = [wireLastKind + 1]protowire.Type{
	1: protowire.VarintType, 2: protowire.Fixed64Type, 3: protowire.VarintType, 4: protowire.BytesType,
	5: protowire.VarintType, 6: protowire.BytesType, 7: protowire.BytesType,
}

// read reads a Value; the last member of the one-of counts.
func (v *value) read(raw []byte) error {
	return fields(raw, func(f field) error {
		if f.number < wireFirstKind || f.number > wireLastKind || f.kind != valueKinds[f.number] {
			return nil
		}
		if v.isString, v.text = f.number == wireString, nil; v.isString {
			v.text = f.bytes
			if !utf8.Valid(v.text) {
				return errWire
			}
		}
		return nil
	})
}

// field is one field of a message as it is on the wire.
type field struct {
	number  protowire.Number
	kind    protowire.Type
	fixed32 uint32
	bytes   []byte
}

// fields calls visit for every field of a message.
func fields(raw []byte, visit func(field) error) error {
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		raw = raw[n:]
		f := field{number: number, kind: kind}
		switch kind {
		case protowire.BytesType:
			f.bytes, n = protowire.ConsumeBytes(raw)
		case protowire.Fixed32Type:
			f.fixed32, n = protowire.ConsumeFixed32(raw)
		default:
			n = protowire.ConsumeFieldValue(number, kind, raw)
		}
		if n < 0 {
			return fmt.Errorf("%w: %w", errWire, protowire.ParseError(n))
		}
		if err := visit(f); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return nil
}
