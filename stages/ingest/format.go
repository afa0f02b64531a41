package ingest

import (
	"bytes"
	"io"
)

// format is how an input is encoded.
type format string

const (
	formatPlain format = "plain"
	formatGzip  format = "gzip"
	formatZstd  format = "zstd"
)

// The magic bytes: RFC 1952 for gzip, RFC 8878 for zstd and its skippable
// frames, which start with any byte from 0x50 to 0x5F.
var (
	gzipMagic = []byte{0x1F, 0x8B}
	zstdMagic = []byte{0x28, 0xB5, 0x2F, 0xFD}
	zstdSkip  = []byte{0x2A, 0x4D, 0x18}
)

// magicSize is as many bytes as sniff ever needs.
const magicSize = 4

// sniff tells the format of an input that starts with head. It is decided
// unless more bytes could change the answer.
func sniff(head []byte) (f format, decided bool) {
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		return formatGzip, true
	case bytes.HasPrefix(head, zstdMagic):
		return formatZstd, true
	case len(head) > 0 && head[0]&0xF0 == 0x50 && bytes.HasPrefix(head[1:], zstdSkip):
		return formatZstd, true
	}
	open := bytes.HasPrefix(gzipMagic, head) || bytes.HasPrefix(zstdMagic, head) ||
		head[0]&0xF0 == 0x50 && bytes.HasPrefix(zstdSkip, head[1:])
	return formatPlain, !open
}

// sniffReader reads as little of r as tells its format, and returns that too.
func sniffReader(r io.Reader) (f format, head []byte, err error) {
	head = make([]byte, 0, magicSize)
	for decided := false; !decided; f, decided = sniff(head) {
		n, err := r.Read(head[len(head):magicSize])
		head = head[:len(head)+n]
		if err == io.EOF {
			f, _ = sniff(head)
			return f, head, nil
		}
		if err != nil {
			return formatPlain, head, err
		}
	}
	return f, head, nil
}
