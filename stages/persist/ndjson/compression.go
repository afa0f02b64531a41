package ndjson

import (
	"bytes"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how a file of rows is encoded.
type Compression string

// The encodings.
const (
	Plain Compression = ""
	Gzip  Compression = "gzip"
	Zstd  Compression = "zstd"
)

// name is what a person calls it.
func (c Compression) name() string {
	if c == Plain {
		return "plain rows"
	}
	return string(c)
}

// ending is what a file's name has for it.
func (c Compression) ending() string {
	switch c {
	case Gzip:
		return ".gz"
	case Zstd:
		return ".zst"
	}
	return ""
}

// compressionOf returns what the ending of a name says.
func compressionOf(path string) Compression {
	for _, c := range []Compression{Gzip, Zstd} {
		if strings.HasSuffix(path, c.ending()) {
			return c
		}
	}
	return Plain
}

var (
	gzipMagic = []byte{0x1F, 0x8B}
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
)

// sniff tells the compression of a file by its first bytes.
func sniff(head []byte) Compression {
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		return Gzip
	case bytes.HasPrefix(head, zstdMagic):
		return Zstd
	}
	return Plain
}

// tornHead says whether a file begins as one may whose first write a loss of power
// has torn: with a hole, or within the bytes that tell its encoding.
func tornHead(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0}) ||
		len(head) < len(gzipMagic) && bytes.HasPrefix(gzipMagic, head) || len(head) < len(zstdMagic) && bytes.HasPrefix(zstdMagic, head)
}

// encoder compresses a frame: what klauspost's writers have in common.
type encoder interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// zstdWindow is how far back a zstd frame looks; it bounds the memory of whoever
// reads it, too.
const zstdWindow = 1 << 20

// newEncoder returns an encoder that has to be Reset; nil for Plain. It starts no
// goroutine.
func newEncoder(c Compression) (encoder, error) {
	switch c {
	case Gzip:
		return gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	case Zstd:
		return zstd.NewWriter(io.Discard, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest),
			zstd.WithWindowSize(zstdWindow), zstd.WithEncoderCRC(true))
	}
	return nil, nil
}
