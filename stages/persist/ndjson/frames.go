package ndjson

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Each checkpoint of a compressed file ends a gzip member or a zstd frame, so
// that every file is a row of them and is read by any program that knows the
// format. Each has a checksum of its rows.

// lastFrameEnd returns where the last whole frame ends of a file whose frames
// begin at from; from when there is none. What lies behind is torn.
func lastFrameEnd(f io.ReaderAt, c Compression, from, size int64) (int64, error) {
	for from < size {
		end, err := frameEnd(f, c, from, size)
		if errors.Is(err, errTorn) {
			return from, nil
		}
		if err != nil {
			return 0, err
		}
		from = end
	}
	return from, nil
}

// errTorn says that what begins at a place is not a whole frame.
var errTorn = errors.New("torn")

func frameEnd(f io.ReaderAt, c Compression, from, size int64) (int64, error) {
	src := &readFault{r: io.NewSectionReader(f, from, size-from)}
	var n int64
	var err error
	if c == Gzip {
		n, err = gzipMember(src)
	} else {
		n, err = zstdFrame(f, src, from)
	}
	switch {
	case src.err != nil:
		return 0, src.err
	case err != nil:
		return 0, fmt.Errorf("%w: %w", errTorn, err)
	}
	return from + n, nil
}

// readFault remembers the error that its input failed with, which is not that
// the input is torn.
type readFault struct {
	r   io.Reader
	n   int64 // bytes read
	err error
}

func (f *readFault) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.n += int64(n)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// gzipMember reads one member and returns its length.
func gzipMember(src *readFault) (int64, error) {
	in := bufio.NewReader(src)
	z, err := gzip.NewReader(in)
	if err != nil {
		return 0, err
	}
	z.Multistream(false)
	if _, err := io.Copy(io.Discard, z); err != nil {
		return 0, err
	}
	return src.n - int64(in.Buffered()), nil
}

// zstdFrame walks the blocks of one frame (RFC 8878, 3.1.1) for its length, and
// then decodes it, for its checksum.
func zstdFrame(f io.ReaderAt, src *readFault, from int64) (int64, error) {
	in := bufio.NewReader(src)
	n, err := zstdFrameLength(in)
	if err != nil {
		return 0, err
	}
	z, err := zstd.NewReader(io.NewSectionReader(f, from, n), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
	if err != nil {
		return 0, err
	}
	defer z.Close()
	_, err = io.Copy(io.Discard, z)
	return n, err
}

// maxZstdWindow bounds the memory that a frame of somebody else can ask for.
const maxZstdWindow = 64 << 20

const (
	zstdBlockHeader = 3
	zstdChecksum    = 4
	zstdBlockRLE    = 1
)

func zstdFrameLength(in *bufio.Reader) (int64, error) {
	head, err := in.Peek(zstd.HeaderMaxSize)
	if err != nil && err != io.EOF {
		return 0, err
	}
	var h zstd.Header
	if err := h.Decode(head); err != nil {
		return 0, err
	}
	length := int64(h.HeaderSize) + int64(h.SkippableSize)
	if err := discard(in, length); err != nil || h.Skippable {
		return length, err
	}
	for last := false; !last; {
		var b [zstdBlockHeader]byte
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return 0, err
		}
		block := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
		last = block&1 == 1
		size := int64(block >> 3)
		if block>>1&3 == zstdBlockRLE {
			size = 1
		}
		if err := discard(in, size); err != nil {
			return 0, err
		}
		length += zstdBlockHeader + size
	}
	if h.HasCheckSum {
		length += zstdChecksum
		return length, discard(in, zstdChecksum)
	}
	return length, nil
}

// discard skips n bytes, all of which must be there.
func discard(in *bufio.Reader, n int64) error {
	if skipped, err := io.CopyN(io.Discard, in, n); skipped < n {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	return nil
}
