// Command golang asks a semroute server by clients of the Go ecosystem as they come,
// and prints how many checks passed. SEMROUTE_HTTP is the server's address.
package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

const (
	asked = "where is my refund"
	said  = "You said: " + asked
	city  = "Oslo"
)

// check is one thing that a client does; its error says what came instead.
type check struct {
	name string
	do   func(ctx context.Context) error
}

func main() {
	base := os.Getenv("SEMROUTE_HTTP")
	passed, total := 0, 0
	for _, group := range [][]check{officialOpenAI(base), officialAnthropic(base), goOpenAI(base), langchain(base)} {
		for _, c := range group {
			total++
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			if err := c.do(ctx); err != nil {
				fmt.Println("FAIL", c.name+":", err)
			} else {
				fmt.Println("ok  ", c.name)
				passed++
			}
			cancel()
		}
	}
	fmt.Printf("%d/%d passed\n", passed, total)
	if passed < total || total == 0 {
		os.Exit(1)
	}
}

// same is an error where two values differ.
func same[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("%v, want %v", got, want)
	}
	return nil
}
