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

	"sluice/pipeline"
)

func TestFramer(t *testing.T) {
	const maxBytes = 10
	long := strings.Repeat("x", pipeline.ChunkSize)
	tests := []struct {
		name  string
		input string
		want  []taken
	}{
		{"an empty input has no line", "", nil},
		{"nothing but line ends has no line", "\n\r\n\n", nil},
		{"one line", "a\n", []taken{{"a", 0, 1, 0}}},
		{"a last line needs no line end", "a\nb", []taken{{"a", 0, 1, 0}, {"b", 2, 2, 0}}},
		{"one carriage return before the line end goes", "a\r\r\nb\r\n", []taken{{"a\r", 0, 1, 0}, {"b", 4, 2, 0}}},
		{"a carriage return inside a line stays", "a\rb\n", []taken{{"a\rb", 0, 1, 0}}},
		{"blank lines are skipped and counted", "a\n\n \t\r\nb\n", []taken{{"a", 0, 1, 0}, {"b", 7, 4, 0}}},
		{"a blank last line is skipped", "a\n \t", []taken{{"a", 0, 1, 0}}},
		{"white space around a line stays", " a \n", []taken{{" a ", 0, 1, 0}}},
		{"a byte order mark at the start goes", "\xEF\xBB\xBFa\nb\n", []taken{{"a", 3, 1, 0}, {"b", 5, 2, 0}}},
		{"a byte order mark alone is blank", "\xEF\xBB\xBF\na\n", []taken{{"a", 4, 2, 0}}},
		{"a byte order mark elsewhere stays", "a\n\xEF\xBB\xBFb\n", []taken{{"a", 0, 1, 0}, {"\xEF\xBB\xBFb", 2, 2, 0}}},
		{"half a byte order mark stays", "\xEF\xBB\n", []taken{{"\xEF\xBB", 0, 1, 0}}},
		{"NUL bytes pass", "a\x00b\n", []taken{{"a\x00b", 0, 1, 0}}},
		{"UTF-16 passes as it is", "\xFF\xFEa\x00\n\x00", []taken{{"\xFF\xFEa\x00", 0, 1, 0}, {"\x00", 5, 2, 0}}},
		{"a line of exactly the most", "0123456789\n", []taken{{"0123456789", 0, 1, 0}}},
		{"a line of exactly the most with CRLF", "0123456789\r\n", []taken{{"0123456789", 0, 1, 0}}},
		{"a line of exactly the most without line end", "0123456789", []taken{{"0123456789", 0, 1, 0}}},
		{"a line of exactly the most behind a byte order mark", "\xEF\xBB\xBF0123456789\r\n", []taken{{"0123456789", 3, 1, 0}}},
		{"one byte more is too long", "0123456789a\nb\n", []taken{{"0123456789", 0, 1, 11}, {"b", 12, 2, 0}}},
		{"one byte more with CRLF is too long", "0123456789a\r\nb\n", []taken{{"0123456789", 0, 1, 11}, {"b", 13, 2, 0}}},
		{"one byte more behind a byte order mark is too long", "\xEF\xBB\xBF0123456789a\n", []taken{{"0123456789", 3, 1, 11}}},
		{"a line longer than a chunk is cut", "a\n" + long + "\nb\n", []taken{
			{"a", 0, 1, 0}, {"xxxxxxxxxx", 2, 2, pipeline.ChunkSize}, {"b", 3 + pipeline.ChunkSize, 3, 0}}},
		{"a cut line ends with CRLF", long + "\r\nb\n", []taken{
			{"xxxxxxxxxx", 0, 1, pipeline.ChunkSize}, {"b", 2 + pipeline.ChunkSize, 2, 0}}},
		{"a cut line needs no line end", long + "xyz", []taken{{"xxxxxxxxxx", 0, 1, pipeline.ChunkSize + 3}}},
		{"a cut line keeps a last carriage return that ends no line", long + "\r", []taken{{"xxxxxxxxxx", 0, 1, pipeline.ChunkSize + 1}}},
		{"a cut line behind a byte order mark", "\xEF\xBB\xBF" + long + "\nb\n", []taken{
			{"xxxxxxxxxx", 3, 1, pipeline.ChunkSize}, {"b", 4 + pipeline.ChunkSize, 2, 0}}},
		{"two cut lines in a row", long + "\n" + long + "\n", []taken{
			{"xxxxxxxxxx", 0, 1, pipeline.ChunkSize}, {"xxxxxxxxxx", 1 + pipeline.ChunkSize, 2, pipeline.ChunkSize}}},
		{"a blank line is blank however long", strings.Repeat(" ", 3*pipeline.ChunkSize) + "\r\nb\n", []taken{
			{"b", 3*pipeline.ChunkSize + 2, 2, 0}}},
		{"a line that is blank only at first is too long", strings.Repeat(" ", 3*pipeline.ChunkSize) + "b\n", []taken{
			{strings.Repeat(" ", 10), 0, 1, 3*pipeline.ChunkSize + 1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			same(t, model([]byte(tt.input), maxBytes), tt.want) // the model itself
			for _, prompt := range []bool{true, false} {
				rec, err := frameAll(t, strings.NewReader(tt.input), maxBytes, prompt)
				if err != nil {
					t.Fatal(err)
				}
				same(t, rec.lines, tt.want)
				if n := len(rec.points); n > 0 {
					end := pipeline.Point{Position: int64(len(tt.input)), Line: int64(strings.Count(tt.input, "\n"))}
					end.Mark = rec.points[n-1].Mark
					if rec.points[n-1] != end {
						t.Errorf("the last chunk ends at %+v, want %+v", rec.points[n-1], end)
					}
				}
				if len(tt.input) > pipeline.ChunkSize {
					continue
				}
				rec, err = frameAll(t, iotest.OneByteReader(strings.NewReader(tt.input)), maxBytes, prompt)
				if err != nil {
					t.Fatal(err)
				}
				same(t, rec.lines, tt.want)
			}
		})
	}
}

func TestFramerTakesLinesAtEveryOffsetAcrossAChunk(t *testing.T) {
	const around = 8
	for offset := -around; offset <= around; offset++ {
		first := bytes.Repeat([]byte("a"), pipeline.ChunkSize+offset)
		input := append(first, "\r\nbcd\r\n\r\nef\n"...)
		for _, readers := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, iotest.HalfReader, iotest.DataErrReader,
		} {
			for _, maxBytes := range []int{5, pipeline.ChunkSize - 1, pipeline.ChunkSize, pipeline.ChunkSize + 1, 1 << 20} {
				rec, err := frameAll(t, readers(bytes.NewReader(input)), maxBytes, false)
				if err != nil {
					t.Fatal(err)
				}
				same(t, rec.lines, model(input, maxBytes))
			}
		}
	}
}

