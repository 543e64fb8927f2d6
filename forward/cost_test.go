package forward_test

import (
	"math"
	"math/big"
	"testing"
	checks "testing/quick"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

func TestCost(t *testing.T) {
	cached := int64(25_000_000)
	cases := []struct {
		name  string
		price routes.Price
		usage forward.Usage
		want  int64
	}{
		{"nothing", routes.Price{InputPerMTok: 1e9}, forward.Usage{}, 0},
		{"a dollar for a million", routes.Price{InputPerMTok: 1e9}, forward.Usage{InputTokens: 1_000_000}, 1e9},
		{"one token", routes.Price{InputPerMTok: 150_000_000}, forward.Usage{InputTokens: 1}, 150},
		{"rounded half up once", routes.Price{InputPerMTok: 250_000, OutputPerMTok: 250_000}, forward.Usage{InputTokens: 1, OutputTokens: 1}, 1},
		{"rounded down", routes.Price{InputPerMTok: 499_999}, forward.Usage{InputTokens: 1}, 0},
		{
			"cached input", routes.Price{InputPerMTok: 100_000_000, OutputPerMTok: 400_000_000, CachedInputPerMTok: &cached},
			forward.Usage{InputTokens: 1000, CachedInputTokens: 400, OutputTokens: 10}, 600*100 + 400*25 + 10*400,
		},
		{
			"cached input without a price of its own", routes.Price{InputPerMTok: 100_000_000},
			forward.Usage{InputTokens: 1000, CachedInputTokens: 400}, 100_000,
		},
		{"more cached than sent", routes.Price{InputPerMTok: 1_000_000, CachedInputPerMTok: new(int64)}, forward.Usage{InputTokens: 5, CachedInputTokens: 9}, 0},
		{"negative counts", routes.Price{InputPerMTok: 1e9, OutputPerMTok: 1e9}, forward.Usage{InputTokens: -5, OutputTokens: -1}, 0},
		{"too much", routes.Price{InputPerMTok: math.MaxInt64, OutputPerMTok: math.MaxInt64}, forward.Usage{InputTokens: math.MaxInt64, OutputTokens: math.MaxInt64}, math.MaxInt64},
	}
	for _, c := range cases {
		if got := forward.Cost(c.price, c.usage); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestCostIsExact compares with arithmetic of any size.
func TestCostIsExact(t *testing.T) {
	exact := func(input, cached, output, in, kept, out int64) bool {
		positive := func(n *int64) { *n &= math.MaxInt64 }
		for _, n := range []*int64{&input, &cached, &output, &in, &kept, &out} {
			positive(n)
		}
		cached %= input + 1 - input/math.MaxInt64
		sum := new(big.Int)
		add := func(a, b int64) { sum.Add(sum, new(big.Int).Mul(big.NewInt(a), big.NewInt(b))) }
		add(input-cached, in)
		add(cached, kept)
		add(output, out)
		sum.Add(sum, big.NewInt(500_000)).Quo(sum, big.NewInt(1_000_000))
		want := int64(math.MaxInt64)
		if sum.IsInt64() {
			want = sum.Int64()
		}
		return forward.Cost(
			routes.Price{InputPerMTok: in, CachedInputPerMTok: &kept, OutputPerMTok: out},
			forward.Usage{InputTokens: input, CachedInputTokens: cached, OutputTokens: output},
		) == want
	}
	if err := checks.Check(exact, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	small := func(input, output uint32, in, out uint32) bool {
		return exact(int64(input), 0, int64(output), int64(in), 0, int64(out))
	}
	if err := checks.Check(small, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestFormatUSD(t *testing.T) {
	for nano, text := range map[int64]string{
		0: "$0.00", 1: "$0.000000001", 1_500_000_000: "$1.50", -20: "-$0.00000002", math.MinInt64: "-$9223372036.854775808", 1e9: "$1.00",
	} {
		if got := forward.FormatUSD(nano); got != text {
			t.Errorf("%d: %s, want %s", nano, got, text)
		}
	}
}
