//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// maxFaults is how many faults of a kind are told.
const maxFaults = 5

// oracle knows what must be stored.
type oracle struct {
	lines    []line
	layout   layout
	steady   bool // the lane rule was the first one all the time: lanes are known from outside
	byValue  bool // the sink keeps JSON by value: spaces and the order of members may differ
	repeats  bool // at least once is enough
	numbers  map[string]int
	lasts    [fateMisfit + 1]map[int]int
	replayed bool // dead letters were
	problems []error
	counts   map[string]int
}

// judge compares what is stored with the input, and returns all that is wrong.
func (o *oracle) judge(s stored) error {
	o.problems, o.counts = nil, map[string]int{}
	o.index()
	rows, dead := o.judgeRows(s.rows), o.judgeDead(s.dead)
	for i := range o.lines {
		o.judgeLine(i, rows[i], dead[i])
	}
	for what, n := range o.counts {
		if n > maxFaults {
			o.problems = append(o.problems, fmt.Errorf("%s: %d more", what, n-maxFaults))
		}
	}
	return errors.Join(o.problems...)
}

func (o *oracle) fault(what, format string, args ...any) {
	if o.counts[what]++; o.counts[what] <= maxFaults {
		o.problems = append(o.problems, fmt.Errorf("%s: %s", what, fmt.Sprintf(format, args...)))
	}
}

// index maps each line's text to its number.
func (o *oracle) index() {
	if o.numbers != nil {
		return
	}
	o.numbers = make(map[string]int, len(o.lines))
	for i, l := range o.lines {
		o.numbers[l.text] = i
		if o.byValue && l.fate != fateDead {
			o.numbers[canonical(l.text)] = i
		}
	}
}

// canonical is JSON in one spelling.
func canonical(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return text
	}
	out, _ := json.Marshal(v) // it was JSON
	return string(out)
}

// order notes whether numbers come in the order of their lane. What comes a
// second time says nothing. A rule that changes holds in each file from the
// highest position on, so the last lines of one may come, in a lane they would
// not have been in, after lines of the next: then only the lines of one file are in order.
type order struct {
	o    *oracle
	what string
	last map[place]int
	seen map[int]bool
}

type place struct {
	lane string
	file int // 0 for all
}

func (o *oracle) newOrder(what string) *order {
	return &order{o: o, what: what, last: map[place]int{}, seen: map[int]bool{}}
}

func (r *order) note(lane string, n int) {
	if lane == "" || r.seen[n] {
		return
	}
	r.seen[n] = true
	at := place{lane: lane}
	if !r.o.steady {
		at.file = r.o.lines[n].file
	}
	if last, ok := r.last[at]; ok && n < last {
		r.o.fault("out of order", "%s of lane %s: line %d comes after line %d", r.what, lane, n, last)
	}
	r.last[at] = n
}

// judgeRows returns how often each line is a row.
func (o *oracle) judgeRows(rows []storedRow) map[int]int {
	times := map[int]int{}
	order := o.newOrder("rows")
	for _, r := range rows {
		text := r.text
		if o.byValue {
			text = canonical(text)
		}
		n, ok := o.numbers[text]
		if !ok {
			o.fault("not of the input", "row %.200q", r.text)
			continue
		}
		times[n]++
		lane := r.lane
		if lane == "" && o.steady {
			lane = o.lines[n].lane
		} else if o.steady && lane != o.lines[n].lane && o.lines[n].fate != fateLong {
			o.fault("wrong lane", "line %d is in %s, expected %s", n, lane, o.lines[n].lane)
		}
		if o.lines[n].fate == fateHeld {
			continue // it came when all others were there
		}
		// Under a key a row keeps the place of the first one. A long line was in
		// the lane that the limit of its time gave it.
		if o.layout != layoutUpsert && (r.lane != "" || o.lines[n].fate != fateLong) {
			order.note(lane, n)
		}
	}
	return times
}

// judgeDead returns how often each line is a dead letter.
func (o *oracle) judgeDead(dead []letter) map[int]int {
	times := map[int]int{}
	order := o.newOrder("dead letters")
	for _, d := range dead {
		n, ok := o.numbers[d.text]
		if !ok && (d.code == "too_long" || o.replayed) { // replayed, it fails for its end
			n, ok = o.cutOff(d.text)
		}
		if !ok {
			o.fault("not of the input", "dead letter %s %.200q", d.code, d.text)
			continue
		}
		times[n]++
		order.note(d.lane, n)
	}
	return times
}

// cutOff finds the long line that begins like this.
func (o *oracle) cutOff(text string) (int, bool) {
	var n int
	if _, err := fmt.Sscanf(text, `{"n":%d,`, &n); err != nil || n < 0 || n >= len(o.lines) {
		return 0, false
	}
	l := o.lines[n]
	return n, l.fate == fateLong && strings.HasPrefix(l.text, text)
}

// judgeLine looks at one line of the input: how often it is there, and as what.
func (o *oracle) judgeLine(i, rows, dead int) {
	l := o.lines[i]
	row := l.fate == fateRow || l.fate == fateMisfit && o.layout == layoutWhole || l.fate == fateHeld && o.replayed
	either := l.fate == fateLong
	switch {
	case rows+dead > 1 && !o.repeats:
		o.fault("stored twice", "line %d is there %d times as a row and %d times as a dead letter", i, rows, dead)
	case rows > 0 && !row && !either:
		o.fault("a row", "line %d, which must be a dead letter: %.100q", i, l.text)
	case dead > 0 && row:
		o.fault("a dead letter", "line %d, which must be a row: %.100q", i, l.text)
	case rows+dead == 0 && !(o.layout == layoutUpsert && o.superseded(i)):
		o.fault("lost", "line %d: %.100q", i, l.text)
	case rows > 0 && o.layout == layoutUpsert && o.mustBeSuperseded(i):
		o.fault("superseded", "line %d is there, but a later one has its key %d", i, l.key)
	}
}

// superseded says whether a line may be missing, because one of its key comes
// after it and may be a row.
func (o *oracle) superseded(i int) bool { return o.later(i, fateRow, fateLong) }

// mustBeSuperseded says whether one of the line's key comes after it and must
// be a row.
func (o *oracle) mustBeSuperseded(i int) bool { return o.later(i, fateRow) }

func (o *oracle) later(i int, fates ...fate) bool {
	if f := o.lines[i].fate; f != fateRow && f != fateLong {
		return false
	}
	for _, f := range fates {
		if last, ok := o.lastOf(f)[o.lines[i].key]; ok && last > i {
			return true
		}
	}
	return false
}

// lastOf returns the last line of each key with a fate.
func (o *oracle) lastOf(f fate) map[int]int {
	if o.lasts[f] == nil {
		o.lasts[f] = map[int]int{}
		for i, l := range o.lines {
			if l.fate == f {
				o.lasts[f][l.key] = i
			}
		}
	}
	return o.lasts[f]
}
