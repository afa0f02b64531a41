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
	lines         []line
	layout        layout
	steady        bool // the lane rule was the first one all the time: lanes are known from outside
	byValue       bool // the sink keeps JSON by value: spaces and the order of members may differ
	repeats       bool // at least once is enough
	lettersRepeat bool // at least once is enough for dead letters
	replayed      bool // dead letters were

	numbers  map[string]int
	chosen   map[int]int // of each key, the line whose row stays
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

// index maps each line's text to its number, and each key to the line that stays.
func (o *oracle) index() {
	if o.numbers != nil {
		return
	}
	o.numbers, o.chosen = make(map[string]int, len(o.lines)), map[int]int{}
	for i, l := range o.lines {
		o.numbers[l.text] = i
		if o.byValue && l.fate != fateDead {
			o.numbers[canonical(l.text)] = i
		}
		if _, there := o.chosen[l.key]; l.fate == fateRow && (!there || o.layout == layoutUpdate) {
			o.chosen[l.key] = i
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
// not have been in, after lines of the next: then only the lines of one file are in
// order. A limit that changes does the same to the lines that are beyond it. Where
// lines may come again they may do so in another lane, so that there is no order.
type order struct {
	o       *oracle
	what    string
	repeats bool
	last    map[place]int
	seen    map[int]bool
}

type place struct {
	lane string
	file int // 0 for all
}

func (o *oracle) newOrder(what string, repeats bool) *order {
	return &order{o: o, what: what, repeats: repeats, last: map[place]int{}, seen: map[int]bool{}}
}

func (r *order) note(lane string, n int) {
	if lane == "" || r.seen[n] {
		return
	}
	r.seen[n] = true
	at := place{lane: lane}
	l := r.o.lines[n]
	if r.repeats && (l.varies() || !r.o.steady) {
		return
	}
	switch {
	case l.varies():
		at.lane, at.file = lane+" by its limit", l.file+1
	case !r.o.steady:
		at.file = l.file + 1
	}
	if last, ok := r.last[at]; ok && n < last {
		r.o.fault("out of order", "%s of lane %s: line %d comes after line %d", r.what, lane, n, last)
	}
	r.last[at] = n
}

// judgeRows returns how often each line is a row.
func (o *oracle) judgeRows(rows []storedRow) map[int]int {
	times := map[int]int{}
	order := o.newOrder("rows", o.repeats)
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
		} else if o.steady && lane != o.lines[n].lane && !o.lines[n].varies() {
			o.fault("wrong lane", "line %d is in %s, expected %s", n, lane, o.lines[n].lane)
		}
		if o.lines[n].fate == fateHeld || o.lines[n].fate == fateDeep {
			continue // it may have come when all others were there
		}
		// Under a key that is updated a row keeps the place of the first one. A line
		// beyond a limit was in the lane that the limit of its time gave it.
		if o.layout != layoutUpdate && (r.lane != "" || !o.lines[n].varies()) {
			order.note(lane, n)
		}
	}
	return times
}

// judgeDead returns how often each line is a dead letter.
func (o *oracle) judgeDead(dead []letter) map[int]int {
	times := map[int]int{}
	order := o.newOrder("dead letters", o.lettersRepeat)
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

// fates are what may become of a line.
type fates struct{ row, dead, nowhere bool }

// of returns what may become of line i.
func (o *oracle) of(i int) fates {
	l := o.lines[i]
	switch l.fate {
	case fateDead:
		return fates{dead: true}
	case fateMisfit:
		return fates{row: o.layout == layoutWhole, dead: o.layout != layoutWhole}
	case fateHeld:
		return fates{row: o.replayed, dead: !o.replayed}
	case fateLong, fateDeep:
		return fates{row: true, dead: true}
	}
	if !o.layout.keyed() || o.chosen[l.key] == i {
		return fates{row: true}
	}
	return fates{dead: o.layout == layoutDead, nowhere: o.layout != layoutDead}
}

// judgeLine looks at one line of the input: how often it is there, and as what.
func (o *oracle) judgeLine(i, rows, dead int) {
	l, may := o.lines[i], o.of(i)
	switch {
	case rows > 1 && !o.repeats, dead > 1 && !o.lettersRepeat, rows > 0 && dead > 0 && !o.lettersRepeat:
		o.fault("stored twice", "line %d is there %d times as a row and %d times as a dead letter", i, rows, dead)
	case rows > 0 && may.nowhere:
		o.fault("of a key", "line %d is there, but line %d of its key %d must be: %.100q", i, o.chosen[l.key], l.key, l.text)
	case rows > 0 && !may.row:
		o.fault("a row", "line %d, which must be a dead letter: %.100q", i, l.text)
	case dead > 0 && !may.dead:
		o.fault("a dead letter", "line %d, which must be a row: %.100q", i, l.text)
	case rows+dead == 0 && !may.nowhere:
		o.fault("lost", "line %d: %.100q", i, l.text)
	}
}
