package schema

import "math/big"

// numberRule is what a schema asks of numbers.
type numberRule struct {
	least, most *bound
	multiple    *divisor
}

// bound is a limit of numbers.
type bound struct {
	short     short
	isShort   bool
	exact     decimal
	exclusive bool
}

// newBound makes a bound of a schema's number, which is a decimal one.
func newBound(r *big.Rat, exclusive bool) *bound {
	text := decimalText(r)
	b := &bound{exact: parseDecimal(text), exclusive: exclusive}
	b.short, b.isShort = parseShort(text)
	return b
}

// decimalText spells a number that was read from a JSON text.
func decimalText(r *big.Rat) []byte {
	digits, _ := r.FloatPrec()
	return []byte(r.FloatString(digits))
}

// compare compares the number that text spells with the bound.
func (b *bound) compare(text []byte) int {
	if b.isShort {
		if s, ok := parseShort(text); ok {
			return compareShort(s, b.short)
		}
	}
	return compareDecimal(parseDecimal(text), b.exact)
}

// fits says whether a number fits; its time is linear in the number's length.
func (c *numberRule) fits(text []byte) bool {
	if c.least != nil {
		if o := c.least.compare(text); o < 0 || o == 0 && c.least.exclusive {
			return false
		}
	}
	if c.most != nil {
		if o := c.most.compare(text); o > 0 || o == 0 && c.most.exclusive {
			return false
		}
	}
	return c.multiple == nil || c.multiple.divides(text)
}

// stricter returns the bound that lets through less; either may be nil. sign is
// 1 for lower bounds, -1 for upper ones.
func stricter(a, b *bound, sign int) *bound {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	c := sign * compareDecimal(a.exact, b.exact)
	if c > 0 || c == 0 && a.exclusive {
		return a
	}
	return b
}
