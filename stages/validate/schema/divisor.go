package schema

import (
	"math/big"
	"math/bits"
)

// divisor is what numbers must be multiples of: digits times ten to the power
// of exponent, the digits without zeros at the end.
type divisor struct {
	digits   uint64
	long     *big.Int // the digits, where they are more than 18; else nil
	exponent int64
	integer  uint64 // the whole divisor where it is an integer of at most 18 digits, else 0
}

func newDivisor(r *big.Rat) *divisor {
	d := parseDecimal(decimalText(r))
	v := &divisor{exponent: d.exponent}
	count := 0
	long := new(big.Int)
	for _, c := range d.digits {
		if c != '.' {
			v.digits = v.digits*10 + uint64(c-'0')
			long.Add(long.Mul(long, big.NewInt(10)), big.NewInt(int64(c-'0')))
			count++
		}
	}
	if count > maxShort {
		v.long = long
	} else if d.exponent >= 0 && int64(count)+d.exponent <= maxShort {
		v.integer = v.digits * powersOfTen[d.exponent]
	}
	return v
}

// divides says whether the number that text spells is a multiple. Exact, in
// time linear in its length.
func (v *divisor) divides(text []byte) bool {
	if v.integer > 0 {
		if s, ok := parseShort(text); ok && s.scale == 0 {
			return s.m%v.integer == 0
		}
	}
	d := parseDecimal(text)
	if len(d.digits) == 0 {
		return true
	}
	// The number's digits do not end in 0, so that no power of ten divides them.
	power := d.exponent - v.exponent
	if power < 0 {
		return false
	}
	if v.long != nil {
		return v.dividesLong(d.digits, power)
	}
	hi, lo := bits.Mul64(remainder(d.digits, v.digits), powerMod(10, uint64(power), v.digits))
	return bits.Rem64(hi, lo, v.digits) == 0
}

// remainder returns digits mod m, a chunk of digits at a time.
func remainder(digits []byte, m uint64) uint64 {
	if m == 1 {
		return 0
	}
	rest := uint64(0)
	for len(digits) > 0 {
		chunk, n := uint64(0), min(len(digits), maxShort)
		count := 0
		for _, c := range digits[:n] {
			if c != '.' {
				chunk = chunk*10 + uint64(c-'0')
				count++
			}
		}
		digits = digits[n:]
		hi, lo := bits.Mul64(rest, powersOfTen[count])
		lo, carry := bits.Add64(lo, chunk, 0)
		rest = bits.Rem64(hi+carry, lo, m)
	}
	return rest
}

// dividesLong is the same for divisors of many digits.
func (v *divisor) dividesLong(digits []byte, power int64) bool {
	rest, chunk := new(big.Int), new(big.Int)
	for len(digits) > 0 {
		n, m, shift := 0, uint64(0), uint64(1)
		for ; n < len(digits) && n < maxShort; n++ {
			if c := digits[n]; c != '.' {
				m, shift = m*10+uint64(c-'0'), shift*10
			}
		}
		digits = digits[n:]
		rest.Mul(rest, chunk.SetUint64(shift))
		rest.Mod(rest.Add(rest, chunk.SetUint64(m)), v.long)
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(power), v.long)
	return rest.Mod(rest.Mul(rest, ten), v.long).Sign() == 0
}

// powerMod returns base^exponent mod m.
func powerMod(base, exponent, m uint64) uint64 {
	result := 1 % m
	base %= m
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 != 0 {
			hi, lo := bits.Mul64(result, base)
			result = bits.Rem64(hi, lo, m)
		}
		hi, lo := bits.Mul64(base, base)
		base = bits.Rem64(hi, lo, m)
	}
	return result
}
