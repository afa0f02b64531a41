package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"sluice/pipeline"

	"github.com/klauspost/compress/zstd"
)

// wantPrefix fails unless the first lines of the body, those before the one
// that err names, are in the sink, and nothing else.
func wantPrefix(t *testing.T, s *served, got pipeline.PostResult, err error) {
	t.Helper()
	cut, _ := errors.AsType[*BodyError](err)
	if cut == nil {
		t.Fatalf("error %v does not say from which line on", err)
	}
	if got.Accepted != cut.Line-1 || got.Persisted != got.Accepted {
		t.Fatalf("accepted %d, persisted %d with error %v", got.Accepted, got.Persisted, err)
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	for i, row := range s.sink.rows {
		if row != fmt.Sprintf(`{"n":%d}`, i) {
			t.Fatalf("row %d is %s", i, row)
		}
	}
	if len(s.sink.rows) != int(got.Accepted) || len(s.sink.dead) != 0 {
		t.Fatalf("%d rows and %d dead of %d accepted", len(s.sink.rows), len(s.sink.dead), got.Accepted)
	}
	s.sink.rows = nil
}

// TestPostOfABodyThatIsCutOff cuts bodies at every byte.
func TestPostOfABodyThatIsCutOff(t *testing.T) {
	text := numberedBody("n", 40)
	for _, tt := range []struct {
		encoding string
		body     []byte
		first    int // length of a first part that is whole by itself
	}{
		{"", []byte(text), -1},
		{"gzip", gzipped(t, text), -1},
		{"zstd", zstded(t, text), -1},
		{"gzip", join(gzipped(t, numberedBody("n", 20)), gzipped(t, text[len(numberedBody("n", 20)):])), len(gzipped(t, numberedBody("n", 20)))},
	} {
		t.Run(fmt.Sprintf("%s %d", tt.encoding, len(tt.body)), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
				for cut := range tt.body {
					var body io.Reader = bytes.NewReader(tt.body[:cut])
					if tt.encoding == "" || cut == 0 {
						body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF)) // as net/http says it
					}
					got, err := s.bodies.Post(t.Context(), body, pipeline.PostOptions{Encoding: tt.encoding, Timeout: time.Minute})
					if cut == tt.first {
						if err != nil || got.Persisted != 20 {
							t.Fatalf("cut behind a whole member: %d lines, error %v", got.Persisted, err)
						}
						s.sink.rows = nil
						continue
					}
					if !errors.Is(err, pipeline.ErrBodyCutOff) {
						t.Fatalf("cut at %d: error %v, want ErrBodyCutOff", cut, err)
					}
					wantPrefix(t, s, got, err)
				}
				s.end()
			})
		})
	}
}

func TestPostOfADamagedBody(t *testing.T) {
	text := numberedBody("n", 2000)
	for encoding, body := range map[string][]byte{"gzip": gzipped(t, text), "zstd": zstded(t, text)} {
		t.Run(encoding, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
				for _, at := range []int{0, len(body) - 1} {
					broken := bytes.Clone(body)
					broken[at] ^= 0x55
					got, err := s.bodies.Post(t.Context(), bytes.NewReader(broken), pipeline.PostOptions{Encoding: encoding, Timeout: time.Minute})
					if !errors.Is(err, pipeline.ErrBadEncoding) {
						t.Errorf("byte %d is wrong: error %v, want ErrBadEncoding", at, err)
					}
					wantPrefix(t, s, got, err)
				}
				s.end()
			})
		})
	}
}

func TestPostStopsAtTheLimitOfABody(t *testing.T) {
	text := numberedBody("n", 1000)
	tests := []struct {
		name  string
		limit int
		taken int64
		want  error
	}{
		{"one that is as long as the limit", len(text), 1000, nil},
		{"one byte more", len(text) - 1, 999, pipeline.ErrBodyTooLarge},
		{"much more", len(numberedBody("n", 300)) + 3, 300, pipeline.ErrBodyTooLarge},
	}
	for _, tt := range tests {
		for encoding, body := range map[string][]byte{"": []byte(text), "gzip": gzipped(t, text), "zstd": zstded(t, text)} {
			t.Run(tt.name+" "+encoding, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := serve(t, NewBodies(normalRule, BodyLimits{MaxBytes: int64(tt.limit)}), &bodySink{})
					got, err := s.bodies.Post(t.Context(), bytes.NewReader(body), pipeline.PostOptions{Encoding: encoding, Timeout: time.Minute})
					if !errors.Is(err, tt.want) || got.Persisted != tt.taken {
						t.Errorf("%d lines, error %v; want %d and %v", got.Persisted, err, tt.taken, tt.want)
					}
					if tt.want != nil {
						wantPrefix(t, s, got, err)
					}
					s.end()
				})
			})
		}
	}
}

