// Command texts prints the texts that tokenizers are held to, one JSON string a
// line, for the program that asks the reference implementation.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/semroute/semroute/embed/transformer/tokentest"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	for _, text := range tokentest.Texts() {
		if err := out.Encode(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
