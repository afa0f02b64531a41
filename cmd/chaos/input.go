//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// fate is what must become of a line.
type fate int

const (
	fateRow    fate = iota
	fateDead        // a dead letter
	fateLong        // a row, or a dead letter with its beginning, as max_record_bytes was when it came
	fateDeep        // a row, or a dead letter, as max_depth was when it came
	fateHeld        // a dead letter until it is replayed, then a row
	fateMisfit      // a dead letter where there are columns, a row where the record is kept whole
)

// line is one line of the input. Its number is its place in all files together.
type line struct {
	text  string
	fate  fate
	lane  string // as the first of the rules says
	key   int    // where there is one: lines of one key are of one lane
	group string // what some rules look at instead
	file  int    // in which it stands
}

// varies says whether it may go either way, in the lane that goes with it.
func (l line) varies() bool { return l.fate == fateLong || l.fate == fateDeep }

var lanes = []string{"critical", "high", "normal", "low"}

// What lines may have at most, or be too long, or too deep.
const (
	longLine = 2 << 10
	deepLine = 8
)

// newInput makes n lines with at least pad bytes of padding; of each key there are a few.
func newInput(rng *rand.Rand, n, pad int) []line {
	lines := make([]line, n)
	keys := max(1, n/3)
	bad := 0 // lines of a stretch without a good one, so that whole batches are dead
	for i := range lines {
		key := rng.IntN(keys)
		l := line{key: key, lane: lanes[key*7%len(lanes)], group: string(rune('a' + rng.IntN(3)))}
		l.fill(rng, i, pad+rng.IntN(40)*rng.IntN(10))
		if bad--; bad < 0 && rng.IntN(2000) == 0 {
			bad = rng.IntN(1000)
		}
		if bad >= 0 {
			l.text, l.fate, l.lane = fmt.Sprintf(`{"n":%d,`, i), fateDead, "normal"
		}
		lines[i] = l
	}
	return lines
}

// fill makes the text of line i. Lines that may come to their rows later than
// the lines beside them have a key of their own.
func (l *line) fill(rng *rand.Rand, i, pad int) {
	kind := rng.IntN(200)
	if kind >= 4 && kind <= 6 {
		l.key = -1 - i
	}
	members := fmt.Sprintf(`"n":%d,"k":%d,"level":%q,"group":%q,"pad":%q`, i, l.key, l.lane, l.group, strings.Repeat("x", pad))
	l.text = "{" + members + "}"
	switch kind {
	case 0:
		l.text, l.fate, l.lane = "{"+members, fateDead, "normal"
	case 1:
		l.text, l.fate, l.lane = fmt.Sprintf(`["n",%d]`, i), fateDead, "normal"
	case 2:
		l.text, l.fate, l.lane = "{"+members+",\"bytes\":\"\xff\xfe\"}", fateDead, "normal"
	case 3:
		l.text, l.fate = strings.Replace(l.text, fmt.Sprintf(`"n":%d`, i), fmt.Sprintf(`"n":"no %d"`, i), 1), fateMisfit
	case 4:
		l.text, l.fate = "{"+members+`,"hold":true}`, fateHeld
	case 5:
		l.text, l.fate = "{"+members+`,"long":"`+strings.Repeat("y", longLine+rng.IntN(longLine))+`"}`, fateLong
	case 6:
		depth := deepLine + rng.IntN(2*deepLine)
		l.text, l.fate = "{"+members+`,"deep":`+strings.Repeat("[", depth)+strings.Repeat("]", depth)+"}", fateDeep
	}
}

// writeInput writes the lines to files, some of them compressed, notes which
// line is where, and returns the names.
func writeInput(rng *rand.Rand, dir string, lines []line) ([]string, error) {
	files := 1 + rng.IntN(3)
	var names []string
	for f := range files {
		part := lines[f*len(lines)/files : (f+1)*len(lines)/files]
		var text bytes.Buffer
		for i, l := range part {
			part[i].file = f
			text.WriteString(l.text)
			if i < len(part)-1 || rng.IntN(2) == 0 { // the last one may lack its line end
				text.WriteString("\n")
			}
			if rng.IntN(500) == 0 && i < len(part)-1 {
				text.WriteString("\r\n  \n")
			}
		}
		name, content := fmt.Sprintf("in%d.ndjson", f), text.Bytes()
		switch rng.IntN(6) {
		case 0:
			name, content = name+".gz", compress(content, 1+rng.IntN(3))
		case 1:
			name, content = name+".zst", compressZstd(content)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// compress makes members of a text, one after another.
func compress(text []byte, members int) []byte {
	var b bytes.Buffer
	for i := range members {
		w := gzip.NewWriter(&b)
		_, _ = w.Write(text[i*len(text)/members : (i+1)*len(text)/members]) // into memory
		_ = w.Close()
	}
	return b.Bytes()
}

func compressZstd(text []byte) []byte {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		panic(err) // its options are ours
	}
	_, _ = w.Write(text) // into memory
	_ = w.Close()
	return b.Bytes()
}
