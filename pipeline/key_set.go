package pipeline

// keySet is a Bloom filter of an object's keys, with one of 64 bits for each:
// most keys that are not there are known not to be without a look at the
// object, as when enrichment adds fields. The zero keySet is not made yet.
type keySet uint64

// anyKey is the set in which every key may be.
const anyKey = ^keySet(0)

// keyBit is the set of one key.
func keyBit[T []byte | string](key T) keySet { return 1 << (hashKey(key) >> 26) }

func (s keySet) mayHave(key keySet) bool { return s&key != 0 }

// keysOf makes the set of an object's keys. Time linear in their number.
func keysOf(src []byte, nodes []Node, object uint32) keySet {
	if nodes[object].Kind != KindObject {
		return anyKey
	}
	var keys keySet
	for i, end := object+1, nodes[object].Next; i < end; i = nodes[i].Next {
		n := &nodes[i]
		if n.flags&flagKeyEscaped != 0 {
			return anyKey
		}
		keys |= keyBit(src[n.KeyStart:n.KeyEnd])
	}
	return keys
}
