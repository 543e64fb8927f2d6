package semroute_test

import (
	"context"
	"fmt"
	"log"

	"github.com/semroute/semroute"
)

func decide(ctx context.Context, texts ...string) error {
	engine, err := semroute.Open(ctx, "examples/support", semroute.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	for _, text := range texts {
		d, err := engine.Decide(ctx, semroute.Prompt{Text: text})
		switch {
		case err != nil:
			return err
		case d.Abstained:
			fmt.Println("none:", d.Reason)
		default:
			fmt.Println(d.Route)
		}
	}
	return nil
}

func Example() {
	if err := decide(context.Background(), "i was billed twice this month", "what is the capital of Peru"); err != nil {
		log.Fatal(err)
	}
	// Output:
	// billing
	// none: far from every utterance
}
