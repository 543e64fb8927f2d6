package rest

import (
	"slices"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// OnlyRoute is the schema of RouterService with no method but Route.
func OnlyRoute() (protoreflect.ServiceDescriptor, error) {
	file := protodesc.ToFileDescriptorProto(semroutev1.File_semroute_v1_router_service_proto)
	service := file.GetService()[0]
	service.Method = slices.DeleteFunc(service.Method, func(m *descriptorpb.MethodDescriptorProto) bool { return m.GetName() != "Route" })
	cut, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err != nil {
		return nil, err
	}
	return cut.Services().Get(0), nil
}
