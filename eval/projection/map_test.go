package projection_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/projection"
	"github.com/semroute/semroute/internal/vec"
)

const seed = 1

// blobs are unit vectors around as many directions as there are clusters.
func blobs(clusters, per, dim int, wide float64) (vectors [][]float32, cluster []int) {
	random := rand.New(rand.NewPCG(7, 7))
	for c := range clusters {
		centre := make([]float64, dim)
		for j := range centre {
			centre[j] = random.NormFloat64()
		}
		for range per {
			v := make([]float32, dim)
			for j := range v {
				v[j] = float32(centre[j] + wide*random.NormFloat64())
			}
			vec.Normalize(v)
			vectors, cluster = append(vectors, v), append(cluster, c)
		}
	}
	return vectors, cluster
}

func draw(t testing.TB, vectors [][]float32) *projection.Map {
	t.Helper()
	m, err := projection.New(t.Context(), vectors, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ranked are all other points by distance, the nearest first.
func ranked(n int, distance func(i, j int) float64) [][]int {
	all := make([][]int, n)
	for i := range all {
		for j := range n {
			if j != i {
				all[i] = append(all[i], j)
			}
		}
		sortBy(all[i], func(j int) float64 { return distance(i, j) })
	}
	return all
}

func sortBy(list []int, of func(int) float64) {
	keys := map[int]float64{}
	for _, x := range list {
		keys[x] = of(x)
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
}

// judged measures a picture: how many of the ten nearest stay among the ten nearest,
// and the trustworthiness of Venna and Kaski (2001).
func judged(vectors [][]float32, points []projection.Point) (kept, trust float64) {
	const k = 10
	n := len(vectors)
	high := ranked(n, func(i, j int) float64 { return -float64(vec.Dot(vectors[i], vectors[j])) })
	low := ranked(n, func(i, j int) float64 {
		return math.Hypot(float64(points[i].X-points[j].X), float64(points[i].Y-points[j].Y))
	})
	penalty := 0
	for i := range n {
		rank := make([]int, n)
		for r, j := range high[i] {
			rank[j] = r + 1
		}
		for _, j := range low[i][:k] {
			if rank[j] <= k {
				kept++
			} else {
				penalty += rank[j] - k
			}
		}
	}
	return kept / float64(n*k), 1 - 2/float64(n*k*(2*n-3*k-1))*float64(penalty)
}

func TestNeighboursStayTogetherBetterThanByPCA(t *testing.T) {
	vectors, _ := blobs(15, 30, 48, .5)
	m := draw(t, vectors)
	keptFlat, trustFlat := judged(vectors, m.Points(projection.PCA))
	kept, trust := judged(vectors, m.Points(projection.Neighbours))
	t.Logf("ten nearest kept: PCA %.2f, neighbours %.2f; trustworthiness: PCA %.3f, neighbours %.3f", keptFlat, kept, trustFlat, trust)
	if kept < 1.3*keptFlat || trust <= trustFlat || trust < .9 {
		t.Errorf("the picture by neighbours is hardly better than that by PCA")
	}
}

func TestClustersStayApart(t *testing.T) {
	vectors, cluster := blobs(8, 40, 48, .4)
	points := draw(t, vectors).Points(projection.Neighbours)
	strangers := 0
	for i, p := range points {
		best, nearest := math.Inf(1), 0
		for j, q := range points {
			if d := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y)); j != i && d < best {
				best, nearest = d, j
			}
		}
		if cluster[nearest] != cluster[i] {
			strangers++
		}
	}
	if strangers > 0 {
		t.Errorf("%d of %d points have their nearest in another cluster", strangers, len(points))
	}
}

func TestPCAFindsTheLongestDirections(t *testing.T) {
	var vectors [][]float32
	for i := range 100 {
		angle := float64(i) * 2 * math.Pi / 100
		v := make([]float32, 12)
		v[3], v[8], v[0] = float32(.8*math.Cos(angle)), float32(.5*math.Sin(angle)), float32(.01*math.Sin(7*angle))
		v[5] = float32(math.Sqrt(1 - float64(vec.Dot(v, v))))
		vectors = append(vectors, v)
	}
	points := draw(t, vectors).Points(projection.PCA)
	for i, p := range points {
		angle := float64(i) * 2 * math.Pi / 100
		if math.Abs(float64(p.X)-math.Cos(angle)) > .02 || math.Abs(float64(p.Y)-.5/.8*math.Sin(angle)) > .02 {
			t.Fatalf("point %d lies at %v", i, p)
		}
	}
}

func TestSameSeedSamePicture(t *testing.T) {
	vectors, _ := blobs(5, 30, 32, .5)
	a, b := draw(t, vectors), draw(t, vectors)
	for _, method := range []projection.Method{projection.PCA, projection.Neighbours} {
		if diff := gocmp.Diff(a.Points(method), b.Points(method)); diff != "" {
			t.Error(diff)
		}
	}
	other, err := projection.New(t.Context(), vectors, seed+1)
	if err != nil {
		t.Fatal(err)
	}
	if gocmp.Equal(a.Points(projection.Neighbours), other.Points(projection.Neighbours)) {
		t.Error("another seed gives the same picture")
	}
}

func TestEveryNumberOfPointsHasAPicture(t *testing.T) {
	random, _ := blobs(1, 40, 16, 2)
	same := make([][]float32, 30)
	for i := range same {
		same[i] = random[0]
	}
	one := [][]float32{{1}, {-1}, {1}, {1}}
	sets := map[string][][]float32{"all the same": same, "one dimension": one, "half the same": append(append([][]float32{}, same...), random...)}
	for _, n := range []int{0, 1, 2, 3, 4, 10, 11, 12, 17, 22, 40} {
		sets[strconv.Itoa(n)] = random[:n]
	}
	for name, vectors := range sets {
		m := draw(t, vectors)
		for _, method := range []projection.Method{projection.PCA, projection.Neighbours} {
			if len(m.Points(method)) != len(vectors) {
				t.Fatalf("%s: %d points of %d vectors", name, len(m.Points(method)), len(vectors))
			}
			for i, p := range m.Points(method) {
				if !(p.X >= -1.001 && p.X <= 1.001 && p.Y >= -1.001 && p.Y <= 1.001) {
					t.Fatalf("%s: point %d by method %d lies at %v", name, i, method, p)
				}
			}
		}
	}
}

func TestPlaceIsAmongTheNearest(t *testing.T) {
	vectors, cluster := blobs(6, 30, 32, .4)
	m := draw(t, vectors)
	for i := 0; i < len(vectors); i += 7 {
		nearest, err := m.Nearest(vectors[i], 5)
		if err != nil {
			t.Fatal(err)
		}
		if int(nearest[0].Place) != i || nearest[0].Similarity < .99 {
			t.Fatalf("nearest to vector %d is %+v", i, nearest[0])
		}
		for _, n := range nearest {
			if cluster[n.Place] != cluster[i] {
				t.Errorf("a neighbour of %d is of another cluster", i)
			}
		}
		for _, method := range []projection.Method{projection.PCA, projection.Neighbours} {
			got, want := m.Place(method, vectors[i], nearest), m.Points(method)[i]
			if math.Hypot(float64(got.X-want.X), float64(got.Y-want.Y)) > .02 {
				t.Errorf("vector %d lies at %v, but is placed at %v by method %d", i, want, got, method)
			}
		}
	}
}

func TestNearestAreTheNearest(t *testing.T) {
	vectors, _ := blobs(6, 200, 32, 1)
	m := draw(t, vectors)
	for i := 0; i < len(vectors); i += 97 {
		best, similarity := -1, float32(-2)
		for j := range vectors {
			if s := vec.Dot(vectors[i], vectors[j]); j != i && s > similarity {
				best, similarity = j, s
			}
		}
		if got := m.NearestOf(i)[0]; int(got) != best && similarity-vec.Dot(vectors[i], vectors[got]) > .01 {
			t.Errorf("nearest to %d is %d, not %d", i, best, got)
		}
	}
}

func TestBadVectorsAreRefused(t *testing.T) {
	good := []float32{1, 0}
	for name, vectors := range map[string][][]float32{
		"lengths": {good, {1}}, "nothing": {{}}, "not finite": {good, {float32(math.NaN()), 0}},
	} {
		if _, err := projection.New(t.Context(), vectors, seed); !errors.Is(err, projection.ErrVector) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := draw(t, [][]float32{good})
	for _, v := range [][]float32{{1}, {float32(math.Inf(1)), 0}} {
		if _, err := m.Nearest(v, 1); !errors.Is(err, projection.ErrVector) {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// ending is a context that ends when it was asked so many times whether it has.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestEndsWithItsContext(t *testing.T) {
	vectors, _ := blobs(10, 30, 64, .5)
	whole := &ending{t.Context(), 1 << 20}
	if _, err := projection.New(whole, vectors, seed); err != nil {
		t.Fatal(err)
	}
	asked := 1<<20 - whole.left
	if asked < 400 {
		t.Errorf("it asked only %d times whether to go on", asked)
	}
	for left := 0; left < asked; left += 9 {
		if _, err := projection.New(&ending{t.Context(), left}, vectors, seed); !errors.Is(err, context.Canceled) {
			t.Errorf("ended after %d questions: %v", left, err)
		}
	}
}

func BenchmarkNew10000(b *testing.B) {
	vectors, _ := blobs(100, 100, 384, .8)
	b.ReportAllocs()
	for b.Loop() {
		draw(b, vectors)
	}
}

func BenchmarkPlaceAmong10000(b *testing.B) {
	vectors, _ := blobs(100, 100, 384, .8)
	m := draw(b, vectors)
	for b.Loop() {
		nearest, err := m.Nearest(vectors[77], 8)
		if err != nil {
			b.Fatal(err)
		}
		m.Place(projection.Neighbours, vectors[77], nearest)
	}
}
