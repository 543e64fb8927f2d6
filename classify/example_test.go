package classify_test

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/classify"
)

func Example() {
	model, err := classify.Train(context.Background(), classify.Examples{
		Routes:  []string{"refunds", "weather"},
		Texts:   []string{"where is my refund", "i want my money back", "will it rain", "is it sunny today"},
		Labels:  []int32{0, 0, 1, 1},
		Vectors: [][]float32{{1, 0}, {.96, .28}, {0, 1}, {.28, .96}},
	}, classify.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	scratch := model.NewScratch() // one for each goroutine
	leaders, err := model.Score(scratch, "my refund please", []float32{.8, .6})
	if err != nil {
		fmt.Println(err)
		return
	}
	// The index would now be asked for the neighbours within these routes.
	fmt.Println(len(leaders), "routes to search")
	verdict := model.Confidence(scratch, []classify.Neighbour{
		{Route: 0, Similarity: .94}, {Route: 0, Similarity: .8}, {Route: 1, Similarity: .8}, {Route: 1, Similarity: .6},
	})
	fmt.Println("route", verdict.Route)
	// Output:
	// 2 routes to search
	// route 0
}
