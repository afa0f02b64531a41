package schema

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

var spelled = []string{
	"0", "-0", "0.0", "-0e5", "1", "-1", "1.0", "10e-1", "0.1e1", "100e-2", "1.5", "-1.50", "15e-1", "9007199254740993", "9007199254740992",
	"9.007199254740993e15", "123456789012345678", "1234567890123456789", "12345678901234567890", "0.000000000000000001", "1e-18", "999999999999999999",
	"99999999999999999.9", "1e400", "10E+399", "1e-400", "-1e400", "4.35", "0.01", "0.005", "1e2", "100", "599", "600", "599.0000000000000000000001",
	"3", "9e2", "7e30", "1e-30", "123456789123456789123456789",
}

func rat(t testing.TB, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%s is no number", text)
	}
	return r
}

func TestNumbersCompareExactly(t *testing.T) {
	for _, a := range spelled {
		for _, b := range spelled {
			limit := rat(t, b)
			if got, want := newBound(limit, false).compare([]byte(a)), rat(t, a).Cmp(limit); got != want {
				t.Errorf("%s against %s is %d, want %d", a, b, got, want)
			}
		}
		if got, want := parseDecimal([]byte(a)).whole(), rat(t, a).IsInt(); got != want {
			t.Errorf("%s is whole: %t", a, got)
		}
	}
}

func TestEqualNumbersHaveOneCanonicalText(t *testing.T) {
	for _, a := range spelled {
		for _, b := range spelled {
			x, y := string(appendDecimal(nil, parseDecimal([]byte(a)))), string(appendDecimal(nil, parseDecimal([]byte(b))))
			if (x == y) != (rat(t, a).Cmp(rat(t, b)) == 0) {
				t.Errorf("%s is %s and %s is %s", a, x, b, y)
			}
		}
	}
}

func TestMultiplesAreExact(t *testing.T) {
	for _, by := range append([]string{"0.0001", "1e-20", "7", "2.5", "1000000007", "1e18", "1e19", "333333333333333333333", "3.33333333333333333333e3"}, spelled...) {
		d := rat(t, by)
		if d.Sign() <= 0 {
			continue
		}
		for _, a := range spelled {
			if got, want := newDivisor(d).divides([]byte(a)), new(big.Rat).Quo(rat(t, a), d).IsInt(); got != want {
				t.Errorf("%s is a multiple of %s: %t", a, by, got)
			}
		}
	}
}

// FuzzNumbers compares the arithmetic with math/big's.
func FuzzNumbers(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, seed, seed2 uint64) {
		random := rand.New(rand.NewPCG(seed, seed2))
		a, b := randomNumber(random), randomNumber(random)
		limit := rat(t, b)
		if got, want := newBound(limit, false).compare([]byte(a)), rat(t, a).Cmp(limit); got != want {
			t.Errorf("%s against %s is %d, want %d", a, b, got, want)
		}
		if limit.Sign() > 0 {
			if got, want := newDivisor(limit).divides([]byte(a)), new(big.Rat).Quo(rat(t, a), limit).IsInt(); got != want {
				t.Errorf("%s is a multiple of %s: %t", a, b, got)
			}
		}
	})
}

func randomNumber(random *rand.Rand) string {
	digits := func(n int) string {
		var sb strings.Builder
		for range n {
			sb.WriteByte("0001259"[random.IntN(7)])
		}
		return sb.String()
	}
	s := strings.TrimLeft(digits(random.IntN(24)), "0")
	if s == "" {
		s = "0"
	}
	if random.IntN(3) == 0 {
		s = "-" + s
	}
	if random.IntN(2) == 0 {
		s += "." + digits(1+random.IntN(24))
	}
	if random.IntN(3) == 0 {
		s += fmt.Sprintf("e%d", random.IntN(60)-30)
	}
	return s
}
