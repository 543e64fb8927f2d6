// Command client asks a running server for one decision, by the generated
// client: go run ./examples/client "i was billed twice this month"
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "client:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("usage: client PROMPT [ADDRESS]")
	}
	address := "127.0.0.1:50051"
	if len(args) == 2 {
		address = args[1]
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return ask(ctx, address, args[0])
}

// ask prints the route, or why there is none.
func ask(ctx context.Context, address, text string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	resp, err := semroutev1.NewRouterServiceClient(conn).Route(ctx, &semroutev1.RouteRequest{
		Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}},
	})
	if err != nil {
		return err
	}
	d := resp.GetDecision()
	if d.GetAbstained() {
		fmt.Println("none:", d.GetExplanation(), "the fallback serves it:", d.GetModel())
		return nil
	}
	fmt.Printf("%s, confidence %.2f, model %s\n", d.GetRoute(), d.GetConfidence(), d.GetModel())
	return nil
}
