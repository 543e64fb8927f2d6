package mapapi

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/semroute/semroute/eval/projection"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// drawing is the map of one generation. All but placed is immutable.
type drawing struct {
	fingerprint, embedder string
	routes                []string
	points                []point
	picture               *projection.Map
	leftOut               int
	notes                 []*semroutev1.MapNote

	mu     sync.Mutex
	placed map[string]placed // the abstentions that were shown last, by decision
}

// placed is where a prompt lies, by method.
type placed [2]projection.Point

// point is an utterance that is drawn.
type point struct {
	route uint32
	marks uint8 // bits, by semroutev1.MapMark
	text  string
}

// seed makes drawings of the same catalog the same in all processes.
const seed = 1

// draw makes the map of what serves.
func draw(ctx context.Context, e Engine) (*drawing, error) {
	now, err := e.Inventory(ctx, true)
	if err != nil {
		return nil, err
	}
	d := &drawing{fingerprint: now.Fingerprint, embedder: now.Embedder.Fingerprint(), placed: map[string]placed{}}
	number, total := map[string]uint32{}, 0
	for i := range now.Catalog.Routes {
		number[now.Catalog.Routes[i].Name] = uint32(i)
		d.routes = append(d.routes, now.Catalog.Routes[i].Name)
		total += len(now.Catalog.Routes[i].Utterances)
	}
	drawn := sample(len(now.Entries), func(i int) (string, int) { return now.Entries[i].Route, len(now.Entries[i].Vector) })
	d.leftOut = max(0, total-len(drawn))
	vectors := make([][]float32, len(drawn))
	d.points = make([]point, 0, len(drawn))
	for k, i := range drawn {
		entry := &now.Entries[i]
		vectors[k] = entry.Vector
		d.points = append(d.points, point{route: number[entry.Route], text: shortened(entry.Utterance, maxText)})
	}
	if d.picture, err = projection.New(ctx, vectors, seed); err != nil {
		return nil, fmt.Errorf("drawing the utterances: %w", err)
	}
	if err := d.mark(ctx, &now, drawn); err != nil {
		return nil, fmt.Errorf("looking for problems of the utterances: %w", err)
	}
	return d, nil
}

const (
	maxPoints = 20_000
	// maxVectors bounds the vectors that are kept, in bytes; one component takes one.
	maxVectors = 10 << 20
)

// sample is which of n entries are drawn, in order: all, or of each route the same
// share at equal steps, and at least one. Entries are ordered by route; of gives the
// route and the dimension of one.
func sample(n int, of func(int) (route string, dim int)) []int {
	most := maxPoints
	if n > 0 {
		_, dim := of(0)
		most = min(most, maxVectors/max(1, dim))
	}
	drawn := make([]int, 0, min(n, most))
	for from := 0; from < n; {
		route, _ := of(from)
		to := from + 1
		for ; to < n; to++ {
			if next, _ := of(to); next != route {
				break
			}
		}
		share := to - from
		if n > most {
			share = max(1, share*most/n)
		}
		for k := range share {
			drawn = append(drawn, from+k*(to-from)/share)
		}
		from = to
	}
	return drawn[:min(len(drawn), most)]
}

// maxText and maxMessage bound texts, in bytes, so that the largest map is below the
// 4 MB that clients of gRPC take.
const (
	maxText    = 96
	maxMessage = 512
)

// shortened is how a text begins, in memory of its own.
func shortened(text string, most int) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) <= most {
		return strings.Clone(text)
	}
	const more = "…"
	cut := most - len(more)
	for cut > 0 && text[cut]&0xC0 == 0x80 { // within a character
		cut--
	}
	return text[:cut] + more
}