func TestReaderFillsChunksOfAFile(t *testing.T) {
	input := bytes.Repeat([]byte(strings.Repeat("x", 99)+"\n"), 10*pipeline.ChunkSize/100)
	rec, err := frameAll(t, iotest.HalfReader(bytes.NewReader(input)), 1000, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range rec.sizes[:len(rec.sizes)-1] {
		if n <= pipeline.ChunkSize-100 {
			t.Errorf("chunk %d holds %d bytes, want more than %d", i, n, pipeline.ChunkSize-100)
		}
	}
}

func TestReaderBoundsItsMemory(t *testing.T) {
	const maxBytes = 3 << 20
	tests := []struct {
		name  string
		input io.Reader
		want  int // the largest chunk
	}{
		{"short lines need no more than a chunk", strings.NewReader(strings.Repeat("abc\n", 1<<20)), pipeline.ChunkSize},
		{"a long line grows its chunk", strings.NewReader(strings.Repeat("x", 1<<20) + "\n"), 2 << 20},
		{"the longest line is the most", strings.NewReader(strings.Repeat("x", maxBytes) + "\n"), maxBytes + lineSlack + 1},
		{"a line without end is cut", io.LimitReader(endless{}, 256<<20), maxBytes + lineSlack + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec, err := frameAll(t, tt.input, maxBytes, false)
			if err != nil {
				t.Fatal(err)
			}
			if rec.maxCap > tt.want {
				t.Errorf("a chunk of %d bytes, want at most %d", rec.maxCap, tt.want)
			}
		})
	}
}

// endless is a line that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for n := 0; n < len(p); n += copy(p[n:], xs) {
	}
	return len(p), nil
}