// TestPostOfABomb unpacks a gigabyte of each kind and wants little memory.
func TestPostOfABomb(t *testing.T) {
	zeros := func(w io.WriteCloser) {
		for range 80 {
			w.Write(make([]byte, 1<<20))
		}
		w.Close()
	}
	var zip, std bytes.Buffer
	zeros(newGzip(&zip))
	w, err := zstd.NewWriter(&std)
	if err != nil {
		t.Fatal(err)
	}
	zeros(w)
	for encoding, body := range map[string][]byte{"gzip": zip.Bytes(), "zstd": std.Bytes()} {
		for _, maxBytes := range []int64{64 << 20, 100 << 20} {
			t.Run(fmt.Sprintf("%s up to %d", encoding, maxBytes), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := NewBodies(normalRule, BodyLimits{MaxBytes: maxBytes})
					m := watchMemory(b)
					s := serve(t, b, &bodySink{})
					got, err := b.Post(t.Context(), bytes.NewReader(body), pipeline.PostOptions{Encoding: encoding, Timeout: time.Minute})
					if tooLarge := maxBytes < 80<<20; tooLarge != errors.Is(err, pipeline.ErrBodyTooLarge) || !tooLarge && (err != nil || got.Dead != 1) {
						t.Errorf("%d dead, error %v", got.Dead, err)
					}
					if most := int64(2<<20 + pieceCost); m.peak.Load() > most {
						t.Errorf("took %d bytes, want at most %d", m.peak.Load(), most)
					}
					s.end()
				})
			})
		}
	}
}

// TestBodyReaderAgainstTheModel compares lines, positions and numbers.
func TestBodyReaderAgainstTheModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 300 {
		var text strings.Builder
		for range rng.IntN(200) {
			n := rng.IntN(40)
			if rng.IntN(30) == 0 {
				n = rng.IntN(3 * bodyBuffer)
			}
			text.WriteString(strings.Repeat(string(rune('a'+rng.IntN(26))), n))
			text.WriteString([]string{"\n", "\r\n", " \n", "\n\n"}[rng.IntN(4)])
		}
		if rng.IntN(2) == 0 {
			text.WriteString("the end")
		}
		checkBodyReader(t, []byte(text.String()), 1+rng.IntN(2*bodyBuffer), rng)
	}
}

func TestBodyReaderOfLongLines(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 20 {
		var text []byte
		for range 20 {
			text = append(text, bytes.Repeat([]byte("x"), rng.IntN(200_000))...)
			text = append(text, "\nshort\n"...)
		}
		checkBodyReader(t, text, 400_000, rng)
	}
}

func checkBodyReader(t testing.TB, input []byte, maxBytes int, rng *rand.Rand) {
	t.Helper()
	b := NewBodies(Config{MaxRecordBytes: maxBytes}, BodyLimits{})
	m := watchMemory(b)
	r := b.newReader(&raggedReader{data: input, rng: rng, max: 1 + rng.IntN(2*bodyBuffer)}, classByRule)
	rec := &recorder{}
	var given, copies [][]byte
	f := framer{maxBytes: maxBytes, quota: newQuota(0), warn: func(string) {}}
	for {
		p, err := r.next(t.Context(), t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c := p.chunk.Bytes; cap(c) == pipeline.ChunkSize && len(c) < cap(c) {
			t.Fatal("the pipeline would keep a chunk of that size for others, with the reader's tail in it")
		}
		f.frame(rec, p)
		if c := p.chunk; 4*len(c.Bytes) >= cap(c.Bytes) { // the pipeline's from now on
			given, copies = append(given, c.Bytes), append(copies, bytes.Clone(c.Bytes))
		}
		rec.chunk = nil
	}
	for i := range given {
		if !bytes.Equal(given[i], copies[i]) {
			t.Fatalf("piece %d changed after it was given away", i)
		}
	}
	end := pipeline.Point{Position: int64(len(input)), Line: int64(bytes.Count(input, newline))}
	if r.at != end || rec.gap {
		t.Fatalf("the body ends at %+v, want %+v; gap %v", r.at, end, rec.gap)
	}
	same(t, rec.lines, model(input, maxBytes))
	r.close()
	if b.long.inUse() != 0 || m.now.Load() != 0 {
		t.Fatalf("%d bytes are still taken for long lines, %d for buffers", b.long.inUse(), m.now.Load())
	}
	if most := int64(2*maxBytes + 2*bodyBuffer + 2*cutRoom); m.peak.Load() > most {
		t.Fatalf("took %d bytes, want at most %d", m.peak.Load(), most)
	}
}

func FuzzBodyReader(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n \t\nc"), uint64(1), uint16(5))
	f.Add(bytes.Repeat([]byte("long "), 10_000), uint64(3), uint16(7000))
	f.Fuzz(func(t *testing.T, input []byte, random uint64, maxBytes uint16) {
		checkBodyReader(t, input, 1+int(maxBytes), rand.New(rand.NewPCG(random, 0)))
	})
}
