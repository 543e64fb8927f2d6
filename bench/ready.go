package main

import (
	"context"
	"errors"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/proto"
)

// ready gives the same decision to every prompt at once: what is left of a call
// is the transport, the reply and the log line, which no router goes below.
type ready struct{ decision router.Decision }

// Decide implements server.Decider.
func (r *ready) Decide(context.Context, router.Prompt, router.Limits) (router.Decision, error) {
	return r.decision, nil
}

// DecideBatch implements server.Decider. Nobody asks it here.
func (r *ready) DecideBatch(context.Context, []router.Prompt, router.Limits) ([]router.Decision, error) {
	return nil, errors.ErrUnsupported
}

// readyServer serves a decision that the installation has made.
func (e *env) readyServer(ctx context.Context, of *installation, prompt string) (*installation, error) {
	d, err := of.engine.Decide(ctx, router.Prompt{Text: prompt}, router.Limits{})
	if err != nil {
		return nil, err
	}
	in := &installation{}
	if err := in.serve(ctx, &ready{d}, nil, e.connections); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

// lean is decide without candidates and matches in the reply.
func (in *installation) lean(prompts []string) measure.Call {
	asked := client.Requests(prompts)
	for _, r := range asked {
		r.Options = &semroutev1.DecisionOptions{MaxCandidates: proto.Uint32(0), MaxMatches: proto.Uint32(0)}
	}
	return in.route(asked, false)
}
