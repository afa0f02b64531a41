package schema

// objectRule is what a schema asks of objects. One walk over the members
// answers all of it.
type objectRule struct {
	keys       *keyTable    // the names that the schema knows, nil for none
	members    []memberRule // by the index that keys gives
	words      int          // of a bit set of the names that are noted
	required   []uint64     // which of them must be there
	byName     bool         // whether a plain key and keys say which schema is for a member
	patterns   []patternRule
	additional *rule // for members that no name and no pattern takes, or nil
	names      *rule // for the keys, or nil
	dependents []dependent
	least      int // members
	most       int // -1 for no limit
}

// memberRule is what a schema says about a name.
type memberRule struct {
	rule *rule // nil where the name is only required or depended on
	bit  int32 // to note that it is there, -1 for those that need no note
}

// patternRule is a schema for the members whose keys match.
type patternRule struct {
	key  *matcher
	rule *rule
}

// dependent is what holds if the name of a bit is there.
type dependent struct {
	bit      int32
	required []uint64
	rule     *rule // for the whole object, or nil
}

// fewWords is how many words of a bit set are on the stack.
const fewWords = 4

// object checks the object at a node.
func (r *run) object(c *objectRule, at uint32) bool {
	var few [fewWords]uint64
	seen, mark := few[:c.words&(fewWords-1)], 0
	if c.words >= fewWords {
		seen, mark = r.pushWords(c.words)
	}
	ok := r.eachMember(c, at, seen) && r.countFits(c, at) && r.dependentsFit(c, at, seen)
	if c.words >= fewWords {
		r.words = r.words[:mark]
	}
	return ok
}

func (r *run) pushWords(n int) (words []uint64, mark int) {
	s := r.room()
	mark = len(s.words)
	for range n {
		s.words = append(s.words, 0)
	}
	return s.words[mark:], mark
}

// eachMember checks the members one by one and notes which are there. This is
// where a check spends its time: what most schemas and keys need is done here
// without a call of member.
func (r *run) eachMember(c *objectRule, at uint32, seen []uint64) bool {
	for i, end := at+1, r.nodes[at].Next; i < end; {
		n := &r.nodes[i]
		ok := false
		if c.byName && !n.KeyEscaped() {
			sub := c.additional
			if name := c.keys.find(r.src, int(n.KeyStart), int(n.KeyEnd)); name >= 0 {
				m := &c.members[name]
				if m.bit >= 0 {
					seen[m.bit>>6] |= 1 << (m.bit & 63)
				}
				if m.rule != nil {
					sub = m.rule
				}
			}
			ok = sub == nil || sub.plain.has(kindOf(n)) || r.fits(sub, i)
		} else {
			ok = r.member(c, i, seen)
		}
		if !ok && !r.overridden(at, i) {
			return false
		}
		i = n.Next
	}
	for w, required := range c.required {
		if seen[w]&required != required {
			return false
		}
	}
	return true
}

// member checks one member.
func (r *run) member(c *objectRule, at uint32, seen []uint64) bool {
	n := &r.nodes[at]
	if n.KeyEscaped() {
		key, mark := r.pushKey(at)
		ok := r.named(c, at, key, 0, len(key), seen)
		r.pop(mark)
		return ok
	}
	return r.named(c, at, r.src, int(n.KeyStart), int(n.KeyEnd), seen)
}

// named checks a member whose unescaped key is text[start:end].
func (r *run) named(c *objectRule, at uint32, text []byte, start, end int, seen []uint64) bool {
	taken := false
	if c.keys != nil {
		if name := c.keys.find(text, start, end); name >= 0 {
			m := &c.members[name]
			if m.bit >= 0 {
				seen[m.bit>>6] |= 1 << (m.bit & 63)
			}
			if m.rule != nil {
				taken = true
				if !r.fits(m.rule, at) {
					return false
				}
			}
		}
	}
	for i := range c.patterns {
		if p := &c.patterns[i]; p.key.match(text[start:end]) {
			taken = true
			if !r.fits(p.rule, at) {
				return false
			}
		}
	}
	if !taken && c.additional != nil && !r.fits(c.additional, at) {
		return false
	}
	return c.names == nil || r.keyFits(c.names, at)
}

// keyFits checks a member's key as a value.
func (r *run) keyFits(c *rule, at uint32) bool {
	s := r.room()
	s.key[0] = r.nodes[at].KeyNode()
	nodes := r.nodes
	r.nodes = s.key[:]
	ok := r.fits(c, 0)
	r.nodes = nodes
	return ok
}

// countFits checks how many members there are, each key counted once.
func (r *run) countFits(c *objectRule, at uint32) bool {
	if c.least <= 1 && c.most < 0 {
		// Duplicates do not make an object empty.
		return c.least == 0 || r.nodes[at].Next > at+1
	}
	count := 0
	for i, end := at+1, r.nodes[at].Next; i < end; i = r.nodes[i].Next {
		count++
	}
	if count < c.least {
		return false
	}
	if count > 1 && c.least > 1 || c.most >= 0 && count > c.most {
		count -= r.markOverridden(at)
	}
	return count >= c.least && (c.most < 0 || count <= c.most)
}

// dependentsFit checks what holds because certain names are there.
func (r *run) dependentsFit(c *objectRule, at uint32, seen []uint64) bool {
	for i := range c.dependents {
		d := &c.dependents[i]
		if !has(seen, d.bit) {
			continue
		}
		for w, required := range d.required {
			if seen[w]&required != required {
				return false
			}
		}
		if d.rule != nil && !r.fits(d.rule, at) {
			return false
		}
	}
	return true
}

func has(set []uint64, bit int32) bool { return set[bit>>6]>>(bit&63)&1 != 0 }
