package server

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestClosedSetsAreWhole holds the words of the domain, as its source declares
// them, to the pairs, and the pairs to the schema: a word that somebody adds
// must get a value before it can be sent.
func TestClosedSetsAreWhole(t *testing.T) {
	check := func(name string, declared, paired []string, values map[protoreflect.EnumNumber]bool, schema protoreflect.EnumDescriptor) {
		t.Run(name, func(t *testing.T) {
			if len(declared) == 0 {
				t.Fatal("no constant was found in the source: has the type moved?")
			}
			if diff := cmp.Diff(declared, paired, cmpopts.SortSlices(strings.Compare)); diff != "" {
				t.Errorf("words (-declared +paired):\n%s", diff)
			}
			for i := range schema.Values().Len() {
				if value := schema.Values().Get(i); value.Number() != 0 && !values[value.Number()] {
					t.Errorf("%s stands for no word", value.FullName())
				}
			}
		})
	}
	check("reason", constants(t, "../router", "Reason"), words(reasons), numbers(reasons), semroutev1.Decision_Reason(0).Descriptor())
	check("finish", constants(t, "../forward", "Finish"), words(finishes), numbers(finishes), semroutev1.CallRecord_Finish(0).Descriptor())
	check("strategy", constants(t, "../routes", "Strategy"), words(strategies), numbers(strategies), semroutev1.CallRecord_Strategy(0).Descriptor())
	check("status", append(constants(t, "../forward", "Status"), constants(t, "../forward", "Class")...), words(statuses), numbers(statuses), semroutev1.Attempt_Status(0).Descriptor())
}

func words[Word ~string, Value comparable](s closedSet[Word, Value]) []string {
	var all []string
	for word := range s {
		all = append(all, string(word))
	}
	return all
}

func numbers[Word comparable, Value interface {
	comparable
	Number() protoreflect.EnumNumber
}](s closedSet[Word, Value]) map[protoreflect.EnumNumber]bool {
	all := map[protoreflect.EnumNumber]bool{}
	for _, value := range s {
		all[value.Number()] = true
	}
	return all
}

// constants are the values of a package's constants of a type, without "".
func constants(t *testing.T, folder, typeName string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != typeName {
				return true
			}
			for _, value := range spec.Values {
				if literal, ok := value.(*ast.BasicLit); ok && literal.Value != `""` {
					word, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					values = append(values, word)
				}
			}
			return true
		})
	}
	return values
}
