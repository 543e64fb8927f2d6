package forward

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/semroute/semroute/routes"
)

// tokensPerPrice is how many tokens a price is for.
const tokensPerPrice = 1_000_000

// Cost is what a usage costs at a price, in nano-dollars, at the rates for a
// prompt of its length. The parts for input, input read from and written to a
// cache, and output are added up exactly and rounded once, half up; what does
// not fit is the largest int64. Negative counts are taken as 0, and tokens of a
// cache never count for more than the input. So it is never negative, and more
// input or output never costs less.
func Cost(p routes.Price, u Usage) int64 {
	input, output := max(u.InputTokens, 0), max(u.OutputTokens, 0)
	cached := min(max(u.CachedInputTokens, 0), input)
	written := min(max(u.CacheWriteTokens, 0), input-cached)
	rates := p.For(input)
	var sum uint128
	sum = sum.addProduct(input-cached-written, rates.InputPerMTok)
	sum = sum.addProduct(cached, rates.CachedInput())
	sum = sum.addProduct(written, rates.CacheWrite())
	sum = sum.addProduct(output, rates.OutputPerMTok)
	return sum.divideRounded(tokensPerPrice)
}

// uint128 is hi·2⁶⁴ + lo. The parts of the input are below 2⁶³ tokens together,
// so that with the output the products add up to less than 2¹²⁷.
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

// AddCapped adds two amounts that are not negative (one that is counts as 0);
// what does not fit is the largest int64.
func AddCapped(a, b int64) int64 {
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
