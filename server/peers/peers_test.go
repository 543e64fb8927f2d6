package peers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/net/http2"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/semroute/semroute/bench/hostile"
	"github.com/semroute/semroute/server/peers"
)

// guarded is a gRPC server behind a guard, on a socket.
type guarded struct {
	*peers.Guard
	address string
}

func serve(t *testing.T, config peers.Config) *guarded {
	t.Helper()
	config.Log = zerolog.New(zerolog.NewTestWriter(t))
	if config.Detention == 0 {
		config.Detention = time.Millisecond
	}
	g := &guarded{Guard: peers.New(config)}
	server := grpc.NewServer(grpc.Creds(g.Credentials(insecure.NewCredentials())), grpc.InTapHandle(g.Tap), grpc.MaxConcurrentStreams(peers.MaxStreams),
		grpc.MaxHeaderListSize(16<<10), grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			peers.Arrived(ctx)
			return handler(ctx, req)
		}))
	// What the attacks ask for is answered by the health service, so that a
	// message is read.
	desc := healthv1.Health_ServiceDesc
	desc.ServiceName = "semroute.v1.RouterService"
	for _, m := range desc.Methods {
		m.MethodName = "Route"
		desc.Methods = []grpc.MethodDesc{m}
		break
	}
	desc.Streams = nil
	service := health.NewServer()
	server.RegisterService(&desc, service)
	healthv1.RegisterHealthServer(server, service)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g.address = listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { g.Run(ctx); done <- struct{}{} }()
	go func() { _ = server.Serve(g.Listen(listener)); done <- struct{}{} }()
	t.Cleanup(func() {
		stop()
		server.Stop()
		<-done
		<-done
		if n := g.Unfinished(); n != 0 {
			t.Errorf("%d bytes are held of connections that are gone", n)
		}
	})
	return g
}

// ask is an honest call on a connection of its own.
func (g *guarded) ask(t *testing.T) error {
	t.Helper()
	conn, err := grpc.NewClient(g.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{}, grpc.WaitForReady(true))
	return err
}

// TestAttackersLoseTheirConnections and nobody else does.
func TestAttackersLoseTheirConnections(t *testing.T) {
	for _, name := range []string{"bodies that never end", "streams reset at once", "headers that never end", "headers that unpack to much", "frames of settings", "empty frames"} {
		t.Run(name, func(t *testing.T) {
			g := serve(t, peers.Config{UnfinishedBytes: 8 << 20, ReceiveTimeout: time.Hour})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := hostile.Run(ctx, g.address, hostile.Attacks()[name]); err != nil || ctx.Err() != nil {
				t.Errorf("the attacker was not put off: %v, %v", err, ctx.Err())
			}
			if err := g.ask(t); err != nil {
				t.Errorf("an honest call after it: %v", err)
			}
		})
	}
}

// TestWhoWentTooFarIsDetained: the server has ended the connection for itself, and its
// socket stays for a while, so that the peer waits instead of coming again; no more
// than half of all connections do.
func TestWhoWentTooFarIsDetained(t *testing.T) {
	g := serve(t, peers.Config{ReceiveTimeout: time.Hour, Connections: 4, Detention: time.Hour})
	for i := range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = hostile.Run(ctx, g.address, hostile.Attacks()["empty frames"])
		}()
		if i == 2 { // there is no place for the third
			<-ended
		}
		for g.Detained() < min(i+1, 2) {
			select {
			case <-ended:
				t.Fatalf("attacker %d is gone", i+1)
			case <-time.After(time.Millisecond):
			}
		}
		cancel()
		<-ended
	}
	if err := g.ask(t); err != nil {
		t.Errorf("an honest call beside them: %v", err)
	}
}

