package ndjson

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// frames returns a file of frames and where each of them ends.
func frames(t testing.TB, c Compression, texts ...string) (file []byte, ends []int64) {
	t.Helper()
	enc, err := newEncoder(c)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	ends = append(ends, 0)
	for _, text := range texts {
		enc.Reset(&out)
		_, err := enc.Write([]byte(text))
		if err := errors.Join(err, enc.Close()); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int64(out.Len()))
	}
	return out.Bytes(), ends
}

var frameTexts = []string{"{\"n\":1}\n", strings.Repeat("{\"n\":2}\n", 40_000), "", "{\"n\":3}\n"}

func TestATornFileEndsAtItsLastWholeFrame(t *testing.T) {
	for _, c := range []Compression{Gzip, Zstd} {
		file, ends := frames(t, c, frameTexts...)
		for size := int64(len(file)); size >= 0; size-- {
			want := ends[0]
			for _, e := range ends {
				if e <= size {
					want = e
				}
			}
			got, err := lastFrameEnd(bytes.NewReader(file[:size]), c, 0, size)
			if err != nil || got != want {
				t.Fatalf("%s of %d bytes: got %d, %v; expected %d", c, size, got, err, want)
			}
		}
	}
}

func TestADamagedFrameIsNotWhole(t *testing.T) {
	for _, c := range []Compression{Gzip, Zstd} {
		file, ends := frames(t, c, frameTexts...)
		file[ends[2]-1] ^= 1 // in the checksum or length of the second
		if got, err := lastFrameEnd(bytes.NewReader(file), c, 0, int64(len(file))); err != nil || got != ends[1] {
			t.Errorf("%s: got %d, %v; expected %d", c, got, err, ends[1])
		}
	}
}

func TestAFileThatCannotBeReadIsNotTakenForTorn(t *testing.T) {
	for _, c := range []Compression{Gzip, Zstd} {
		if _, err := lastFrameEnd(unreadable{}, c, 0, 100); !errors.Is(err, os.ErrPermission) {
			t.Errorf("%s: got %v", c, err)
		}
	}
}

type unreadable struct{}

func (unreadable) ReadAt([]byte, int64) (int, error) { return 0, os.ErrPermission }

func TestTheTailOfACompressedFileIsCutWhereItIsOurs(t *testing.T) {
	for _, c := range []Compression{Gzip, Zstd} {
		w := newBench(t)
		o := Options{Compress: c, Sync: SyncAlways}
		f := w.openAs(o)
		w.put(f, 1, 2)
		w.end(f)
		whole := w.read("out.ndjson")
		torn, _ := frames(t, c, frameTexts...)
		w.rowsAre(whole + string(torn[:len(torn)-1]))
		w.end(w.openAs(o))
		if got := w.read("out.ndjson"); !strings.HasPrefix(got, whole) || len(got) >= len(whole)+len(torn)-1 {
			t.Errorf("%s: %d bytes of %d are left", c, len(got), len(whole)+len(torn)-1)
		}
		if got := w.numbers("out.ndjson"); !slices.Equal(got[:3], []int64{1, 2, 1}) {
			t.Errorf("%s: rows %v", c, got[:3])
		}
		if err := os.Remove(w.path("out.ndjson" + ProgressSuffix)); err != nil {
			t.Fatal(err)
		}
		w.rowsAre(whole + string(torn[:len(torn)-1]))
		if _, err := OpenFile(w.rotated(o)); err == nil || !strings.Contains(err.Error(), "was not left by sluice") {
			t.Errorf("%s, somebody else's: %v", c, err)
		}
	}
}

// A file system that lost power may leave a hole in what was not synced.
func TestAHoleIsCutOutWithAllBehindIt(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.write(f, 1, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	line := "{\"n\":2}\n"
	long := strings.Repeat(line, 20_000)
	w.rowsAre("{\"n\":1}\n" + long + "{\"n\":\x00\x00\x00" + long)
	w.end(w.open())
	if got := w.read("out.ndjson"); got != "{\"n\":1}\n"+long {
		t.Errorf("%d bytes are left", len(got))
	}
}

func FuzzLastFrameEnd(f *testing.F) {
	for _, c := range []Compression{Gzip, Zstd} {
		file, _ := frames(f, c, "a\n", "b\n")
		f.Add(file, c == Zstd)
	}
	f.Fuzz(func(t *testing.T, file []byte, zstd bool) {
		c := Gzip
		if zstd {
			c = Zstd
		}
		size := int64(len(file))
		end, err := lastFrameEnd(bytes.NewReader(file), c, 0, size)
		if err != nil || end < 0 || end > size {
			t.Fatalf("got %d of %d, %v", end, size, err)
		}
		if _, err := unpack(file[:end]); sniff(file) == c && err != nil {
			t.Fatalf("the first %d of %d bytes are said to be whole: %v", end, size, err)
		}
	})
}
