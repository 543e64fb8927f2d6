// Package ingress is the one way in: whatever protocol a prompt comes by, it is
// decided, the models are put in order, the call is made and the record is kept
// here, so that no two protocols can decide differently for the same prompt.
//
// It promises that every decision is either forwarded, which leaves a record of
// the call, or recorded by itself, and that a call that fails still carries its
// decision. It leaves to others what a protocol looks like (server for gRPC, the
// packages below this one for HTTP), which route fits (router) and how a call is
// made (forward).
package ingress
