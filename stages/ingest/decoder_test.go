package ingest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"sluice/pipeline"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment = "events.ndjson", "of today"
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstded(t testing.TB, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// windowed is a zstd frame of one raw block that asks for a window of 1<<log
// bytes (RFC 8878, 3.1.1).
func windowed(content string, log byte) []byte {
	return join(zstdMagic, []byte{0, (log - 10) << 3, byte(len(content)<<3 | 1), 0, 0}, []byte(content))
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

var skippable = []byte{0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'}

func TestDecoderTellsFormatsApart(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		form  format
		want  string
	}{
		{"nothing", nil, formatPlain, ""},
		{"one byte", []byte("a"), formatPlain, "a"},
		{"two bytes", []byte("ab"), formatPlain, "ab"},
		{"three bytes", []byte("abc"), formatPlain, "abc"},
		{"the first byte of gzip alone", []byte("\x1F"), formatPlain, "\x1F"},
		{"the first bytes of zstd alone", []byte("\x28\xB5\x2F"), formatPlain, "\x28\xB5\x2F"},
		{"almost zstd", []byte("\x28\xB5\x2Fx"), formatPlain, "\x28\xB5\x2Fx"},
		{"an opening parenthesis", []byte("(a)\n"), formatPlain, "(a)\n"},
		{"a capital letter that could start a skippable frame", []byte("P*M\n"), formatPlain, "P*M\n"},
		{"plain", []byte("{}\n{}\n"), formatPlain, "{}\n{}\n"},
		{"gzip", gzipped(t, "{}\n"), formatGzip, "{}\n"},
		{"gzip of nothing", gzipped(t, ""), formatGzip, ""},
		{"gzip of several members", join(gzipped(t, "a\nb"), gzipped(t, ""), gzipped(t, "c\n")), formatGzip, "a\nbc\n"},
		{"gzip padded with zeros", join(gzipped(t, "a\n"), make([]byte, 600)), formatGzip, "a\n"},
		{"zstd", zstded(t, "{}\n"), formatZstd, "{}\n"},
		{"zstd of several frames", join(zstded(t, "a\nb"), zstded(t, "c\n")), formatZstd, "a\nbc\n"},
		{"zstd behind a skippable frame", join(skippable, zstded(t, "a\n")), formatZstd, "a\n"},
		{"zstd of a window as large as is taken", windowed("a\n", 26), formatZstd, "a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, src := range []io.Reader{
				bytes.NewReader(tt.input), iotest.OneByteReader(bytes.NewReader(tt.input)), iotest.DataErrReader(bytes.NewReader(tt.input)),
			} {
				var count atomic.Int64
				d := newDecoder(src, &count)
				got, err := io.ReadAll(d)
				if err != nil || string(got) != tt.want || d.format != tt.form {
					t.Errorf("%s %q, error %v; want %s %q", d.format, got, err, tt.form, tt.want)
				}
				if count.Load() != int64(len(tt.input)) {
					t.Errorf("counted %d bytes of %d", count.Load(), len(tt.input))
				}
			}
		})
	}
}

func TestDecoderWaitsForNoMoreThanItNeeds(t *testing.T) {
	tests := []struct {
		name  string
		input []byte
		want  string
	}{
		{"a short line", []byte("1\n"), "1"},
		{"a line end", []byte("\n1\n"), "1"},
		{"a line", []byte("{}\n"), "{}"},
		{"a flushed gzip", flushed(t, "{}\n"), "{}"},
		{"a whole gzip member", gzipped(t, "{}\n"), "{}"},
		{"a whole zstd frame", zstded(t, "{}\n"), "{}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				st := startStream(t, Config{})
				st.feed(string(tt.input))
				st.expect(t, tt.want)
				st.w.Close()
				<-st.ended
			})
		})
	}
}

