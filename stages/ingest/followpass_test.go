package ingest

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestASectionIsReadOnlyWhileWhatStandsBeforeItIsTheSame(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	old := strings.Repeat(line, 100)
	for name, c := range map[string]struct {
		now  string // what the file holds when the second half is read
		want error
	}{
		"unchanged":              {old, nil},
		"grown":                  {old + line, nil},
		"cut":                    {old[:len(old)/2], errChanged},
		"cut before":             {old[:10], errChanged},
		"cut and grown as long":  {strings.Repeat(strings.Repeat("y", 99)+"\n", 100), errChanged},
		"another byte before it": {old[:len(old)/2-trailSize] + "y" + old[len(old)/2-trailSize+1:], errChanged},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("app.log", old)
			file, err := os.Open(w.path("app.log"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			s := &sectionReader{file: file, end: int64(len(old))}
			first := make([]byte, len(old)/2)
			if _, err := io.ReadFull(s, first); err != nil {
				t.Fatal(err)
			}
			w.write("app.log", c.now)
			rest, err := io.ReadAll(s)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.want == nil && string(first)+string(rest) != old || c.want != nil && len(rest) > 0 {
				t.Errorf("read %d bytes of what was there", len(rest))
			}
		})
	}
}

func TestWhereALineEnds(t *testing.T) {
	block := strings.Repeat("x", scanBlock)
	far := strings.Repeat("x", passBytes+10)
	for name, c := range map[string]struct {
		text         string
		at, from     int64
		end, scanned int64
	}{
		"nothing":                         {"", 0, 0, 0, 0},
		"no whole line":                   {"abc", 0, 0, 0, 3},
		"one line":                        {"abc\n", 0, 0, 4, 4},
		"the last of several":             {"a\nb\nc", 0, 0, 4, 5},
		"nothing behind the position":     {"a\n", 2, 2, 0, 2},
		"a line behind the position":      {"a\nb\n", 2, 2, 4, 4},
		"what was searched is left out":   {"abc\nd", 0, 4, 0, 5},
		"across blocks":                   {"a\n" + block + block, 0, 0, 2, 2 + 2*scanBlock},
		"further than a pass":             {far + "\n" + "a\n", 0, 0, passBytes + 11, passBytes + 11},
		"as far as a pass, of more":       {"a\n" + far + "\n", 0, 0, 2, passBytes},
		"a line that goes on for ever":    {far, 0, 0, 0, passBytes + 10},
		"behind what was searched in one": {far + "\n", 0, passBytes + 5, passBytes + 11, passBytes + 11},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("app.log", c.text)
			file, err := os.Open(w.path("app.log"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			end, scanned, err := lineEnd(file, c.at, c.from, int64(len(c.text)))
			if end != c.end || scanned != c.scanned || err != nil {
				t.Errorf("got %d, %d, %v; want %d, %d", end, scanned, err, c.end, c.scanned)
			}
			if _, _, err := lineEnd(file, c.at, c.from, int64(len(c.text))+100); c.end == 0 && !errors.Is(err, errChanged) {
				t.Errorf("of a file that is shorter than it was: %v", err)
			}
		})
	}
}

func TestAPassTellsAFileThatWasReplacedBeforeItBegan(t *testing.T) {
	w := newWorld(t)
	w.write("app.log", "b\n")
	file, err := os.Open(w.path("app.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := &pass{kind: passLines, size: 2, file: file, identity: identity{length: 2, hash: headHash([]byte("a\n"))}}
	p.run(t.Context(), func(pipeline.Progress) (intake, error) { return nil, errors.New("opened") })
	if !errors.Is(p.err, errChanged) || p.fault || p.at.Position != 0 {
		t.Errorf("got %v, a fault: %v, at %d", p.err, p.fault, p.at.Position)
	}
}
