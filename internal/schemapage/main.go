// Command schemapage is a plugin of buf: it writes the page of the schema, every
// service, message and enum with its comments, as Markdown.
package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() { protogen.Options{}.Run(write) }

// ours is the beginning of the packages that the page tells of.
const ours = "semroute."

func write(plugin *protogen.Plugin) error {
	plugin.SupportedFeatures = uint64(pluginpb.CodeGeneratorResponse_FEATURE_PROTO3_OPTIONAL)
	files := slices.Clone(plugin.Files)
	slices.SortFunc(files, func(a, b *protogen.File) int { return cmp.Compare(a.Desc.Path(), b.Desc.Path()) })
	page := plugin.NewGeneratedFile("proto.md", "")
	page.P("# Schema")
	page.P("\n<!-- Written by make generate; do not edit. -->\n")
	page.P("Every service, message and enum of `semroute.v1`, with the comments of [its source](../../proto/semroute/v1). JSON has the same")
	page.P("fields in camelCase. Paths and roles: [paths, RPCs and roles](http.md); errors: [errors](errors.md).")
	for _, file := range files {
		if !strings.HasPrefix(string(file.Desc.Package()), ours) {
			continue
		}
		for _, service := range file.Services {
			writeService(page, service)
		}
	}
	for _, file := range files {
		if !strings.HasPrefix(string(file.Desc.Package()), ours) {
			continue
		}
		for _, enum := range file.Enums {
			writeEnum(page, enum)
		}
		for _, message := range file.Messages {
			writeMessage(page, message)
		}
	}
	return nil
}

func writeService(page *protogen.GeneratedFile, s *protogen.Service) {
	page.P("\n## ", s.Desc.Name(), "\n")
	page.P(paragraph(s.Comments))
	page.P("\n| RPC | request | response |  |\n|---|---|---|---|")
	for _, m := range s.Methods {
		page.P("| `", m.Desc.Name(), "` | ", stream(m.Desc.IsStreamingClient()), reference(m.Input.Desc),
			" | ", stream(m.Desc.IsStreamingServer()), reference(m.Output.Desc), " | ", cell(m.Comments), " |")
	}
}

func stream(is bool) string {
	if is {
		return "a stream of "
	}
	return ""
}

func writeMessage(page *protogen.GeneratedFile, m *protogen.Message) {
	if m.Desc.IsMapEntry() {
		return
	}
	page.P("\n## ", nameOf(m.Desc), "\n")
	page.P(paragraph(m.Comments))
	if len(m.Fields) > 0 {
		page.P("\n| field | type |  |\n|---|---|---|")
	}
	for _, f := range m.Fields {
		page.P("| `", f.Desc.Name(), "` | ", typeOf(f.Desc), " | ", cell(f.Comments), " |")
	}
	for _, enum := range m.Enums {
		writeEnum(page, enum)
	}
	for _, inner := range m.Messages {
		writeMessage(page, inner)
	}
}

func writeEnum(page *protogen.GeneratedFile, e *protogen.Enum) {
	page.P("\n## ", nameOf(e.Desc), "\n")
	page.P(paragraph(e.Comments))
	page.P("\n| value |  |\n|---|---|")
	for _, v := range e.Values {
		page.P("| `", v.Desc.Name(), "` | ", cell(v.Comments), " |")
	}
}

// typeOf is the type of a field in the words of the page.
func typeOf(f protoreflect.FieldDescriptor) string {
	if f.IsMap() {
		return "mapping of " + f.MapKey().Kind().String() + " to " + typeOf(f.MapValue())
	}
	name := f.Kind().String()
	switch {
	case f.Message() != nil:
		name = reference(f.Message())
	case f.Enum() != nil:
		name = reference(f.Enum())
	}
	switch {
	case f.IsList():
		return "list of " + name
	case f.ContainingOneof() != nil && !f.ContainingOneof().IsSynthetic():
		return name + ", one of `" + string(f.ContainingOneof().Name()) + "`"
	case f.HasOptionalKeyword():
		return name + ", may be absent"
	}
	return name
}

// reference is a link to a type of the page, the name of any other.
func reference(d protoreflect.Descriptor) string {
	if !strings.HasPrefix(string(d.ParentFile().Package()), ours) {
		return "`" + string(d.FullName()) + "`"
	}
	name := nameOf(d)
	return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(strings.ReplaceAll(name, ".", "")))
}

// nameOf is the name within the package.
func nameOf(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), string(d.ParentFile().Package())+".")
}

var (
	manySpaces = regexp.MustCompile(`[ \t]*\n[ \t]*`)
	markup     = strings.NewReplacer("<", "&lt;", ">", "&gt;", "|", "\\|", "{{", "{ {")
)

// paragraph is a comment as text.
func paragraph(c protogen.CommentSet) string {
	return strings.TrimSpace(manySpaces.ReplaceAllString(markup.Replace(string(c.Leading)), "\n"))
}

// cell is a comment in one line.
func cell(c protogen.CommentSet) string {
	return strings.Join(strings.Fields(markup.Replace(string(c.Leading)+" "+string(c.Trailing))), " ")
}
