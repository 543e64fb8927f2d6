// Command schema writes the schema that clients are generated from: that of
// proto/baseline.binpb without the rules of validation, which are the server's
// business and would make every client depend on theirs.
//
//	go run ./clients/schema > schema.binpb
package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/semroute/semroute/internal/plainfile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

func main() {
	if err := run("proto/baseline.binpb", os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// maxBytes is more than a schema has.
const maxBytes = 16 << 20

const rules = "buf/validate/validate.proto"

func run(path string, out io.Writer) error {
	content, err := plainfile.Read(path, maxBytes)
	if err != nil {
		return err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(content, &set); err != nil {
		return err
	}
	set.File = slices.DeleteFunc(set.File, func(f *descriptorpb.FileDescriptorProto) bool { return f.GetName() == rules })
	for _, file := range set.GetFile() {
		file.Dependency = slices.DeleteFunc(file.Dependency, func(name string) bool { return name == rules })
		forgetExtensions(file.ProtoReflect())
	}
	clean, err := proto.MarshalOptions{Deterministic: true}.Marshal(&set)
	if err != nil {
		return err
	}
	_, err = out.Write(clean)
	return err
}

// forgetExtensions drops what a message and those within it hold that the descriptors'
// own schema does not know.
func forgetExtensions(m protoreflect.Message) {
	m.SetUnknown(nil)
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() || field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				forgetExtensions(value.List().Get(i).Message())
			}
		default:
			forgetExtensions(value.Message())
		}
		return true
	})
}
