package outbound_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/semroute/semroute/internal/outbound"
)

func TestWhereCallsGo(t *testing.T) {
	for address, allowed := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "10.0.0.1:80": true, "192.168.1.1:1": true, "8.8.8.8:443": true, "[2001:db8::1]:443": true,
		"169.254.169.254:80": false, "[::ffff:169.254.169.254]:80": false, "[fe80::1%eth0]:80": false, "[fd00:ec2::254]:80": false,
		"100.100.100.200:80": false, "168.63.129.16:80": false, "0.0.0.0:80": false, "[::]:80": false, "224.0.0.1:80": false, "garbage": false,
	} {
		if err := outbound.Allowed(address); (err == nil) != allowed || err != nil && !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
	conn, err := outbound.Dialer(time.Second, 0).DialContext(t.Context(), "tcp", "169.254.169.254:80")
	if !errors.Is(err, outbound.ErrForbidden) {
		t.Errorf("dialled %v, %v", conn, err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	conn, err = outbound.Dialer(time.Minute, 0).DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
