package claims

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// maxNumberLength bounds, in bytes, what ParseNumber looks at.
const maxNumberLength = 64

// ParseNumber reads a count or a size in bytes: a decimal number with an
// optional leading minus, commas between groups of three digits, and a unit in
// any case, after a blank if wished. k or kb is 1000, ki or kib 1024, and so on
// with m, g, t, p and e. "" is 0.
//
// The result is exact: "1.5k" is 1500, a fraction of a byte is cut off, and what
// does not fit an int64 is an error, as is a fraction without unit. Whether a
// negative number makes sense is for the caller to judge.
func ParseNumber(s string) (int64, error) {
	v, err := parseNumber(s)
	if err != nil {
		return 0, fmt.Errorf("number %q: %w", clip(s), err)
	}
	return v, nil
}

func parseNumber(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	if len(s) > maxNumberLength {
		return 0, errors.New("too long")
	}
	rest, negative := strings.CutPrefix(s, "-")
	end := len(rest) - len(strings.TrimLeft(rest, "0123456789.,"))
	number, unit := rest[:end], strings.TrimPrefix(rest[end:], " ")
	factor, err := unitFactor(unit)
	if err != nil {
		return 0, err
	}
	digits, err := plainDigits(number)
	if err != nil {
		return 0, err
	}
	if unit == "" && strings.Contains(digits, ".") {
		return 0, errors.New("a fraction needs a unit")
	}
	return scale(digits, factor, negative)
}

// plainDigits takes the commas out of number. Only groups of three count:
// "1,5" is more likely a decimal comma than fifteen.
func plainDigits(number string) (string, error) {
	whole, fraction, dotted := strings.Cut(number, ".")
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (g == "" || len(g) > 3) {
			return "", errors.New("commas do not part groups of three digits")
		}
	}
	whole = strings.Join(groups, "")
	if whole == "" || dotted && (fraction == "" || strings.ContainsAny(fraction, ".,")) {
		return "", errors.New("not a decimal number")
	}
	if dotted {
		return whole + "." + fraction, nil
	}
	return whole, nil
}

func unitFactor(unit string) (*big.Int, error) {
	name, _ := strings.CutSuffix(strings.ToLower(unit), "b")
	base := int64(1000)
	if letter, binary := strings.CutSuffix(name, "i"); binary {
		name, base = letter, 1024
	}
	power := int64(strings.Index("kmgtpe", name)) + 1
	switch {
	case unit == "":
		return big.NewInt(1), nil
	case len(name) != 1 || power == 0:
		return nil, fmt.Errorf("unknown unit %q", unit)
	}
	return new(big.Int).Exp(big.NewInt(base), big.NewInt(power), nil), nil
}

// scale multiplies a plain decimal number by factor without rounding on the
// way and cuts off what is left behind the point.
func scale(digits string, factor *big.Int, negative bool) (int64, error) {
	r, ok := new(big.Rat).SetString(digits)
	if !ok {
		return 0, errors.New("not a decimal number")
	}
	r.Mul(r, new(big.Rat).SetInt(factor))
	if negative {
		r.Neg(r)
	}
	v := new(big.Int).Quo(r.Num(), r.Denom())
	if !v.IsInt64() {
		return 0, errors.New("too large")
	}
	return v.Int64(), nil
}

// clip shortens what an error message quotes.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
