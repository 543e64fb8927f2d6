package forward

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/semroute/semroute/routes"
)

// tokensPerPrice is how many tokens a price is for.
const tokensPerPrice = 1_000_000

// Cost is what a usage costs at a price, in nano-dollars. The parts for input,
// cached input and output are added up exactly and rounded once, half up; what
// does not fit is the largest int64. Negative counts are taken as 0, and
// cached tokens never count for more than the input.
func Cost(p routes.Price, u Usage) int64 {
	input, cached, output := max(u.InputTokens, 0), max(u.CachedInputTokens, 0), max(u.OutputTokens, 0)
	cached = min(cached, input)
	cachedPrice := p.InputPerMTok
	if p.CachedInputPerMTok != nil {
		cachedPrice = *p.CachedInputPerMTok
	}
	var sum uint128
	sum = sum.addProduct(input-cached, p.InputPerMTok)
	sum = sum.addProduct(cached, cachedPrice)
	sum = sum.addProduct(output, p.OutputPerMTok)
	return sum.divideRounded(tokensPerPrice)
}

// uint128 is hi·2⁶⁴ + lo. Three products of two non-negative int64 are below
// 2¹²⁸, so adding them never overflows.
type uint128 struct{ hi, lo uint64 }

func (a uint128) addProduct(x, y int64) uint128 {
	hi, lo := bits.Mul64(uint64(max(x, 0)), uint64(max(y, 0)))
	return a.add(hi, lo)
}

func (a uint128) add(hi, lo uint64) uint128 {
	sum, carry := bits.Add64(a.lo, lo, 0)
	top, _ := bits.Add64(a.hi, hi, carry)
	return uint128{hi: top, lo: sum}
}

func (a uint128) divideRounded(by uint64) int64 {
	a = a.add(0, by/2)
	if a.hi >= by {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(a.hi, a.lo, by)
	if quotient > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(quotient)
}

// addCapped adds two amounts that are not negative (one that is counts as 0);
// what does not fit is the largest int64.
func addCapped(a, b int64) int64 {
	a, b = max(a, 0), max(b, 0)
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

// FormatUSD writes nano-dollars as dollars with all nine decimals that count.
func FormatUSD(nano int64) string {
	sign := ""
	magnitude := uint64(nano)
	if nano < 0 {
		sign, magnitude = "-", -magnitude
	}
	text := fmt.Sprintf("%s$%d.%09d", sign, magnitude/1e9, magnitude%1e9)
	for text[len(text)-1] == '0' && text[len(text)-3] != '.' {
		text = text[:len(text)-1]
	}
	return text
}

// cheaper orders models by what a call of equal size costs: output counts as
// much as input, a model without a price comes last.
func cheaper(a, b *routes.Price) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	x := uint128{}.add(0, uint64(max(a.InputPerMTok, 0))).add(0, uint64(max(a.OutputPerMTok, 0)))
	y := uint128{}.add(0, uint64(max(b.InputPerMTok, 0))).add(0, uint64(max(b.OutputPerMTok, 0)))
	switch {
	case x.hi != y.hi:
		return compare(x.hi, y.hi)
	default:
		return compare(x.lo, y.lo)
	}
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
