// Command openapi is a plugin of buf: it writes server/rest/openapi.yaml. It puts
// the rules of package rest into the schema, which cannot name them itself because
// google/api/annotations.proto is in no module, and hands it to a well-kept
// generator.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"

	"github.com/semroute/semroute/server/rest"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// generator is the folder of the module that pins it.
const generator = "server/rest/openapi/generator"

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	sent, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var request pluginpb.CodeGeneratorRequest
	if err := proto.Unmarshal(sent, &request); err != nil {
		return err
	}
	rules := map[string]*annotations.HttpRule{}
	for _, rule := range append(rest.Rules(), rest.RouteRule()) {
		rules[rule.GetSelector()] = rule
	}
	for _, file := range request.GetProtoFile() {
		for _, service := range file.GetService() {
			annotate(file.GetPackage()+"."+service.GetName()+".", service, rules)
		}
	}
	for selector := range rules {
		return fmt.Errorf("the schema has no %s", selector)
	}
	sent, err = proto.Marshal(&request)
	if err != nil {
		return err
	}
	plugin := exec.CommandContext(context.Background(), "go", "-C", generator, "tool", "protoc-gen-connect-openapi")
	plugin.Stdin, plugin.Stderr = bytes.NewReader(sent), os.Stderr
	written, err := plugin.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(written, &response); err != nil {
		return err
	}
	for _, file := range response.GetFile() {
		file.Content = proto.String(untrue.ReplaceAllString(file.GetContent(), ""))
	}
	if written, err = proto.Marshal(&response); err != nil {
		return err
	}
	_, err = out.Write(written)
	return err
}

// untrue is what the generator says and the server does not: nullable is no keyword
// of OpenAPI 3.1, and fields that nobody knows are passed over.
var untrue = regexp.MustCompile(`(?m)^ *(nullable: true|additionalProperties: false)\n`)

// annotate gives the methods their rules, and takes those out.
func annotate(prefix string, service *descriptorpb.ServiceDescriptorProto, rules map[string]*annotations.HttpRule) {
	for _, method := range service.GetMethod() {
		rule, ok := rules[prefix+method.GetName()]
		if !ok {
			continue
		}
		if method.Options == nil {
			method.Options = &descriptorpb.MethodOptions{}
		}
		proto.SetExtension(method.Options, annotations.E_Http, &annotations.HttpRule{Pattern: rule.GetPattern(), Body: rule.GetBody()})
		delete(rules, prefix+method.GetName())
	}
}
