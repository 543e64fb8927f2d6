package rest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// unary are the methods of the schema that are no streams, by full name.
func unary(t *testing.T) map[string]protoreflect.MethodDescriptor {
	t.Helper()
	methods := map[string]protoreflect.MethodDescriptor{}
	protoregistry.GlobalFiles.RangeFilesByPackage(semroutev1.File_semroute_v1_router_service_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for k := range service.Methods().Len() {
				if m := service.Methods().Get(k); !m.IsStreamingServer() && !m.IsStreamingClient() {
					methods[string(m.FullName())] = m
				}
			}
		}
		return true
	})
	if len(methods) < 30 {
		t.Fatalf("the schema has %d methods, and no more were found", len(methods))
	}
	return methods
}

func allRules() []*annotations.HttpRule { return append(Rules(), RouteRule()) }

// TestEveryCallHasOneForm holds the rules to the schema: whoever adds an RPC says how
// it looks as REST.
func TestEveryCallHasOneForm(t *testing.T) {
	methods := unary(t)
	patterns := map[string]string{}
	for _, rule := range allRules() {
		method, ok := methods[rule.GetSelector()]
		if !ok {
			t.Errorf("%s is no call of the schema, or has two rules", rule.GetSelector())
			continue
		}
		delete(methods, rule.GetSelector())
		pattern := Pattern(rule)
		if other, taken := patterns[pattern]; taken {
			t.Errorf("%s is both %s and %s", pattern, other, rule.GetSelector())
		}
		patterns[pattern] = rule.GetSelector()
		for _, field := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(pattern, -1) {
			if method.Input().Fields().ByName(protoreflect.Name(field[1])) == nil {
				t.Errorf("%s: %s has no field %s", pattern, method.Input().FullName(), field[1])
			}
		}
	}
	for name := range methods {
		t.Errorf("%s has no rule", name)
	}
}

// TestDocumentSaysWhatIsAnswered reads the committed document with a parser that did
// not write it.
func TestDocumentSaysWhatIsAnswered(t *testing.T) {
	document, err := libopenapi.NewDocument(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	model, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			said[strings.ToUpper(method)+" "+path] = true
		}
	}
	answered := map[string]bool{}
	for _, rule := range allRules() {
		answered[Pattern(rule)] = true
	}
	if diff := cmp.Diff(answered, said); diff != "" {
		t.Errorf("run make generate; answered (-), in the document (+):\n%s", diff)
	}
}
