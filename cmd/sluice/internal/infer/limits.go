package infer

// The bounds of what an Inference remembers.
const (
	maxShapes   = 20_000  // places that are looked into
	maxMembers  = 500     // different keys of an object; with more it is a map
	maxKeyBytes = 256     // of a key; with a longer one the object is a map
	maxDistinct = 10      // different texts of a place, for an enum or lanes
	maxValue    = 64      // bytes of a text that an enum may have
	maxHashes   = 4 << 20 // of values, for fields that may be unique, all together
)
