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
)

// fate is what must become of a line.
type fate int

const (
	fateRow    fate = iota
	fateDead        // a dead letter
	fateLong        // a row, or a dead letter with its beginning, as max_record_bytes was when it came
	fateHeld        // a dead letter until it is replayed, then a row
	fateMisfit      // a dead letter where there are columns, a row where the record is kept whole
)

// line is one line of the input. Its number is its place in all files together.
type line struct {
	text  string
	fate  fate
	lane  string // as the first of the rules says
	key   int    // for upsert: lines of one key are of one lane
	group string // what some rules look at instead
	file  int    // in which it stands
}

var lanes = []string{"critical", "high", "normal", "low"}

// longLine is the length beyond which a line may be too long.
const longLine = 2 << 10

// newInput makes n lines; of each key there are a few.
func newInput(rng *rand.Rand, n int) []line {
	lines := make([]line, n)
	keys := max(1, n/3)
	bad := 0 // lines of a stretch without a good one, so that whole batches are dead
	for i := range lines {
		key := rng.IntN(keys)
		l := line{key: key, lane: lanes[key*7%len(lanes)], group: string(rune('a' + rng.IntN(3)))}
		l.fill(rng, i)
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

// fill makes the text of line i.
func (l *line) fill(rng *rand.Rand, i int) {
	key := l.key
	pad := strings.Repeat("x", rng.IntN(40)*rng.IntN(10))
	members := fmt.Sprintf(`"n":%d,"k":%d,"level":%q,"group":%q,"pad":%q`, i, l.key, l.lane, l.group, pad)
	l.text = "{" + members + "}"
	switch rng.IntN(200) {
	case 0:
		l.text, l.fate, l.lane = "{"+members, fateDead, "normal"
	case 1:
		l.text, l.fate, l.lane = fmt.Sprintf(`["n",%d]`, i), fateDead, "normal"
	case 2:
		l.text, l.fate, l.lane = "{"+members+",\"bytes\":\"\xff\xfe\"}", fateDead, "normal"
	case 3:
		l.text, l.fate = strings.Replace(l.text, fmt.Sprintf(`"n":%d`, i), fmt.Sprintf(`"n":"no %d"`, i), 1), fateMisfit
	case 4:
		l.key = -1 - i // a replay comes after all others of its key
		l.text, l.fate = strings.Replace("{"+members+`,"hold":true}`, fmt.Sprintf(`"k":%d`, key), fmt.Sprintf(`"k":%d`, l.key), 1), fateHeld
	case 5:
		l.text, l.fate = "{"+members+`,"long":"`+strings.Repeat("y", longLine+rng.IntN(longLine))+`"}`, fateLong
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
		if rng.IntN(3) == 0 {
			name, content = name+".gz", compress(content)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func compress(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // into memory
	_ = w.Close()
	return b.Bytes()
}
