package infer

import (
	"hash/maphash"
	"strconv"

	"sluice/pipeline"
)

// unique remembers a hash of each value of a field, for as long as no value
// came twice. Two values with one hash only cost the field its chance.
type unique struct {
	hashes map[uint64]struct{}
}

// observeUnique takes in a value of a member that was unique so far.
func (in *Inference) observeUnique(m *member, v pipeline.Value) {
	hash, ok := in.hash(v)
	if ok {
		_, ok = m.unique.hashes[hash]
		ok = !ok
	}
	if ok && in.hashes >= maxHashes {
		in.unsure = append(in.unsure, m.key)
		ok = false
	}
	if !ok {
		m.unique.drop(in)
		m.unique = nil
		return
	}
	m.unique.hashes[hash] = struct{}{}
	in.hashes++
}

// hash is that of a text or an integer; nothing else can be a key.
func (in *Inference) hash(v pipeline.Value) (uint64, bool) {
	switch v.Kind() {
	case pipeline.KindString:
		text := v.Text(in.buf)
		return maphash.Bytes(in.seed, text), len(text) > 0
	case pipeline.KindNumber:
		n, ok := v.Int64()
		in.buf = strconv.AppendInt(in.buf[:0], n, 10)
		return maphash.Bytes(in.seed, in.buf), ok
	}
	return 0, false
}

// drop gives the memory back; u may be nil.
func (u *unique) drop(in *Inference) {
	if u != nil {
		in.hashes -= len(u.hashes)
		u.hashes = nil
	}
}
