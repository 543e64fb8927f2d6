package memory

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// corpus makes vectors with the structure of a router's utterances, after what
// all-MiniLM-L6-v2 gives for the intent data CLINC150 (4,500 utterances of 150
// routes; percentiles 5, 50 and 95 of the cosine):
//
//	two utterances of a route     0.20  0.51  0.84
//	two of different routes      -0.05  0.07  0.26
//	an utterance and its nearest  0.52  0.82  0.97
//
// There is a direction common to all texts, domains around it, routes around a
// domain, ways of saying it in a route, and utterances around a way, some much
// closer to it than others. Some directions vary more than others, as
// embedders' do.
type corpus struct {
	r       *rand.Rand
	spread  []float32 // standard deviation of each component
	domains [][]float32
}

func newCorpus(seed uint64, dimension int) *corpus {
	c := &corpus{r: rand.New(rand.NewPCG(seed, 1)), spread: make([]float32, dimension)}
	for i := range c.spread {
		c.spread[i] = float32(1 / math.Sqrt(1+16*float64(i)/float64(dimension)))
	}
	vec.Normalize(c.spread)
	common := c.around(make([]float32, dimension), 1)
	for range 30 {
		c.domains = append(c.domains, c.around(common, 2.2))
	}
	return c
}

// around returns the unit vector of centre plus noise of about that length.
func (c *corpus) around(centre []float32, length float32) []float32 {
	v := make([]float32, len(centre))
	for i := range v {
		v[i] = centre[i] + length*c.spread[i]*float32(c.r.NormFloat64())
	}
	vec.Normalize(v)
	return v
}

// entries makes routes × utterances entries in key order, and queries that are
// further utterances of those routes.
func (c *corpus) entries(routes, utterances, queries int) (entries []index.Entry, asked [][]float32) {
	everyNth := max(1, routes*utterances/max(1, queries))
	for route := range routes {
		centre := c.around(c.domains[c.r.IntN(len(c.domains))], 1)
		ways := make([][]float32, max(2, utterances/8))
		for i := range ways {
			ways[i] = c.around(centre, 0.7)
		}
		utterance := func() []float32 {
			u := c.r.Float32()
			return c.around(ways[c.r.IntN(len(ways))], 0.15+1.35*u*u)
		}
		name := fmt.Sprintf("route-%06d", route)
		for i := range utterances {
			entries = append(entries, index.Entry{
				Key:    index.Key{Route: name, Utterance: fmt.Sprintf("utterance %06d of it", i)},
				Vector: utterance(),
			})
			if queries > 0 && len(entries)%everyNth == 0 {
				asked = append(asked, utterance())
			}
		}
	}
	return entries, asked
}

func TestCorpusIsLikeRealUtterances(t *testing.T) {
	entries, _ := newCorpus(1, 256).entries(150, 30, 0)
	var same, different, nearest []float32
	for i := 0; i < len(entries); i += 7 {
		top := float32(-1)
		for j := range entries {
			cosine := vec.Dot(entries[i].Vector, entries[j].Vector)
			switch {
			case i == j:
				continue
			case entries[i].Route == entries[j].Route:
				same = append(same, cosine)
			default:
				different = append(different, cosine)
			}
			top = max(top, cosine)
		}
		nearest = append(nearest, top)
	}
	for _, c := range []struct {
		name    string
		cosines []float32
		want    [3]float32
	}{
		{"of a route", same, [3]float32{0.20, 0.51, 0.84}},
		{"of different routes", different, [3]float32{-0.05, 0.07, 0.26}},
		{"nearest", nearest, [3]float32{0.52, 0.82, 0.97}},
	} {
		slices.Sort(c.cosines)
		for i, p := range []float64{0.05, 0.5, 0.95} {
			if got := c.cosines[int(p*float64(len(c.cosines)-1))]; math.Abs(float64(got-c.want[i])) > 0.15 {
				t.Errorf("%s, percentile %v: cosine %.2f, real ones %.2f", c.name, 100*p, got, c.want[i])
			} else {
				t.Logf("%s, percentile %v: cosine %.2f, real ones %.2f", c.name, 100*p, got, c.want[i])
			}
		}
	}
}
