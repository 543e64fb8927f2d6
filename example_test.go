package semroute_test

import (
	"context"
	"fmt"
	"log"

	"github.com/semroute/semroute"
)

func Example() {
	ctx := context.Background()
	engine, err := semroute.Open(ctx, "examples/support", semroute.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = engine.Close() }()
	for _, text := range []string{"i was billed twice this month", "what is the capital of Peru"} {
		d, err := engine.Decide(ctx, semroute.Prompt{Text: text})
		switch {
		case err != nil:
			log.Fatal(err)
		case d.Abstained:
			fmt.Println("none:", d.Reason)
		default:
			fmt.Println(d.Route)
		}
	}
	// Output:
	// billing
	// none: far from every utterance
}
