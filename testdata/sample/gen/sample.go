package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

// Out of so many lines one is bad, a blank line follows one, one is sent a
// second time.
const (
	oneBad       = 66
	oneBlank     = 500
	oneDelivered = 800
)

// sample is the state of the generator.
type sample struct {
	w        io.Writer
	r        *rand.Rand
	clock    time.Time
	trace    string
	badLines int
	last     string // a line to deliver again
	expected expected
}

// expected is what a run over the sample must account for.
type expected struct {
	Lines     int            `json:"lines"` // blank ones not counted
	Persisted int            `json:"persisted"`
	Rows      int            `json:"rows"` // fewer than persisted: what came twice has one row
	Dead      int            `json:"dead"`
	ByCode    map[string]int `json:"dead_by_code"`
}

func newSample(w io.Writer, seed uint64) *sample {
	return &sample{
		w:        w,
		r:        rand.New(rand.NewPCG(seed, 1)),
		clock:    time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC),
		trace:    strings.Repeat("0", 32),
		expected: expected{ByCode: map[string]int{}},
	}
}

// write writes n lines and some blank ones. A part of them ends with CRLF, as
// from a Windows host; the last has no line end.
func (s *sample) write(n int) {
	for i := range n {
		s.expected.Lines++
		text := s.next(i, n)
		end := "\n"
		if i >= n/3 && i < n/3+n/20 {
			end = "\r\n"
		}
		if i == n-1 {
			end = ""
		}
		if i%oneBlank == oneBlank-1 {
			end += end
		}
		io.WriteString(s.w, text+end)
	}
}

// next returns line i of n.
func (s *sample) next(i, n int) string {
	switch {
	case i == n/2:
		return s.die(s.long(), tooLong)
	case i%oneBad == oneBad-1:
		return s.die(s.bad())
	}
	s.expected.Persisted++
	if i%oneDelivered == oneDelivered-1 {
		return s.last
	}
	s.expected.Rows++
	s.last = s.event().String()
	return s.last
}

func (s *sample) die(text, code string) string {
	s.expected.Dead++
	s.expected.ByCode[code]++
	return text
}

// uuid returns a UUID of version 7: the clock and ten random bytes.
func (s *sample) uuid() string {
	ms := s.clock.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7%03x-%04x-%012x", ms>>16, ms&0xffff, s.r.IntN(1<<12), 0x8000|s.r.IntN(1<<14), s.r.Int64N(1<<48))
}

// hex returns n random bytes in hexadecimal.
func (s *sample) hex(n int) string {
	var sb strings.Builder
	for range n {
		fmt.Fprintf(&sb, "%02x", s.r.IntN(256))
	}
	return sb.String()
}
