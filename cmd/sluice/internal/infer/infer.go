package infer

import (
	"hash/maphash"

	"sluice/pipeline"
)

// Inference gathers what records have in common. For one goroutine.
type Inference struct {
	root      *shape
	records   int64
	maxShapes int

	nodes   []pipeline.Node // of the record in hand
	buf     []byte
	shapes  int  // made and not merged into others
	full    bool // there are too many shapes; from now on nothing new is looked into
	objects int64
	hashes  int
	seed    maphash.Seed
	unsure  []string // fields that may be unique, but had too many values to say
}

// New returns an Inference that knows nothing yet.
func New() *Inference {
	return &Inference{root: &shape{}, shapes: 1, maxShapes: maxShapes, seed: maphash.MakeSeed()}
}

// Records returns how many records were added.
func (in *Inference) Records() int64 { return in.records }

// Unsure returns the fields that were unique for so long that it was given up
// to look.
func (in *Inference) Unsure() []string { return in.unsure }

// Add takes a line in. The error says why it is no record, as the stage validate
// would; then nothing is learnt from it.
func (in *Inference) Add(line []byte) *pipeline.RecordError {
	nodes, err := pipeline.Scan(in.nodes[:0], line, pipeline.DefaultMaxDepth)
	in.nodes = nodes[:0]
	if err != nil {
		return err
	}
	root := pipeline.NewValue(line, nodes)
	if root.Kind() != pipeline.KindObject {
		return &pipeline.RecordError{Code: pipeline.CodeNotObject, Message: "the line is JSON, but no object: it is of type " + root.Kind().String()}
	}
	in.records++
	in.observe(in.root, root)
	if in.records == 1 {
		in.lookForKeys(root)
	}
	return nil
}

// lookForKeys begins to remember the values of the first record's members: what
// is not in it is not in all.
func (in *Inference) lookForKeys(root pipeline.Value) {
	for _, m := range in.root.object.order {
		m.unique = &unique{hashes: map[uint64]struct{}{}}
		in.observeUnique(m, root.Member(m.key))
	}
}
