package server

import (
	"context"
	"crypto/x509"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/limits"
	"github.com/semroute/semroute/ingress/admission"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"
)

// access is who may call what, and how much of it.
type access struct {
	authenticator auth.Authenticator // nil asks nobody who they are
	limits        *limits.Keeper
	room          *admission.Bytes // for requests of all protocols
}

// enter finds out who calls and whether they may. The context has the identity
// also of a caller who may not.
func (a *access) enter(ctx context.Context, method string) (context.Context, error) {
	return a.identify(ctx, auth.Action(method), func() (auth.Credentials, error) { return shownBy(ctx) })
}

// identify is enter for any protocol; show reads the caller's credentials.
func (a *access) identify(ctx context.Context, action auth.Action, show func() (auth.Credentials, error)) (context.Context, error) {
	if a.authenticator == nil {
		return auth.NewContext(ctx, auth.Open()), nil
	}
	if auth.Needed(action) == auth.Anyone {
		return ctx, nil
	}
	shown, err := show()
	if err != nil {
		return ctx, err
	}
	identity, err := a.authenticator.Authenticate(ctx, shown)
	if err != nil {
		return ctx, err
	}
	return auth.NewContext(ctx, identity), auth.Authorize(identity, action)
}

// shownBy are the credentials of a call.
func shownBy(ctx context.Context) (auth.Credentials, error) {
	header, _ := metadata.FromIncomingContext(ctx)
	return auth.FromHeader(header.Get, peerCertificate(ctx))
}

// peerCertificate is the client's verified certificate, nil where there is none.
func peerCertificate(ctx context.Context) *x509.Certificate {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return nil
	}
	return info.State.VerifiedChains[0][0]
}

// admit counts a validated request against the limits of its caller. leave is to
// be called when the call is over.
func (a *access) admit(ctx context.Context, req any) (leave func(), err error) {
	release := func() {}
	if message, ok := req.(proto.Message); ok {
		if release, err = a.room.Reserve(int64(proto.Size(message))); err != nil {
			return nil, err
		}
	}
	left, err := a.limits.Enter(auth.FromContext(ctx), promptsOf(req))
	if err != nil {
		release()
		return nil, err
	}
	return func() {
		left()
		release()
	}, nil
}

// promptsOf is how many prompts a request has.
func promptsOf(req any) int {
	if batch, ok := req.(*semroutev1.RouteBatchRequest); ok {
		return len(batch.GetPrompts())
	}
	return 1
}
