package forward_test

import (
	"math"
	"math/big"
	"testing"
	checks "testing/quick"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

func price(input, output int64) routes.Price {
	return routes.Price{Rates: routes.Rates{InputPerMTok: input, OutputPerMTok: output}}
}

func TestCost(t *testing.T) {
	cached, written, none := int64(25_000_000), int64(125_000_000), int64(0)
	withCache := price(100_000_000, 400_000_000)
	withCache.CachedInputPerMTok, withCache.CacheWritePerMTok = &cached, &written
	freeCache := price(1_000_000, 0)
	freeCache.CachedInputPerMTok = &none
	tiered := price(1_000_000, 2_000_000)
	tiered.Tiers = []routes.PriceTier{
		{AboveTokens: 100, Rates: routes.Rates{InputPerMTok: 3_000_000, OutputPerMTok: 5_000_000}},
		{AboveTokens: 200, Rates: routes.Rates{InputPerMTok: 4_000_000, OutputPerMTok: 6_000_000}},
	}
	cases := []struct {
		name  string
		price routes.Price
		usage forward.Usage
		want  int64
	}{
		{"nothing", price(1e9, 0), forward.Usage{}, 0},
		{"a dollar for a million", price(1e9, 0), forward.Usage{InputTokens: 1_000_000}, 1e9},
		{"one token", price(150_000_000, 0), forward.Usage{InputTokens: 1}, 150},
		{"rounded half up once", price(250_000, 250_000), forward.Usage{InputTokens: 1, OutputTokens: 1}, 1},
		{"rounded down", price(499_999, 0), forward.Usage{InputTokens: 1}, 0},
		{"read from a cache", withCache, forward.Usage{InputTokens: 1000, CachedInputTokens: 400, OutputTokens: 10}, 600*100 + 400*25 + 10*400},
		{
			"read from and written to a cache", withCache,
			forward.Usage{InputTokens: 1000, CachedInputTokens: 400, CacheWriteTokens: 500, OutputTokens: 10}, 100*100 + 400*25 + 500*125 + 10*400,
		},
		{
			"a cache without prices of its own", price(100_000_000, 0),
			forward.Usage{InputTokens: 1000, CachedInputTokens: 400, CacheWriteTokens: 100}, 100_000,
		},
		{"more cached than sent", freeCache, forward.Usage{InputTokens: 5, CachedInputTokens: 9, CacheWriteTokens: 9}, 0},
		{"up to a tier", tiered, forward.Usage{InputTokens: 100, OutputTokens: 10}, 100 + 20},
		{"above a tier, the whole call", tiered, forward.Usage{InputTokens: 101, OutputTokens: 10}, 303 + 50},
		{"cached tokens count for the tier", tiered, forward.Usage{InputTokens: 201, CachedInputTokens: 200, OutputTokens: 1}, 804 + 6},
		{"negative counts", price(1e9, 1e9), forward.Usage{InputTokens: -5, OutputTokens: -1, CachedInputTokens: -7, CacheWriteTokens: math.MinInt64}, 0},
		{"too much", price(math.MaxInt64, math.MaxInt64), forward.Usage{InputTokens: math.MaxInt64, OutputTokens: math.MaxInt64}, math.MaxInt64},
	}
	for _, c := range cases {
		if got := forward.Cost(c.price, c.usage); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestCostIsExact compares with arithmetic of any size.
func TestCostIsExact(t *testing.T) {
	exact := func(input, cached, written, output, in, read, write, out int64) bool {
		positive := func(n *int64) { *n &= math.MaxInt64 }
		for _, n := range []*int64{&input, &cached, &written, &output, &in, &read, &write, &out} {
			positive(n)
		}
		cached = min(cached, input)
		written = min(written, input-cached)
		sum := new(big.Int)
		add := func(a, b int64) { sum.Add(sum, new(big.Int).Mul(big.NewInt(a), big.NewInt(b))) }
		add(input-cached-written, in)
		add(cached, read)
		add(written, write)
		add(output, out)
		sum.Add(sum, big.NewInt(500_000)).Quo(sum, big.NewInt(1_000_000))
		want := int64(math.MaxInt64)
		if sum.IsInt64() {
			want = sum.Int64()
		}
		return forward.Cost(
			routes.Price{Rates: routes.Rates{InputPerMTok: in, CachedInputPerMTok: &read, CacheWritePerMTok: &write, OutputPerMTok: out}},
			forward.Usage{InputTokens: input, CachedInputTokens: cached, CacheWriteTokens: written, OutputTokens: output},
		) == want
	}
	if err := checks.Check(exact, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	small := func(input, cached, written, output, in, read, write, out uint32) bool {
		return exact(int64(input), int64(cached/2), int64(written/4), int64(output), int64(in), int64(read), int64(write), int64(out))
	}
	if err := checks.Check(small, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

// TestCostNeverFalls: whatever the counts, a cost is not negative, and more
// tokens of input or output never cost less, over all tiers.
func TestCostNeverFalls(t *testing.T) {
	type rates struct{ In, Read, Write, Out uint64 }
	holds := func(base rates, steps [3]rates, above [3]uint16, u forward.Usage, moreInput, moreOutput int64, scale uint8) bool {
		shift := scale % 64 // small and huge numbers alike
		part := func(n uint64) int64 { return int64(n >> 1 >> shift) }
		made := func(r rates) routes.Rates {
			read, write := part(r.Read), part(r.Write)
			return routes.Rates{InputPerMTok: part(r.In), CachedInputPerMTok: &read, CacheWritePerMTok: &write, OutputPerMTok: part(r.Out)}
		}
		p := routes.Price{Rates: made(base)}
		last, from := base, int64(0)
		for i, s := range steps { // each dearer than the one before, as the catalog demands
			last = rates{max(last.In, s.In), max(last.Read, s.Read), max(last.Write, s.Write), max(last.Out, s.Out)}
			from += int64(above[i])
			p.Tiers = append(p.Tiers, routes.PriceTier{AboveTokens: from, Rates: made(last)})
		}
		for _, n := range []*int64{&u.InputTokens, &u.CachedInputTokens, &u.CacheWriteTokens, &u.OutputTokens, &moreInput, &moreOutput} {
			*n >>= shift
		}
		more := u
		more.InputTokens, more.OutputTokens = max(u.InputTokens, moreInput), max(u.OutputTokens, moreOutput)
		least, most := forward.Cost(p, u), forward.Cost(p, more)
		return least >= 0 && most >= least
	}
	if err := checks.Check(holds, &checks.Config{MaxCount: 20_000}); err != nil {
		t.Error(err)
	}
}

func TestCallsAreChargedByThePriceOfTheirDay(t *testing.T) {
	day := func(month time.Month) time.Time { return time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC) }
	dated := func(from time.Time, input int64) routes.Price {
		p := price(input, 0)
		p.ValidFrom = from
		return p
	}
	prices := routes.Prices{dated(day(3), 3e9), dated(day(6), 6e9)}
	always := append(routes.Prices{dated(time.Time{}, 1e9)}, prices...)
	for _, c := range []struct {
		name   string
		prices routes.Prices
		at     time.Time
		want   int64 // -1 for no price
	}{
		{"none", nil, day(4), -1},
		{"before the first", prices, day(3).Add(-1), -1},
		{"from its first moment on", prices, day(3), 3e9},
		{"until the next", prices, day(6).Add(-1), 3e9},
		{"the newest", prices, day(12), 6e9},
		{"one without a day has always counted", always, time.Time{}, 1e9},
		{"in another zone", prices, day(6).In(time.FixedZone("west", -7*3600)), 6e9},
	} {
		got := int64(-1)
		if p := c.prices.At(c.at); p != nil {
			got = forward.Cost(*p, forward.Usage{InputTokens: 1_000_000})
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
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
