package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"sluice/pipeline"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxZstdWindow bounds the memory that a zstd input can ask for.
const maxZstdWindow = 64 << 20

// compressedBuffer is how much of a compressed input is read at a time.
const compressedBuffer = 64 << 10

// decoder gives the decompressed bytes of an input. It looks at the input no
// earlier than its first Read. When the input breaks off or is damaged, it
// gives what was whole and then an error that wraps
// pipeline.ErrSourceTruncated.
type decoder struct {
	raw    *faultReader
	count  *atomic.Int64 // bytes read of the input
	format format
	out    io.Reader // nil before the first Read
	size   int64     // decompressed bytes given
}

// newDecoder returns a decoder of r that counts what it reads of it in count.
func newDecoder(r io.Reader, count *atomic.Int64) *decoder {
	return &decoder{raw: &faultReader{r: counter{r, count}}, count: count}
}

// Read implements io.Reader.
func (d *decoder) Read(p []byte) (int, error) {
	if d.out == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	n, err := d.out.Read(p)
	d.size += int64(n)
	if err != nil && err != io.EOF {
		err = d.explain(err)
	}
	return n, err
}

func (d *decoder) open() error {
	f, head, err := sniffReader(d.raw)
	if err != nil {
		return err
	}
	d.format = f
	whole := io.MultiReader(bytes.NewReader(head), d.raw)
	switch f {
	case formatGzip:
		d.out = &gzipMembers{in: bufio.NewReaderSize(whole, compressedBuffer)}
	case formatZstd:
		d.out, err = zstd.NewReader(bufio.NewReaderSize(whole, compressedBuffer),
			zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxZstdWindow))
	default:
		d.out = whole
	}
	return err
}

// explain tells a failure to read the input from an input that is damaged.
func (d *decoder) explain(err error) error {
	switch {
	case d.raw.err != nil:
		return d.raw.err
	case d.format == formatPlain:
		return err
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("its zstd window is larger than the %d bytes sluice gives it: unpack it first, with zstd -dc --long=31", maxZstdWindow)
	}
	what, taken := "is damaged", "what was taken before may be damaged too, for the checksum comes last: get the input again and run again; a file that then differs in what was taken is read from its start"
	if errors.Is(err, io.ErrUnexpectedEOF) {
		what, taken = "breaks off", "the whole lines before that were taken: get the input again and run again"
	}
	return fmt.Errorf("%w: the %s data %s after %d bytes, %d bytes unpacked (%w); %s",
		pipeline.ErrSourceTruncated, d.format, what, d.count.Load(), d.size, err, taken)
}

// faultReader remembers the error that its input failed with.
type faultReader struct {
	r   io.Reader
	err error
}

func (f *faultReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// gzipMembers reads the members of a gzip file one after another. gzip.Reader
// does so too, but takes a file that breaks off in the name inside a member's
// header for one that has ended. Zero bytes behind the last member are padding.
type gzipMembers struct {
	in     *bufio.Reader
	member *gzip.Reader
	opened bool // there was a first member
	inside bool
}

// Read implements io.Reader.
func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		if !g.inside {
			if err := g.nextMember(); err != nil {
				return 0, err
			}
		}
		n, err := g.member.Read(p)
		if err == io.EOF {
			g.inside, err = false, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// nextMember opens the next member, io.EOF when there is none.
func (g *gzipMembers) nextMember() (err error) {
	if g.member == nil {
		g.member = new(gzip.Reader)
	}
	if g.opened {
		if err := g.skipPadding(); err != nil {
			return err
		}
	}
	g.opened = true
	if err := g.member.Reset(g.in); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	g.member.Multistream(false)
	g.inside = true
	return nil
}

func (g *gzipMembers) skipPadding() error {
	for {
		c, err := g.in.ReadByte()
		if err != nil {
			return err
		}
		if c != 0 {
			return g.in.UnreadByte()
		}
	}
}
