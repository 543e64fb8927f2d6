// Package outbound keeps connections that a catalog or a setting causes away from
// addresses that no model or issuer has: those of the link, under which clouds
// give out credentials. It promises to look at the address that is really
// connected to, after names were resolved, so that no name leads around it.
package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden: the address is none that calls go to.
var ErrForbidden = errors.New("forbidden address")

// Dialer is a dialer that connects to allowed addresses alone.
func Dialer(timeout, keepAlive time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: keepAlive, Control: control}
}

func control(_, address string, _ syscall.RawConn) error { return Allowed(address) }

// Allowed is an ErrForbidden for an address, with its port, that is of the link,
// a group, nobody's, or known to give out a cloud's credentials.
func Allowed(address string) error {
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ErrForbidden, address)
	}
	ip := parsed.Addr().Unmap()
	switch {
	case ip.IsLinkLocalUnicast(), ip.IsMulticast(), ip.IsUnspecified(), isMetadata(ip.WithZone("")):
		return fmt.Errorf("%w: %s is of the link, a group or a cloud's metadata, where no model is", ErrForbidden, ip)
	}
	return nil
}

// isMetadata knows the addresses of metadata that are not of the link.
func isMetadata(ip netip.Addr) bool {
	for _, known := range []string{"fd00:ec2::254", "100.100.100.200", "168.63.129.16"} {
		if ip == netip.MustParseAddr(known) {
			return true
		}
	}
	return false
}

// ThisMachine says whether a host, without its port, is one of the loopback.
func ThisMachine(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