// TestManyConnectionsShareABound: each takes little, and together too much.
func TestManyConnectionsShareABound(t *testing.T) {
	const bound = 1 << 20
	g := serve(t, peers.Config{UnfinishedBytes: bound, ReceiveTimeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- hostile.Many(ctx, g.address, 20, func(c *hostile.Conn) { c.HalfBody(bound / 5) })
	}()
	most := int64(0)
	for range 200 {
		most = max(most, g.Unfinished())
		time.Sleep(time.Millisecond)
	}
	if err := g.ask(t); err != nil {
		t.Errorf("an honest call beside it: %v", err)
	}
	cancel()
	<-ended
	if most > 2*bound {
		t.Errorf("%d bytes were held, the bound is %d", most, bound)
	}
}

// TestRequestsThatAreAwaitedTakeMemory: each counts, also before anything of it has
// arrived.
func TestRequestsThatAreAwaitedTakeMemory(t *testing.T) {
	const bound = 32 << 20
	g := serve(t, peers.Config{UnfinishedBytes: bound, ReceiveTimeout: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	attacked := make(chan struct{})
	go func() {
		defer close(attacked)
		_ = hostile.Many(ctx, g.address, 60, hostile.Attacks()["bodies of a byte a second"])
	}()
	for g.Detained() == 0 && ctx.Err() == nil { // 2,048 requests are within the bound, and each connection has 50
		time.Sleep(time.Millisecond)
	}
	if held := g.Unfinished(); held > 2*bound || ctx.Err() != nil {
		t.Errorf("%d bytes are held, %v", held, ctx.Err())
	}
	if err := g.ask(t); err != nil {
		t.Errorf("an honest call beside them: %v", err)
	}
	cancel()
	<-attacked
}

// TestASmallBoundLeavesRoomForRequests: however small it is, a connection may have its
// heads sent before its bodies.
func TestASmallBoundLeavesRoomForRequests(t *testing.T) {
	var b bytes.Buffer
	framer := http2.NewFramer(&b, nil)
	b.WriteString(http2.ClientPreface)
	for i := range peers.MaxStreams {
		_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), EndHeaders: true})
	}
	for i := range peers.MaxStreams {
		_ = framer.WriteData(uint32(2*i+1), true, []byte("asked"))
	}
	m, closeConn := peers.New(peers.Config{UnfinishedBytes: 1 << 20}).MeterForTest()
	defer closeConn()
	if err := m(b.Bytes()); err != nil {
		t.Error(err)
	}
}

func TestARequestMustArriveInTime(t *testing.T) {
	g := serve(t, peers.Config{ReceiveTimeout: 10 * time.Millisecond})
	conn, err := grpc.NewClient(g.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ClientStreams: true}, "/semroute.v1.RouterService/Route")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(&healthv1.HealthCheckResponse{}); status.Code(err) != codes.Canceled {
		t.Errorf("a request that never comes ends with %v", err)
	}
	if err := g.ask(t); err != nil {
		t.Errorf("an honest call: %v", err)
	}
	if n := g.Arriving(); n != 0 {
		t.Errorf("%d requests are awaited", n)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	const most = 5
	g := serve(t, peers.Config{Connections: most})
	var open []net.Conn
	for range most {
		conn, err := net.Dial("tcp", g.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil { // its settings: it is counted
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	beyond, err := net.Dial("tcp", g.address)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := beyond.Read(make([]byte, 1)); err == nil {
		t.Errorf("one more connection reads %d bytes", n)
	}
	for _, conn := range append(open, beyond) {
		_ = conn.Close()
	}
	if err := g.ask(t); err != nil { // which connects again until there is room
		t.Errorf("after they are gone: %v", err)
	}
}

// FuzzMeter: whatever a peer sends, in whatever pieces, what is held is never
// negative and all of it is let go of in the end.
func FuzzMeter(f *testing.F) {
	var b bytes.Buffer
	framer := http2.NewFramer(&b, nil)
	b.WriteString(http2.ClientPreface)
	_ = framer.WriteSettings()
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true})
	_ = framer.WriteData(1, false, make([]byte, 100))
	_ = framer.WriteData(1, true, make([]byte, 10))
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, EndHeaders: true})
	_ = framer.WriteData(3, false, make([]byte, 50))
	_ = framer.WriteRSTStream(3, http2.ErrCodeCancel)
	f.Add(b.Bytes(), uint8(7))
	f.Add(b.Bytes(), uint8(255))
	f.Add([]byte("PRI"), uint8(1))
	f.Fuzz(func(t *testing.T, sent []byte, piece uint8) {
		g := peers.New(peers.Config{UnfinishedBytes: 1 << 30})
		m, closeConn := g.MeterForTest()
		for size := int(piece) + 1; len(sent) > 0; {
			n := min(size, len(sent))
			if m(sent[:n]) != nil {
				break
			}
			if held := g.Unfinished(); held < 0 {
				t.Fatalf("%d bytes are held", held)
			}
			sent = sent[n:]
		}
		closeConn()
		if held := g.Unfinished(); held != 0 {
			t.Errorf("%d bytes are held after the end", held)
		}
	})
}

