package routes

import (
	"errors"
	"strconv"
	"strings"
)

// NanoPerUSD is how many nano-dollars a dollar has.
const NanoPerUSD = 1_000_000_000

// maxDollars bounds an amount so that sums of many stay within int64.
const maxDollars = 1_000_000

var (
	errNegative = errors.New("must not be negative")
	errDecimal  = errors.New("must be a plain decimal number such as 0.15")
	errFine     = errors.New("must have at most 9 decimals")
	errDear     = errors.New("must be at most 1000000")
)

// parseDollars reads a decimal number of dollars exactly, without a float
// between, as nano-dollars.
func parseDollars(s string) (int64, error) {
	if strings.HasPrefix(s, "-") {
		return 0, errNegative
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" || !digits(whole) || !digits(fraction) || strings.HasSuffix(s, ".") {
		return 0, errDecimal
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 9 {
		return 0, errFine
	}
	dollars, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || dollars > maxDollars {
		return 0, errDear
	}
	nano, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return 0, errDecimal
	}
	if dollars == maxDollars && nano > 0 {
		return 0, errDear
	}
	return dollars*NanoPerUSD + nano, nil
}

// formatDollars is the shortest decimal number that parseDollars reads back.
func formatDollars(nano int64) string {
	whole := strconv.FormatInt(nano/NanoPerUSD, 10)
	rest := nano % NanoPerUSD
	if rest == 0 {
		return whole
	}
	return whole + "." + strings.TrimRight(strconv.FormatInt(rest+NanoPerUSD, 10)[1:], "0")
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
