package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/semroute/semroute/bench/client"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
)

// bareProxy is the least that any gRPC server in front of a model's server
// costs: it makes one HTTP call for a stream and hands the pieces on. It does
// not decide, checks nothing, has no deadlines, no failover and no record.
type bareProxy struct {
	semroutev1.UnimplementedRouterServiceServer
	client     semroutev1.RouterServiceClient
	conn       *grpc.ClientConn
	server     *grpc.Server
	stopped    chan error
	http       *http.Client
	url, model string
}

func newBareProxy(ctx context.Context, up *upstream, model string) (*bareProxy, error) {
	listener, err := client.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &bareProxy{server: grpc.NewServer(), stopped: make(chan error, 1), http: directClient(concurrentStreams), url: up.url, model: model}
	semroutev1.RegisterRouterServiceServer(p.server, p)
	go func() { p.stopped <- p.server.Serve(listener) }()
	if p.conn, err = client.Connect(listener.Addr().String()); err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.client = semroutev1.NewRouterServiceClient(p.conn)
	return p, nil
}

func (p *bareProxy) close() error {
	var problems []error
	if p.conn != nil {
		problems = append(problems, p.conn.Close())
	}
	p.server.Stop()
	p.http.CloseIdleConnections()
	return errors.Join(append(problems, <-p.stopped)...)
}

// StreamRoute implements the generated RouterServiceServer.
func (p *bareProxy) StreamRoute(req *semroutev1.StreamRouteRequest, stream grpc.ServerStreamingServer[semroutev1.StreamRouteResponse]) error {
	body := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":%q}]}`, p.model, req.GetPrompt().GetText())
	call, err := http.NewRequestWithContext(stream.Context(), http.MethodPost, p.url+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := p.http.Do(call)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		text, ok := content(lines.Bytes())
		if !ok {
			continue
		}
		piece := &semroutev1.Piece{Text: text}
		if err := stream.Send(&semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Piece{Piece: piece}}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// content cuts the text out of a chunk of the double's.
func content(line []byte) (string, bool) {
	_, rest, ok := bytes.Cut(line, []byte(`"content":"`))
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	if !ok || len(text) == 0 {
		return "", false
	}
	plain, err := strconv.Unquote(`"` + string(text) + `"`)
	return plain, err == nil
}
