package architecture

import (
	"slices"
	"strings"
	"testing"

	"github.com/semroute/semroute/auth"
	_ "github.com/semroute/semroute/proto/semroute/v1" // registers the schema
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// TestEveryRPCHasItsRole holds the table of roles to the schema, both ways: a new
// RPC that nobody thought of would be for administrators alone, and a role of an
// RPC that is gone would wait for another of its name.
func TestEveryRPCHasItsRole(t *testing.T) {
	const ours = "semroute.v1"
	named := auth.Actions()
	var schema []auth.Action
	protoregistry.GlobalFiles.RangeFilesByPackage(ours, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				action := auth.Action("/" + string(service.FullName()) + "/" + string(service.Methods().Get(j).Name()))
				schema = append(schema, action)
				if !slices.Contains(named, action) {
					t.Errorf("auth/table.go does not say which role %s needs", action)
				}
				if role := auth.Needed(action); role == auth.Anyone || role == auth.Known {
					t.Errorf("%s asks for no role", action)
				}
			}
		}
		return true
	})
	if len(schema) < 3 {
		t.Fatalf("only %d RPCs were found", len(schema))
	}
	for _, action := range named {
		if strings.HasPrefix(string(action), "/"+ours) && !slices.Contains(schema, action) {
			t.Errorf("auth/table.go names %s, which is not in the schema", action)
		}
	}
}
