package main

import (
	"net"

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