// TestPiecesMakeNoDifference: the same frames are metered the same however they
// arrive.
func TestPiecesMakeNoDifference(t *testing.T) {
	var b bytes.Buffer
	framer := http2.NewFramer(&b, nil)
	b.WriteString(http2.ClientPreface)
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: make([]byte, 33)})
	_ = framer.WriteData(1, false, make([]byte, 1000))
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, EndHeaders: true, EndStream: true})
	_ = framer.WriteData(3, false, make([]byte, 5)) // of a stream that has ended
	_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 5, EndHeaders: true})
	_ = framer.WriteData(5, true, make([]byte, 77))
	for size := 1; size <= b.Len(); size++ {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			g := peers.New(peers.Config{})
			m, closeConn := g.MeterForTest()
			defer closeConn()
			for rest := b.Bytes(); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				if err := m(rest[:min(size, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			if held := g.Unfinished(); held != 1000+16<<10 {
				t.Errorf("%d bytes are held, want the 1000 of the stream that has not ended and what it takes itself", held)
			}
		})
	}
}

// TestPingsEndNobody: clients measure the way by a ping for every answer that
// arrives, thousands a second.
func TestPingsEndNobody(t *testing.T) {
	var b bytes.Buffer
	framer := http2.NewFramer(&b, nil)
	b.WriteString(http2.ClientPreface)
	for range 100_000 {
		_ = framer.WritePing(false, [8]byte{})
		_ = framer.WriteWindowUpdate(0, 100)
	}
	g := peers.New(peers.Config{})
	m, closeConn := g.MeterForTest()
	defer closeConn()
	if err := m(b.Bytes()); err != nil {
		t.Error(err)
	}
}

// TestWhoAskedMayGiveUp: a caller may cancel every call that it has made, at any rate,
// and one that asks nothing may send few frames that bring nothing, however many whole
// requests came long before.
func TestWhoAskedMayGiveUp(t *testing.T) {
	for _, test := range []struct {
		name     string
		asked    int
		heads    int // of requests that never arrive
		idle     int
		cancels  bool // every call that was asked
		excesses bool
	}{
		{name: "every call is given up", asked: 100_000, cancels: true},
		{name: "heads alone", heads: 1_000, excesses: true},
		{name: "as many at once as there may be", heads: peers.MaxStreams},
		{name: "asks nothing, some frames", idle: 100},
		{name: "asks nothing, many frames", idle: 1_000, excesses: true},
		{name: "asked, then as many frames", asked: 1_000, idle: 1_000},
		{name: "asked much, then more frames than can be saved up", asked: 100_000, idle: 5_000, excesses: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b bytes.Buffer
			framer := http2.NewFramer(&b, nil)
			b.WriteString(http2.ClientPreface)
			for i := range test.asked {
				stream := uint32(2*i + 1)
				_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, EndHeaders: true})
				_ = framer.WriteData(stream, true, []byte("asked"))
				if test.cancels {
					_ = framer.WriteRSTStream(stream, http2.ErrCodeCancel)
				}
			}
			for i := range test.heads {
				_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), EndHeaders: true, EndStream: true})
			}
			for range test.idle {
				_ = framer.WriteSettings()
			}
			m, closeConn := peers.New(peers.Config{}).MeterForTest()
			defer closeConn()
			if err := m(b.Bytes()); errors.Is(err, peers.ErrExcess) != test.excesses {
				t.Errorf("the connection ends with %v", err)
			}
		})
	}
}
