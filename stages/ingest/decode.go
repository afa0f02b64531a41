package ingest

import (
	"io"
	"sync/atomic"
)

// Decode returns a reader of the bytes that r gives, unpacked where they are
// gzip or zstd, which it tells by their magic bytes. It reads nothing of r
// before its first Read. An input that breaks off or is damaged gives what was
// whole, and then an error that wraps pipeline.ErrSourceTruncated.
func Decode(r io.Reader) io.Reader { return newDecoder(r, new(atomic.Int64)) }
