package routes_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/semroute/semroute/routes"
)

// inlineCatalog is a catalog of inline utterances.
func inlineCatalog(routeCount, perRoute int) []byte {
	var b bytes.Buffer
	b.WriteString("routes:\n")
	for r := range routeCount {
		fmt.Fprintf(&b, "  - name: route-%d\n    utterances:\n", r)
		for u := range perRoute {
			fmt.Fprintf(&b, "      - \"can you please help me with problem %d of kind %d today\"\n", u, r)
		}
	}
	return b.Bytes()
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []struct{ routes, utterances int }{{150, 100}, {10_000, 2}} {
		b.Run(fmt.Sprintf("%dx%d", size.routes, size.utterances), func(b *testing.B) {
			data := inlineCatalog(size.routes, size.utterances)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := routes.Parse("bench.yaml", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkFingerprint(b *testing.B) {
	c, err := routes.Parse("bench.yaml", inlineCatalog(150, 100))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.Fingerprint()
	}
}
