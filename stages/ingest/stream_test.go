package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

func TestStreamLosesNothingBetweenRuns(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			var input []byte
			for i := range 3000 {
				input = fmt.Appendf(input, "%d:%s\n", i, strings.Repeat("x", rng.IntN(1+rng.IntN(5000))))
			}
			r, w := io.Pipe()
			go func() { // a producer that pauses now and then
				defer w.Close()
				rng := rand.New(rand.NewPCG(seed, 1))
				for rest := input; len(rest) > 0; {
					n := min(len(rest), 1+rng.IntN(40_000))
					if _, err := w.Write(rest[:n]); err != nil {
						t.Error(err)
					}
					rest = rest[n:]
					<-time.After(time.Duration(rng.IntN(3)) * time.Millisecond)
				}
			}()
			rec := &recorder{}
			rec.onFlush = func(context.Context) error { // a pipeline that is slow now and then
				<-time.After(time.Duration(rng.IntN(4)) * time.Millisecond)
				return nil
			}
			s := NewStream(r, "pipe", Config{MaxRecordBytes: 4000})
			for range 100 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(4))*time.Millisecond)
				if err := s.run(ctx, rec.open); err != nil {
					t.Fatal(err)
				}
				cancel()
			}
			if err := s.run(t.Context(), rec.open); err != nil {
				t.Fatal(err)
			}
			same(t, rec.lines, model(input, 4000))
		})
	}
}

// streamed runs a stream on a pipe inside the bubble.
type streamed struct {
	*recorder
	w      *io.PipeWriter
	s      *Stream
	cancel context.CancelFunc
	ended  chan error
}

func startStream(t *testing.T, cfg Config) *streamed {
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	st := &streamed{recorder: &recorder{}, w: w, s: NewStream(r, "pipe", cfg), cancel: cancel, ended: make(chan error, 1)}
	go func() { st.ended <- st.s.run(ctx, st.open) }()
	return st
}

// feed writes in the background, as far as the stream takes it.
func (st *streamed) feed(text string) {
	go io.WriteString(st.w, text)
	synctest.Wait()
}

func (st *streamed) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	if got := fmt.Sprintf("%q", st.raws()); got != fmt.Sprintf("%q", want) {
		t.Errorf("lines %s, want %q", got, want)
	}
}

func TestStreamPassesALoneLineAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{})
		st.feed(`{"a":1}` + "\n")
		st.expect(t, `{"a":1}`)
		st.feed("b\nc")
		st.expect(t, `{"a":1}`, "b")
		st.feed("d\n")
		st.expect(t, `{"a":1}`, "b", "cd")
		st.w.Close()
		st.expect(t, `{"a":1}`, "b", "cd")
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
	})
}

func TestStreamPassesLinesThatCameWhileItWasHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{})
		room := make(chan struct{})
		st.onFlush = func(context.Context) error { <-room; return nil }
		st.feed("first\n")
		st.feed("second\nthird\nfou")
		st.expect(t, "first")
		room <- struct{}{} // the reader is inside a read that does not return
		st.expect(t, "first", "second", "third")
		room <- struct{}{}
		st.feed("rth\nfif")
		st.expect(t, "first", "second", "third", "fourth")
		st.feed("th\n")
		room <- struct{}{}
		st.expect(t, "first", "second", "third", "fourth", "fifth")
		close(room)
		st.w.Close()
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
		if last := st.points[len(st.points)-1]; last != (pipeline.Point{Position: 32, Line: 5}) {
			t.Errorf("the last chunk ends at %+v", last)
		}
	})
}

func TestStreamStopsReadingWhileItIsHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{})
		room := make(chan struct{})
		st.onFlush = func(context.Context) error { <-room; return nil }
		st.feed(strings.Repeat("0123456789abcde\n", 10*pipeline.ChunkSize/16))
		read, size := st.s.Progress()
		if read > 2*pipeline.ChunkSize || read < pipeline.ChunkSize || size != -1 {
			t.Errorf("read %d bytes of %d, want one chunk to two of an unknown size", read, size)
		}
		close(room)
		synctest.Wait()
		st.w.Close()
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
		if len(st.lines) != 10*pipeline.ChunkSize/16 {
			t.Errorf("%d lines", len(st.lines))
		}
	})
}

func TestStreamEndsItsRunDuringARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{})
		st.feed("a\nhalf")
		st.cancel()
		synctest.Wait()
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
		st.expect(t, "a")
		st.feed(" a line\nb\n") // nobody runs, and it is read
		if err := st.w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := st.s.run(t.Context(), st.open); err != nil {
			t.Error(err)
		}
		st.expect(t, "a", "half a line", "b")
		if err := st.s.run(t.Context(), st.open); err != nil {
			t.Errorf("a run after the end: %v", err)
		}
	})
}

func TestStreamFlushesWhatItFramedWhenItsRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{})
		room := make(chan struct{})
		st.onFlush = func(context.Context) error { <-room; return nil }
		st.feed("a\n")
		st.cancel()
		synctest.Wait()
		select {
		case <-st.ended:
			t.Error("the run ended before its lines were in")
		default:
		}
		close(room)
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
		st.w.Close()
	})
}

func TestStreamPassesOnWhatFlushFailsWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hard := errors.New("cancelled hard")
		st := startStream(t, Config{})
		st.onFlush = func(context.Context) error { return hard }
		st.feed("a\n")
		if err := <-st.ended; !errors.Is(err, hard) {
			t.Errorf("error %v, want %v", err, hard)
		}
		st.w.Close()
	})
}

func TestStreamStopsAtItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := startStream(t, Config{Limit: 2})
		st.feed("a\n\n")
		st.expect(t, "a")
		st.feed("b\n")
		st.expect(t, "a", "b")
		if err := <-st.ended; err != nil {
			t.Error(err)
		}
		st.feed("c\n") // ends the read, and with it the goroutine
		st.expect(t, "a", "b")
	})
}

func TestStreamCloseEndsItsGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		s := NewStream(r, "pipe", Config{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.run(ctx, (&recorder{}).open); err != nil {
			t.Error(err)
		}
		go io.Copy(w, io.LimitReader(endless{}, 3*pipeline.ChunkSize))
		synctest.Wait()
		s.Close()
		s.Close()
		r.Close() // the bubble fails if the goroutine stays
	})
}

func TestStreamWarnsOfWhatCannotBeRecords(t *testing.T) {
	tests := []struct{ name, input, want string }{
		{"UTF-16, little end first", "\xFF\xFE{\x00", "iconv"},
		{"UTF-16, big end first", "\xFE\xFF\x00{", "iconv"},
		{"xz", "\xFD7zXZ\x00\n", "xz -dc"},
		{"bzip2", "BZh9\n", "bzip2 -dc"},
		{"zip", "PK\x03\x04\n", "unzip -p"},
		{"lz4", "\x04\x22\x4D\x18\n", "lz4 -dc"},
		{"JSON needs no warning", "{}\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var warnings []string
			s := NewStream(strings.NewReader(tt.input+"\n"+tt.input), "stdin", Config{Warn: func(w string) { warnings = append(warnings, w) }})
			if err := s.run(t.Context(), (&recorder{}).open); err != nil {
				t.Fatal(err)
			}
			if tt.want == "" && len(warnings) == 0 {
				return
			}
			if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "stdin: ") || !strings.Contains(warnings[0], tt.want) {
				t.Errorf("warnings %q, want one that names %q", warnings, tt.want)
			}
		})
	}
}

func TestStreamKnowsTheSizeOfARegularFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.ndjson")
	content := bytes.Repeat([]byte("{}\n"), 1000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Seek(300, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	s := NewStream(f, "stdin", Config{})
	if read, size := s.Progress(); read != 0 || size != 2700 {
		t.Errorf("at first %d of %d", read, size)
	}
	rec := &recorder{}
	if err := s.run(t.Context(), rec.open); err != nil {
		t.Fatal(err)
	}
	if read, size := s.Progress(); read != 2700 || size != 2700 || len(rec.lines) != 900 {
		t.Errorf("at the end %d of %d, %d lines", read, size, len(rec.lines))
	}
	if rec.start.Source != "" || rec.start.Name != "stdin" {
		t.Errorf("a stream vouches for %+v", rec.start)
	}
}

func TestStreamErrorNamesIt(t *testing.T) {
	fault := errors.New("reset by peer")
	s := NewStream(io.MultiReader(strings.NewReader("a\nb"), readFunc(func([]byte) (int, error) { return 0, fault })), "stdin", Config{})
	rec := &recorder{}
	err := s.run(t.Context(), rec.open)
	if !errors.Is(err, fault) || !strings.Contains(err.Error(), "stdin") || len(rec.lines) != 1 {
		t.Errorf("error %v, lines %q", err, rec.raws())
	}
}
