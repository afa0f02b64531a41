package pipeline

import (
	"math/bits"
	"slices"
)

// Paths is a list of paths that are read together, by Record.GetAll. It does
// not change once made, and any number of goroutines may use it.
//
// A top-level key is found by a hash of its length, first and last byte: cheap,
// and with four buckets for each key nearly always the right one or none.
type Paths struct {
	paths   []Path
	origins []int32 // of each path, the first path with the same first key; -1 when it has none
	keys    []topKey
	buckets []int32 // by hash: a key, counted from 1; 0 for none
	shift   uint8   // of the hash, which leaves an index of buckets
	nested  bool    // whether a path is more than one top-level key of its own
}

// topKey is a key that paths begin with.
type topKey struct {
	key  string
	path int32 // the first of them
	next int32 // the next key in the same bucket, counted from 1
}

// NewPaths returns the list of the given paths.
func NewPaths(paths ...Path) *Paths {
	size := bits.Len(uint(4 * len(paths)))
	p := &Paths{
		paths:   slices.Clone(paths),
		origins: make([]int32, len(paths)),
		buckets: make([]int32, 1<<size),
		shift:   uint8(32 - size),
	}
	for i, path := range paths {
		p.origins[i] = p.origin(path, int32(i))
		p.nested = p.nested || p.origins[i] != int32(i) || len(path.segs) > 1
	}
	return p
}

// Len returns the number of paths.
func (p *Paths) Len() int { return len(p.paths) }

// origin returns the first path with the first key of path, which is the i-th,
// and takes the key in when it is new.
func (p *Paths) origin(path Path, i int32) int32 {
	if path.Zero() || path.segs[0].index >= 0 {
		return -1
	}
	key := path.segs[0].key
	if first := p.find(key); first >= 0 {
		return first
	}
	bucket := &p.buckets[hashKey(key)>>p.shift]
	p.keys = append(p.keys, topKey{key: key, path: i, next: *bucket})
	*bucket = int32(len(p.keys))
	return i
}

// find returns the first path that begins with the key, or -1.
func (p *Paths) find(key string) int32 {
	for k := p.buckets[hashKey(key)>>p.shift]; k > 0; k = p.keys[k-1].next {
		if p.keys[k-1].key == key {
			return p.keys[k-1].path
		}
	}
	return -1
}

// findMember is find for the key of a member.
func (p *Paths) findMember(src []byte, n *Node) int32 {
	key := src[n.KeyStart:n.KeyEnd]
	if n.flags&flagKeyEscaped != 0 {
		return p.findEscaped(key)
	}
	for k := p.buckets[hashKey(key)>>p.shift]; k > 0; {
		t := &p.keys[k-1]
		if t.key == string(key) {
			return t.path
		}
		k = t.next
	}
	return -1
}

func (p *Paths) findEscaped(key []byte) int32 {
	for i := range p.keys {
		if equalUnescaped(key, p.keys[i].key) {
			return p.keys[i].path
		}
	}
	return -1
}

// hashKey mixes length, first and last byte of a key into the high bits.
func hashKey[T []byte | string](key T) uint32 {
	if len(key) == 0 {
		return 0
	}
	const golden = 0x9e3779b1 // 2^32 by the golden ratio, as in Fibonacci hashing
	return (uint32(key[0]) | uint32(key[len(key)-1])<<8 | uint32(len(key))<<16) * golden
}

// GetAll is Get for each of the paths, in one pass over the record's members.
// It returns the values in the order of the paths, in dst's memory where that
// is enough.
func (r *Record) GetAll(dst []Value, paths *Paths) []Value {
	n := len(paths.paths)
	dst = slices.Grow(dst[:0], n)[:n]
	clear(dst)
	d := r.document()
	if len(d.nodes) == 0 {
		return dst
	}
	if d.nodes[0].Kind == KindObject {
		d.getMembers(dst, paths)
		r.keep(d)
	}
	if paths.nested {
		r.descend(dst, paths)
	}
	return dst
}

// getMembers puts the member that each path begins with where the first path
// with its key has its place. Of duplicates the last one stays. Members and
// edits stand in the same order, so that one pass does.
func (d *document) getMembers(dst []Value, paths *Paths) {
	e := d.first
	for at, end := uint32(1), d.nodes[0].Next; at < end; at = d.nodes[at].Next {
		n := &d.nodes[at]
		i := paths.findMember(d.src, n)
		if i < 0 {
			continue
		}
		if e >= 0 {
			e = d.editFrom(e, n.Start)
		}
		if e >= 0 && d.batch.edits[e].at < n.End {
			dst[i] = d.edited(e, at)
		} else {
			dst[i] = Value{src: d.src, nodes: d.nodes, at: at}
		}
	}
	for e = d.editFrom(e, d.nodes[0].End-1); e >= 0; e = d.batch.edits[e].next {
		if i := paths.find(d.batch.edits[e].seg.key); i >= 0 {
			dst[i] = d.value(e)
		}
	}
}

// editFrom returns the first edit from e on that takes effect at start or
// behind it.
func (d *document) editFrom(e int32, start uint32) int32 {
	for e >= 0 && d.batch.edits[e].at < start {
		e = d.batch.edits[e].next
	}
	return e
}

// edited is the value of a top-level member of which e is the first edit.
func (d *document) edited(e int32, node uint32) Value {
	switch ed := &d.batch.edits[e]; {
	case ed.node != node: // it is about something inside
		e = d.merge(place{node: node, edit: noEdit})
	case ed.kind == editRemove:
		return Value{}
	}
	return d.value(e)
}

// descend follows the paths from their top-level members on. The first path
// with a key comes after the others, which start from its place.
func (r *Record) descend(dst []Value, paths *Paths) {
	for i := len(dst) - 1; i >= 0; i-- {
		if origin := paths.origins[i]; origin < 0 {
			dst[i] = r.Get(paths.paths[i])
		} else {
			dst[i] = dst[origin].find(paths.paths[i].segs[1:])
		}
	}
}
