package ingest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"sluice/pipeline"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxBodyWindow is the largest zstd window that a body may ask for: what RFC
// 9659 lets a content encoding use.
const maxBodyWindow = 8 << 20

// minBodyWindow is what a later zstd frame may use whatever the first one uses.
const minBodyWindow = 256 << 10

// What decoders take, in bytes; that of zstd comes on top of the window.
const (
	gzipCost = 64 << 10
	zstdCost = 512 << 10
)

// parseEncoding reads a Content-Encoding, whose names are not case-sensitive
// (RFC 9110, 8.4.1).
func parseEncoding(s string) (format, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "identity":
		return formatPlain, nil
	case "gzip", "x-gzip":
		return formatGzip, nil
	case "zstd":
		return formatZstd, nil
	}
	return "", fmt.Errorf("%w: the encoding is %q; expected one of gzip and zstd, or none", pipeline.ErrBadEncoding, s)
}

// bodyDecoder gives the decompressed bytes of a body.
type bodyDecoder struct {
	form format
	raw  bodyInput
	in   *bufio.Reader // of raw
	gzip *gzipMembers
	zstd *zstd.Decoder
	out  io.Reader
}

var (
	bodyInputs = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, smallBuffer) }}
	bodyGzips  = sync.Pool{New: func() any { return &gzipMembers{member: new(gzip.Reader)} }}
)

// reset makes the decoder read body from its start.
func (d *bodyDecoder) reset(form format, body io.Reader, idle time.Duration) {
	d.form, d.raw.r, d.raw.idle = form, body, idle
	d.raw.deadline, _ = body.(deadlined)
	d.in = bodyInputs.Get().(*bufio.Reader)
	d.in.Reset(&d.raw)
}

// cost waits for the first bytes of the body and says what decoding it takes, a
// window apart from the rest. It returns io.EOF when there are none.
func (d *bodyDecoder) cost() (rest, window int64, err error) {
	if _, err = d.in.Peek(1); err != nil {
		return 0, 0, err
	}
	switch d.form {
	case formatGzip:
		rest = gzipCost
	case formatZstd:
		window, err = d.window()
		rest = zstdCost
	}
	return rest, window, err
}

// window returns the window of the first zstd frame, at least minBodyWindow. It
// skips the skippable frames before it.
func (d *bodyDecoder) window() (int64, error) {
	for {
		head, err := d.in.Peek(zstd.HeaderMaxSize)
		if err != nil && err != io.EOF {
			return 0, err
		}
		var h zstd.Header
		err = h.Decode(head)
		switch {
		case err != nil:
			return minBodyWindow, nil // the decoder will say what is wrong
		case !h.Skippable && h.SingleSegment:
			return max(minBodyWindow, int64(min(h.FrameContentSize, maxBodyWindow))), nil
		case !h.Skippable:
			return max(minBodyWindow, int64(min(h.WindowSize, maxBodyWindow))), nil
		}
		if _, err := d.in.Discard(h.HeaderSize + int(h.SkippableSize)); err != nil {
			return minBodyWindow, nil
		}
	}
}

// open makes the decoder ready. No zstd frame may ask for more than window.
func (d *bodyDecoder) open(window int64) (err error) {
	switch d.form {
	case formatGzip:
		d.gzip = bodyGzips.Get().(*gzipMembers)
		d.gzip.in, d.gzip.inside, d.gzip.opened = d.in, false, false
		d.out = d.gzip
	case formatZstd:
		d.zstd, err = zstd.NewReader(d.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(window)))
		d.out = d.zstd
	default:
		d.out = d.in
	}
	return err
}

// Read implements io.Reader, for an open decoder.
func (d *bodyDecoder) Read(p []byte) (int, error) { return guardedRead(d.out, p) }

// close gives the buffers back.
func (d *bodyDecoder) close() {
	d.in.Reset(nil)
	bodyInputs.Put(d.in)
	if d.gzip != nil {
		d.gzip.in = nil
		bodyGzips.Put(d.gzip)
	}
	if d.zstd != nil {
		d.zstd.Close()
	}
	d.in, d.gzip, d.zstd, d.out = nil, nil, nil, nil
}

// explain says why reading failed with err: the body or what it is encoded in.
func (d *bodyDecoder) explain(err error) error {
	tooLarge, _ := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, pipeline.ErrBodyTooLarge):
		return err
	case tooLarge != nil:
		return fmt.Errorf("%w of %d bytes as they are sent: send it in parts", pipeline.ErrBodyTooLarge, tooLarge.Limit)
	case d.raw.err != nil || d.form == formatPlain:
		return fmt.Errorf("%w (%w)", pipeline.ErrBodyCutOff, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: the %s data breaks off", pipeline.ErrBodyCutOff, d.form)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("%w: a zstd frame asks for a window that is larger than the body's first one or than %d bytes (%w): send it as one frame, compressed without --long",
			pipeline.ErrBadEncoding, maxBodyWindow, err)
	}
	return fmt.Errorf("%w: the %s data is damaged, or it is not %s (%w)", pipeline.ErrBadEncoding, d.form, d.form, err)
}
