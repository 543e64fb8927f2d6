package main

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"
)

// warnBeyondLoopback says what it means to listen where others can reach.
func warnBeyondLoopback(log zerolog.Logger, address net.Addr) {
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return
	}
	log.Warn().Stringer("address", address).Msg("whoever reaches this address can ask and have calls made, without a key and unencrypted: " +
		"listen on 127.0.0.1, or let only a proxy that checks reach it")
}

// outliveHangups keeps the process when its terminal goes away, from now on. What
// it returns says, until ctx ends, what a SIGHUP, which makes other servers read
// their files again, does not do here.
func outliveHangups(ctx context.Context, log zerolog.Logger) func() error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	return func() error {
		defer signal.Stop(hangups)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-hangups:
				log.Warn().Msg("SIGHUP is ignored: the catalog is read at start only, restart to have a changed one read")
			}
		}
	}
}
