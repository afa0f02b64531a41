package pipeline

// NewPlainBatch returns a batch over lines of a chunk, for code that carries
// batches without a pipeline; release gives its memory back.
func NewPlainBatch(lane Lane, lines [][]byte) (b *Batch, release func(*Batch)) {
	b = newBatch(lane)
	for i, line := range lines {
		b.add(line, int64(i), int64(i+1), int64(len(line)))
	}
	return b, (*Batch).release
}
