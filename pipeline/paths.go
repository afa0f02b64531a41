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
	origins []int32 // of each path, the first path with the same first key; -1 for the zero Path
	whole   []bool  // of a path that is the first with its key: whether one of them is that key alone
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
		whole:   make([]bool, len(paths)),
		buckets: make([]int32, 1<<size),
		shift:   uint8(32 - size),
	}
	for i, path := range paths {
		origin := p.origin(path, int32(i))
		p.origins[i] = origin
		p.nested = p.nested || origin != int32(i) || len(path.segs) > 1
		if len(path.segs) == 1 && origin >= 0 {
			p.whole[origin] = true
		}
	}
	return p
}

// Len returns the number of paths.
func (p *Paths) Len() int { return len(p.paths) }

// origin returns the first path with the first key of path, which is the i-th,
// and takes the key in when it is new.
func (p *Paths) origin(path Path, i int32) int32 {
	if path.Zero() {
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