// flushed is the start of a gzip stream, flushed and not closed.
func flushed(t testing.TB, content string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestStreamOfATruncatedInput cuts compressed inputs at every byte.
func TestStreamOfATruncatedInput(t *testing.T) {
	noise := rand.New(rand.NewPCG(5, 6))
	var first, second strings.Builder
	for range 30 {
		for range noise.IntN(20) {
			first.WriteByte(byte(' ' + 1 + noise.IntN(90)))
			second.WriteByte(byte(' ' + 1 + noise.IntN(90)))
		}
		first.WriteString(".\n")
		second.WriteString(".\n")
	}
	second.WriteString("torn")
	content := first.String() + second.String()
	all := model([]byte(content), 1000)
	inputs := map[string]struct{ first, second []byte }{
		"gzip": {gzipped(t, first.String()), gzipped(t, second.String())},
		"zstd": {zstded(t, first.String()), zstded(t, second.String())},
	}
	for name, in := range inputs {
		t.Run(name, func(t *testing.T) {
			whole := join(in.first, in.second)
			for cut := range len(whole) + 1 {
				rec := &recorder{}
				err := NewStream(bytes.NewReader(whole[:cut]), "stdin", Config{MaxRecordBytes: 1000}).run(t.Context(), rec.open)
				switch {
				case cut == len(whole):
					if err != nil {
						t.Fatal(err)
					}
					same(t, rec.lines, all)
				case cut == len(in.first): // a whole member is a whole input
					if err != nil {
						t.Fatal(err)
					}
					same(t, rec.lines, all[:30])
				case cut >= magicSize:
					if !errors.Is(err, pipeline.ErrSourceTruncated) {
						t.Fatalf("cut at %d: error %v, want %v", cut, err, pipeline.ErrSourceTruncated)
					}
					if cut > len(in.first) && len(rec.lines) < 30 {
						t.Fatalf("cut at %d: %d lines, want at least the 30 of the first member", cut, len(rec.lines))
					}
					if len(rec.lines) == len(all) {
						t.Fatalf("cut at %d: the torn last line was delivered", cut)
					}
					same(t, rec.lines, all[:len(rec.lines)])
				}
			}
		})
	}
}

func TestStreamOfADamagedInput(t *testing.T) {
	broken := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[(at+len(data))%len(data)] ^= 0x55
		return data
	}
	content := "first\nsecond\nthird"
	tests := []struct {
		name      string
		input     []byte
		lines     int
		truncated bool
		message   string
	}{
		{"a wrong CRC in gzip", broken(gzipped(t, content), -6), 2, true, "stdin: source_truncated: the gzip data is damaged"},
		{"a wrong size in gzip", broken(gzipped(t, content), -1), 2, true, "damaged"},
		{"a wrong checksum in zstd, whose last block is not trusted then", broken(zstded(t, content), -1), 0, true, "the zstd data is damaged"},
		{"rubbish behind a gzip member", join(gzipped(t, content), []byte("rubbish behind it")), 2, true, "damaged"},
		{"rubbish behind a zstd frame", join(zstded(t, content), []byte("rubbish behind it")), 2, true, "damaged"},
		{"a gzip that breaks off", gzipped(t, content)[:30], 0, true, "breaks off after 30 bytes"},
		{"a zstd window that is too large", windowed(content, 27), 0, false, "zstd -dc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := &recorder{}
			err := NewStream(bytes.NewReader(tt.input), "stdin", Config{}).run(t.Context(), rec.open)
			if errors.Is(err, pipeline.ErrSourceTruncated) != tt.truncated || err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Errorf("error %v, want one that says %q", err, tt.message)
			}
			if len(rec.lines) != tt.lines {
				t.Errorf("lines %q, want %d", rec.raws(), tt.lines)
			}
		})
	}
}

func TestDecoderTellsAFailingInputFromADamagedOne(t *testing.T) {
	fault := errors.New("input/output error")
	for _, data := range [][]byte{gzipped(t, "a\nb\n"), zstded(t, "a\nb\n"), []byte("plain text")} {
		for cut := range data {
			src := io.MultiReader(bytes.NewReader(data[:cut]), iotest.ErrReader(fault))
			err := NewStream(src, "stdin", Config{}).run(t.Context(), (&recorder{}).open)
			if !errors.Is(err, fault) || errors.Is(err, pipeline.ErrSourceTruncated) {
				t.Fatalf("cut at %d: error %v, want %v", cut, err, fault)
			}
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add(gzipped(f, "{}\n"))
	f.Add(zstded(f, "{}\n"))
	f.Add(join(skippable, gzipped(f, "a")))
	f.Fuzz(func(t *testing.T, input []byte) {
		var count atomic.Int64
		d := newDecoder(bytes.NewReader(input), &count)
		n, err := io.Copy(io.Discard, io.LimitReader(guarded{d}, 1<<24))
		if d.format == formatPlain && (err != nil || n != int64(len(input))) {
			t.Errorf("plain: %d bytes of %d, error %v", n, len(input), err)
		}
	})
}
