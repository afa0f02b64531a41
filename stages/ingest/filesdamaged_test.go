package ingest

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"

	"github.com/klauspost/compress/gzip"
)

func TestFilesOfWhichOneBreaksOff(t *testing.T) {
	content := many(2000)
	for name, whole := range map[string]string{"gzip": string(gzipped(t, content)), "zstd": string(zstded(t, content))} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("a", whole[:len(whole)*2/3])
			w.write("b", "1\n")
			got, err := w.run("a", "b")
			if !errors.Is(err, pipeline.ErrSourceTruncated) || !strings.Contains(err.Error(), w.path("a")) {
				t.Errorf("error %v, want one that names the file", err)
			}
			first := got["a"]
			if n := len(first); n == 0 || n == 2000 {
				t.Errorf("%d lines of the file that breaks off", n)
			}
			w.compare(map[string][]taken{"b": got["b"]}, "b: 1")

			w.write("a", whole[:len(whole)/3]) // worse: it ends before the position
			got, err = w.run("a")
			if !errors.Is(err, pipeline.ErrSourceTruncated) || len(got["a"]) != 0 {
				t.Errorf("error %v, %d lines", err, len(got["a"]))
			}
			w.write("a", whole) // fetched again
			got, err = w.run("a")
			if err != nil {
				t.Fatal(err)
			}
			same(t, append(first, got["a"]...), model([]byte(content), 1000))
		})
	}
}

// A damaged file gives its damaged lines, for gzip tells only at the end. The
// file that replaces it must not pass for read.
func TestFileThatWasDamagedIsReadFromItsStartOnceReplaced(t *testing.T) {
	content := many(2000)
	lines := model([]byte(content), 1000)
	whole := storedGzip(t, content)
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 0x01 // far from the end and its last 1 KiB
	for name, replaced := range map[string]string{"compressed": string(whole), "unpacked": content} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("a", string(damaged))
			got, err := w.run("a")
			if !errors.Is(err, pipeline.ErrSourceTruncated) || !strings.Contains(err.Error(), "what was taken before may be damaged too") {
				t.Errorf("error %v, want one that warns of what was taken", err)
			}
			if len(got["a"]) != 2000 {
				t.Fatalf("%d lines of the damaged file", len(got["a"]))
			}
			if got, err = w.run("a"); !errors.Is(err, pipeline.ErrSourceTruncated) || len(got["a"]) != 0 {
				t.Errorf("the damaged file again: error %v, %d lines, want none", err, len(got["a"]))
			}

			w.write("a", replaced)
			got, err = w.run("a")
			if err != nil {
				t.Fatal(err)
			}
			same(t, got["a"], lines)
			if len(w.warnings) != 1 || !strings.Contains(w.warnings[0], "read from its start") {
				t.Errorf("warnings %q", w.warnings)
			}
			w.expect("a") // the two generations are as long
			w.write("b.gz", string(gzipped(t, content+"1\n")))
			w.expect("b.gz", "b.gz: 1")
		})
	}
}

// storedGzip compresses nothing, so that a bit that is flipped damages one byte.
func storedGzip(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
