package server

import (
	"reflect"
	"testing"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestConversionsLeaveNothingOut: where everything of a decision and a record is
// set, every field of their messages is.
func TestConversionsLeaveNothingOut(t *testing.T) {
	var decision router.Decision
	fill(reflect.ValueOf(&decision).Elem())
	decision.Reason, decision.Stage = router.ReasonBelowMargin, router.StageFallback
	var record forward.Record
	fill(reflect.ValueOf(&record).Elem())
	record.Finish, record.Strategy, record.Attempts[0].Status = forward.FinishStop, "order", forward.Done
	record.Session.Reason = string(session.Sure)
	var answer forward.Answer
	fill(reflect.ValueOf(&answer).Elem())
	allSet(t, DecisionToProto(&decision).ProtoReflect())
	allSet(t, RecordToProto(&record).ProtoReflect())
	allSet(t, answerToProto(answer).ProtoReflect())
}

// fill sets everything to something.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(100_000) // as a duration, more than a microsecond
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(3)
	}
}

// allSet fails for every field of a message, and of those within it, that is not
// set.
func allSet(t *testing.T, m protoreflect.Message) {
	t.Helper()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case !m.Has(f):
			t.Errorf("%s is not set", f.FullName())
		case f.IsList() && f.Message() != nil:
			allSet(t, m.Get(f).List().Get(0).Message())
		case f.Message() != nil:
			allSet(t, m.Get(f).Message())
		}
	}
}
