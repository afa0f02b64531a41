package schema

// memo keeps the verdicts of rules on containers, so that a schema that refers
// to itself in several ways does not find the verdict on a value again each
// time: without it the time would double with each level of the record.
type memo struct {
	slots []verdict // a power of two, at most half of them in use
	used  int
}

type verdict struct {
	key  uint64 // the rule and the node, plus one; 0 is a free slot
	fits bool
}

const fewVerdicts = 256

// end forgets all verdicts.
func (m *memo) end() {
	if len(m.slots) > fewVerdicts {
		m.slots = nil
	}
	if m.used > 0 {
		clear(m.slots)
	}
	m.used = 0
}

// find returns the slot of a key, free or its own.
func (m *memo) find(key uint64) *verdict {
	mask := uint64(len(m.slots) - 1)
	for h := key * sizeFactor >> 32; ; h++ {
		if v := &m.slots[h&mask]; v.key == key || v.key == 0 {
			return v
		}
	}
}

func (m *memo) grow() {
	old := m.slots
	m.slots = make([]verdict, max(2*len(old), fewVerdicts))
	for _, v := range old {
		if v.key != 0 {
			*m.find(v.key) = v
		}
	}
}

// remembered is check with the verdict kept.
func (r *run) remembered(c *rule, at uint32) bool {
	m := &r.room().memo
	key := memoKey(c, at)
	if m.used > 0 {
		if v := m.find(key); v.key == key {
			return v.fits
		}
	}
	fits := r.check(c, at, kindOf(&r.nodes[at]))
	if 2*(m.used+1) > len(m.slots) {
		m.grow()
	}
	m.used++
	*m.find(key) = verdict{key, fits}
	return fits
}

func memoKey(c *rule, at uint32) uint64 { return uint64(c.memo)<<32 + uint64(at) + 1 }
