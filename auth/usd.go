package auth

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

const nanoPerUSD = 1_000_000_000

// FormatUSD is an amount of nano-dollars as ParseUSD reads it.
func FormatUSD(nano int64) string {
	const digits = 9
	text := new(big.Rat).SetFrac64(nano, nanoPerUSD).FloatString(digits)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// ParseUSD reads an amount of USD exactly, in nano-dollars.
func ParseUSD(text string) (int64, error) {
	const longest, largest = 40, 30 // an exponent makes a short text of a huge number
	digits, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	power, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if len(text) > longest || strings.ContainsAny(digits, "p/x_") || err != nil || power < -largest || power > largest {
		return 0, fmt.Errorf("%w: %.40q is no amount of USD", ErrClaims, text)
	}
	amount, ok := new(big.Rat).SetString(text)
	if !ok {
		return 0, fmt.Errorf("%w: %q is no amount of USD", ErrClaims, text)
	}
	amount.Mul(amount, new(big.Rat).SetInt64(nanoPerUSD))
	if !amount.IsInt() || !amount.Num().IsInt64() || amount.Sign() < 0 {
		return 0, fmt.Errorf("%w: %s USD must not be negative, beyond 9 billion, or less than a nano-dollar exact", ErrClaims, text)
	}
	return amount.Num().Int64(), nil
}
