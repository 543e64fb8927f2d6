package main

import (
	"time"

	"github.com/semroute/semroute/ingress/admission"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/peers"
	"github.com/spf13/cobra"
)

// limitFlags bound what callers may take of `serve`.
type limitFlags struct {
	connections int
	perAddress  int
	receive     time.Duration
	unfinished  int64
	requests    int64
	admitAll    bool
}

func (l *limitFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&l.connections, "max-connections", 0, "connections at once; 0 is as many as there are descriptors for, with a reserve")
	f.IntVar(&l.perAddress, "max-connections-per-address", 0, "connections from one address of another machine; 0 is no bound")
	f.DurationVar(&l.receive, "receive-timeout", 10*time.Second, "how long a request may take to arrive")
	f.Int64Var(&l.unfinished, "max-unfinished-bytes", 64<<20, "what may have arrived of requests that are not whole, of all connections together")
	f.Int64Var(&l.requests, "max-request-bytes-in-flight", 256<<20, "what all requests may take together that are being received or answered, by any protocol")
	f.BoolVar(&l.admitAll, "admit-all", false, "refuse no decision under overload")
}

func (l *limitFlags) check() error {
	if l.connections < 0 || l.perAddress < 0 || l.receive <= 0 || l.unfinished <= 0 || l.requests <= 0 {
		return wrongUse("--max-connections and --max-connections-per-address must be 0 or more, --receive-timeout, --max-unfinished-bytes and --max-request-bytes-in-flight more than 0")
	}
	return nil
}

func (l *limitFlags) peers() peers.Config {
	return peers.Config{Connections: l.connections, PerAddress: l.perAddress, ReceiveTimeout: l.receive, UnfinishedBytes: l.unfinished}
}

// gate is what decisions have to pass, nil where all may.
func (l *limitFlags) gate(d server.Decider) *admission.Gate {
	if l.admitAll {
		return nil
	}
	return admission.New(d)
}
