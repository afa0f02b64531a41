package ingest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
)

// void is an intake that only counts.
type void struct {
	records int
	chunk   *pipeline.Chunk
}

func (v *void) Begin(c *pipeline.Chunk)                { v.chunk = c }
func (v *void) Add([]byte, int64, int64)               { v.records++ }
func (v *void) AddTooLong([]byte, int64, int64, int64) { v.records++ }
func (v *void) Flush(context.Context) error            { v.chunk.Release(); return nil }
func (v *void) open(pipeline.Progress) (intake, error) { return v, nil }

// keptIntake is a void that gives no chunk back.
type keptIntake struct{ *void }

func (k *keptIntake) Flush(context.Context) error { return nil }

// events are records of about 300 bytes.
func events(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":"%08d","level":"info","host":"host-%d","msg":%q}`+"\n", i, i%100, strings.Repeat("event ", 20+i%40))
	}
	return b.Bytes()
}

func TestFramingAllocatesNothing(t *testing.T) {
	c := pipeline.NewChunk()
	c.Bytes = append(c.Bytes, events(700)...)
	v := &void{}
	in := &keptIntake{v}
	f := framer{maxBytes: 1 << 20, quota: newQuota(0), warn: func(string) {}}
	if n := testing.AllocsPerRun(100, func() { f.frame(in, piece{chunk: c}) }); n != 0 {
		t.Errorf("%v allocations a chunk, want none", n)
	}
	if v.records != 101*700 {
		t.Errorf("%d records", v.records)
	}
}

func TestReadingAllocatesNothingARecord(t *testing.T) {
	const records = 100_000
	data := events(records)
	n := testing.AllocsPerRun(5, func() {
		if err := NewStream(bytes.NewReader(data), "stdin", Config{}).run(context.Background(), (&void{}).open); err != nil {
			t.Error(err)
		}
	})
	if chunks := float64(len(data) / pipeline.ChunkSize); n > 100+2*chunks {
		t.Errorf("%v allocations for %d records in %v chunks", n, records, chunks)
	}
}

func BenchmarkFrame(b *testing.B) {
	c := pipeline.NewChunk()
	c.Bytes = append(c.Bytes, events(700)...)
	v := &void{}
	in := &keptIntake{v}
	f := framer{maxBytes: 1 << 20, quota: newQuota(0), warn: func(string) {}}
	b.SetBytes(int64(len(c.Bytes)))
	b.ReportAllocs()
	for b.Loop() {
		f.frame(in, piece{chunk: c})
	}
	perRecord(b, v.records)
}

func BenchmarkRead(b *testing.B) {
	data := events(200_000)
	dir := b.TempDir()
	for name, content := range map[string][]byte{
		"plain": data, "gzip": gzipped(b, string(data)), "zstd": zstded(b, string(data)),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for _, name := range []string{"plain", "gzip", "zstd"} {
		b.Run("file/"+name, func(b *testing.B) {
			v := &void{}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := OpenFiles([]string{filepath.Join(dir, name)}, nil, false, Config{})
				if err != nil {
					b.Fatal(err)
				}
				if err := f.run(b.Context(), v.open); err != nil {
					b.Fatal(err)
				}
			}
			perRecord(b, v.records)
		})
	}
	b.Run("pipe/plain", func(b *testing.B) {
		v := &void{}
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			r, w, err := os.Pipe()
			if err != nil {
				b.Fatal(err)
			}
			go func() {
				w.Write(data)
				w.Close()
			}()
			if err := NewStream(io.Reader(r), "stdin", Config{}).run(b.Context(), v.open); err != nil {
				b.Fatal(err)
			}
			r.Close()
		}
		perRecord(b, v.records)
	})
}

func perRecord(b *testing.B, records int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}
