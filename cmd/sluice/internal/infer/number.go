package infer

import (
	"math"

	"sluice/pipeline"
)

// numbers is what is known of the numbers at one place.
type numbers struct {
	whole    bool // all are spelled as integers: 1.0 says that 1.5 may come
	int64s   bool // all are, and have at most 64 bits
	float64s bool // all have a nearest float64 that is finite

	least, most        int64   // while int64s
	leastReal, highest float64 // while float64s
}

func newNumbers() *numbers {
	return &numbers{
		whole: true, int64s: true, float64s: true,
		least: math.MaxInt64, most: math.MinInt64, leastReal: math.Inf(1), highest: math.Inf(-1),
	}
}

func (n *numbers) observe(v pipeline.Value) {
	n.whole = n.whole && spelledWhole(v.JSON())
	i, ok := v.Int64()
	n.int64s = n.int64s && n.whole && ok
	n.least, n.most = min(n.least, i), max(n.most, i)
	if f, ok := v.Float64(); ok {
		n.leastReal, n.highest = min(n.leastReal, f), max(n.highest, f)
	} else {
		n.float64s = false
	}
}

// spelledWhole says whether a number has neither fraction nor exponent.
func spelledWhole(json []byte) bool {
	for _, c := range json {
		if c == '.' || c|0x20 == 'e' {
			return false
		}
	}
	return true
}

func (n *numbers) merge(b *numbers) {
	n.whole, n.int64s, n.float64s = n.whole && b.whole, n.int64s && b.int64s && n.whole && b.whole, n.float64s && b.float64s
	n.least, n.most = min(n.least, b.least), max(n.most, b.most)
	n.leastReal, n.highest = min(n.leastReal, b.leastReal), max(n.highest, b.highest)
}

// bounds returns whole numbers between which all lie, ok false when there are
// none. Those of reals are rounded away from them, because a float64 may be a
// little off.
func (n *numbers) bounds() (least, most any, ok bool) {
	if n.int64s {
		return n.least, n.most, true
	}
	const exact = 1 << 53
	lo := math.Floor(math.Nextafter(n.leastReal, math.Inf(-1)))
	hi := math.Ceil(math.Nextafter(n.highest, math.Inf(1)))
	if !n.float64s || lo < -exact || hi > exact {
		return nil, nil, false
	}
	return int64(lo), int64(hi), true
}