var xs = bytes.Repeat([]byte("x"), 4096)

func TestReaderThatFails(t *testing.T) {
	fault := errors.New("disk on fire")
	long := strings.Repeat("x", 2*pipeline.ChunkSize)
	tests := []struct {
		name  string
		input string
		want  []string
	}{
		{"at once", "", nil},
		{"between two lines", "a\nb\n", []string{"a", "b"}},
		{"in mid-line: the torn line is not delivered", "a\nbcd", []string{"a"}},
		{"in the middle of a line that is cut", "a\n" + long, []string{"a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, prompt := range []bool{true, false} {
				src := io.MultiReader(strings.NewReader(tt.input), iotest.ErrReader(fault))
				rec, err := frameAll(t, src, 10, prompt)
				if !errors.Is(err, fault) {
					t.Errorf("error %v, want %v", err, fault)
				}
				if got := fmt.Sprint(rec.raws()); got != fmt.Sprint(tt.want) {
					t.Errorf("lines %s, want %s", got, tt.want)
				}
			}
		})
	}
}

func TestReaderOutlivesItsInput(t *testing.T) {
	_, err := frameAll(t, readFunc(func([]byte) (int, error) { panic("bad codec") }), 10, true)
	if err == nil || !strings.Contains(err.Error(), "bad codec") {
		t.Errorf("error %v, want the panic", err)
	}
	_, err = frameAll(t, readFunc(func([]byte) (int, error) { return 0, nil }), 10, true)
	if !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want %v", err, io.ErrNoProgress)
	}
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestMarksProveWhatStandsBefore(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var input []byte
	for len(input) < 6*pipeline.ChunkSize {
		n := rng.IntN(2000)
		if rng.IntN(100) == 0 {
			n += pipeline.ChunkSize
		}
		line := make([]byte, n, n+1)
		for i := range line {
			line[i] = 'a' + byte(rng.IntN(26))
		}
		input = append(input, append(line, '\n')...)
	}
	for _, reads := range []int{300, 50_000} { // smaller and larger than a trail
		rec, err := frameAll(t, &raggedReader{data: input, rng: rng, max: reads}, 1000, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range rec.points {
			if p.Mark != markOf(string(input[:p.Position])) {
				t.Fatalf("reads of up to %d: the mark at %d is not that of the bytes before it", reads, p.Position)
			}
		}
		if len(rec.points) < 6 {
			t.Fatalf("%d chunks, want some more", len(rec.points))
		}
	}
}

func TestTrailKeepsTheLastBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var tr trail
	var all []byte
	for range 200 {
		p := make([]byte, rng.IntN(3)*rng.IntN(trailSize))
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		tr.Write(p)
		all = append(all, p...)
		if want := all[max(0, len(all)-trailSize):]; !bytes.Equal(tr.bytes[:tr.len], want) {
			t.Fatalf("after %d bytes the trail is not the last of them", len(all))
		}
	}
}

func FuzzFramer(f *testing.F) {
	f.Add([]byte("a\nb\r\n\n \t\nc"), uint64(1), uint16(5), uint16(3))
	f.Add([]byte("\xEF\xBB\xBF{}\n"), uint64(2), uint16(1), uint16(10))
	f.Add(bytes.Repeat([]byte("long "), 1000), uint64(3), uint16(7), uint16(1000))
	f.Fuzz(func(t *testing.T, seed []byte, random uint64, maxBytes, reads uint16) {
		if maxBytes == 0 {
			t.Skip()
		}
		rng := rand.New(rand.NewPCG(random, 0))
		// Stretch some of it, so that chunks overflow.
		input, size := bytes.Clone(seed), int(reads)+1
		if len(seed) > 0 && rng.IntN(4) == 0 {
			at := rng.IntN(len(seed))
			input = append(append(input[:at:at], bytes.Repeat(seed[at:at+1], pipeline.ChunkSize-rng.IntN(2*len(seed)+10))...), seed[at:]...)
			size += 10_000
		}
		prompt := rng.IntN(2) == 0
		rec, err := frameAll(t, &raggedReader{data: input, rng: rng, max: size}, int(maxBytes), prompt)
		if err != nil {
			t.Fatal(err)
		}
		same(t, rec.lines, model(input, int(maxBytes)))
	})
}
