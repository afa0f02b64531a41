package ingest

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"sluice/pipeline"
)

// taken is a line as the intake gets it.
type taken struct {
	Raw      string
	Position int64
	Line     int64
	Size     int64 // 0 for a line that is not too long
}

// recorder is an intake that remembers what it was given.
type recorder struct {
	start   pipeline.Progress
	lines   []taken
	points  []pipeline.Point // ends of chunks
	sizes   []int            // lengths of chunks
	maxCap  int
	onFlush func(ctx context.Context) error
	chunk   *pipeline.Chunk
	at      pipeline.Point
	gap     bool // a chunk did not begin where the one before ended
}

func (r *recorder) Begin(c *pipeline.Chunk) {
	r.gap = r.gap || r.chunk != nil || len(r.points) > 0 && c.Start != r.at
	r.chunk, r.at = c, c.End
	r.points = append(r.points, c.End)
	r.sizes = append(r.sizes, len(c.Bytes))
	r.maxCap = max(r.maxCap, cap(c.Bytes))
}

func (r *recorder) Add(raw []byte, position, line int64) {
	r.lines = append(r.lines, taken{string(raw), position, line, 0})
}

func (r *recorder) AddTooLong(raw []byte, position, line, size int64) {
	r.lines = append(r.lines, taken{string(raw), position, line, size})
}

// Flush gives the chunk back spoilt, so that nobody may look at it any more.
func (r *recorder) Flush(ctx context.Context) error {
	for i := range r.chunk.Bytes {
		r.chunk.Bytes[i] = '\n'
	}
	r.chunk.Release()
	r.chunk = nil
	if r.onFlush != nil {
		return r.onFlush(ctx)
	}
	return nil
}

func (r *recorder) raws() []string {
	var raws []string
	for _, l := range r.lines {
		raws = append(raws, l.Raw)
	}
	return raws
}

// open is the openFunc of a recorder.
func (r *recorder) open(start pipeline.Progress) (intake, error) {
	r.start = start
	return r, nil
}

// model says slowly what lines an input has.
func model(input []byte, maxBytes int) []taken {
	var lines []taken
	position := int64(0)
	parts := bytes.Split(input, []byte("\n"))
	for i, part := range parts {
		raw, at := part, position
		position += int64(len(part)) + 1
		if i < len(parts)-1 {
			raw = bytes.TrimSuffix(raw, []byte("\r"))
		}
		if i == 0 && bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")) {
			raw, at = raw[3:], 3
		}
		if len(bytes.Trim(raw, " \t\r")) == 0 {
			continue
		}
		l := taken{Raw: string(raw), Position: at, Line: int64(i + 1)}
		if len(raw) > maxBytes {
			l.Raw, l.Size = string(raw[:maxBytes]), int64(len(raw))
		}
		lines = append(lines, l)
	}
	return lines
}

// frameAll reads src to its end as a stream does, or as a file does.
func frameAll(t testing.TB, src io.Reader, maxBytes int, prompt bool) (*recorder, error) {
	t.Helper()
	rec := &recorder{}
	r := newReader(src, maxBytes, prompt, !prompt)
	done := make(chan struct{})
	go func() { r.run(); close(done) }()
	f := framer{name: "test", maxBytes: maxBytes, quota: newQuota(0), warn: func(string) {}}
	err := f.pump(t.Context(), r, func() (intake, error) { return rec, nil })
	<-done
	if rec.gap {
		t.Error("a chunk does not begin where the one before ended, or was begun before the one before was flushed")
	}
	return rec, err
}

// same fails the test unless got are the lines of the model.
func same(t testing.TB, got, want []taken) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d\n got %s\nwant %s", len(got), len(want), clip(got), clip(want))
	}
	for i := range got {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("line %d:\n got %s\nwant %s", i, clip(got[i:i+1]), clip(want[i:i+1]))
		}
	}
}

func clip(lines []taken) string {
	var b strings.Builder
	for _, l := range lines[:min(len(lines), 10)] {
		raw := l.Raw
		if len(raw) > 60 {
			raw = raw[:60] + "..."
		}
		b.WriteString(strings.TrimSpace(raw))
		b.WriteString(" ")
	}
	return b.String()
}

// raggedReader returns reads of random sizes, and its end sometimes together
// with the last bytes.
type raggedReader struct {
	data []byte
	rng  *rand.Rand
	max  int
}

func (r *raggedReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 1+r.rng.IntN(r.max))], r.data)
	r.data = r.data[n:]
	if len(r.data) == 0 && r.rng.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}
