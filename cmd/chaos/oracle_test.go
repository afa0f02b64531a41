//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// sample are a few lines of each fate.
func sample() []line {
	make := func(i int, fate fate, lane string, key int) line {
		return line{text: fmt.Sprintf(`{"n":%d,"k":%d,"level":%q}`, i, key, lane), fate: fate, lane: lane, key: key}
	}
	lines := []line{
		make(0, fateRow, "high", 1), make(1, fateRow, "low", 2), make(2, fateRow, "high", 1), make(3, fateDead, "normal", 3),
		make(4, fateMisfit, "low", 4), make(5, fateLong, "high", 5), make(6, fateRow, "low", 6),
		make(7, fateHeld, "low", 7),
	}
	lines[5].text = `{"n":5,"long":"` + strings.Repeat("y", 50) + `"}`
	return lines
}

// right is what must be stored of the sample.
func right(l layout) stored {
	var s stored
	for i, line := range sample() {
		lane := ""
		if l == layoutWhole {
			lane = line.lane
		}
		switch {
		case line.fate == fateDead, line.fate == fateHeld, line.fate == fateMisfit && l != layoutWhole:
			s.dead = append(s.dead, letter{"x", line.lane, line.text})
		case l == layoutUpdate && i == 0: // line 2 has its key
		default:
			s.rows = append(s.rows, storedRow{line.text, lane})
		}
	}
	return s
}

func judge(l layout, s stored, change func(*oracle)) error {
	o := oracle{lines: sample(), layout: l, steady: true}
	if change != nil {
		change(&o)
	}
	return o.judge(s)
}

func TestWhatIsRightHasNoFault(t *testing.T) {
	for _, l := range []layout{layoutWhole, layoutColumns, layoutUpdate} {
		if err := judge(l, right(l), nil); err != nil {
			t.Errorf("%s: %v", l, err)
		}
	}
}

func TestTheOracleFinds(t *testing.T) {
	for name, c := range map[string]struct {
		layout layout
		spoil  func(*stored)
		want   string
	}{
		"a row that is missing":              {layoutColumns, func(s *stored) { s.rows = s.rows[1:] }, "lost: line 0"},
		"a dead letter that is missing":      {layoutColumns, func(s *stored) { s.dead = s.dead[1:] }, "lost: line 3"},
		"a row that is there twice":          {layoutColumns, func(s *stored) { s.rows = append(s.rows, s.rows[0]) }, "stored twice: line 0"},
		"a dead letter that is there twice":  {layoutColumns, func(s *stored) { s.dead = append(s.dead, s.dead[0]) }, "stored twice: line 3"},
		"a row that is a dead letter too":    {layoutWhole, func(s *stored) { s.dead = append(s.dead, letter{"x", "high", s.rows[0].text}) }, "stored twice: line 0"},
		"a changed byte":                     {layoutColumns, func(s *stored) { s.rows[0].text += " " }, "not of the input: row"},
		"two rows of a lane that changed":    {layoutColumns, func(s *stored) { s.rows[0], s.rows[2] = s.rows[2], s.rows[0] }, "out of order: rows of lane high: line 0 comes after line 2"},
		"two letters of a lane that changed": {layoutColumns, func(s *stored) { s.dead[0].lane = "low"; slices.Reverse(s.dead) }, "out of order: dead letters of lane low"},
		"a row in a lane that is not its":    {layoutWhole, func(s *stored) { s.rows[0].lane = "low" }, "wrong lane: line 0"},
		"a bad line among the rows":          {layoutWhole, func(s *stored) { s.rows = append(s.rows, storedRow{s.dead[0].text, ""}); s.dead = nil }, "a row: line 3"},
		"a good line among the dead letters": {layoutColumns, func(s *stored) { s.dead = append(s.dead, letter{"x", "", s.rows[0].text}); s.rows = s.rows[1:] }, "a dead letter: line 0"},
		"the first row of a key":             {layoutUpdate, func(s *stored) { s.rows[1].text = sample()[0].text }, "of a key: line 0"},
		"a key that is missing":              {layoutUpdate, func(s *stored) { s.rows = s.rows[:1] }, "lost: line 6"},
		"what nobody sent":                   {layoutColumns, func(s *stored) { s.rows = append(s.rows, storedRow{`{"n":99}`, ""}) }, "not of the input"},
	} {
		t.Run(name, func(t *testing.T) {
			s := right(c.layout)
			c.spoil(&s)
			if err := judge(c.layout, s, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, expected %s", err, c.want)
			}
		})
	}
}

func TestTheOracleAllows(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*oracle)
		make   func(*stored)
	}{
		"a long line that was cut": {nil, func(s *stored) {
			s.dead = append(s.dead, letter{"too_long", "normal", sample()[5].text[:30]})
			s.rows = slices.Delete(s.rows, 3, 4)
		}},
		"rows that come again where once is not promised": {func(o *oracle) { o.repeats = true }, func(s *stored) { s.rows = append(s.rows, s.rows[1:]...) }},
		"another order of two files whose lane rule changed": {func(o *oracle) { o.steady, o.lines[2].file = false, 1 }, func(s *stored) {
			s.rows[0], s.rows[2] = s.rows[2], s.rows[0]
			s.rows[0].lane, s.rows[2].lane = "high", "high"
		}},
		"another order of the members of JSON kept by value": {func(o *oracle) { o.byValue = true }, func(s *stored) {
			s.rows[0].text = `{"level": "high", "k": 1, "n": 0}`
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := right(layoutColumns)
			c.make(&s)
			if err := judge(layoutColumns, s, c.change); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAfterAReplayWhatWasHeldBackIsARow(t *testing.T) {
	s, replayed := right(layoutWhole), func(o *oracle) { o.replayed = true }
	if err := judge(layoutWhole, s, replayed); err == nil || !strings.Contains(err.Error(), "line 7, which must be a row") {
		t.Errorf("got %v", err)
	}
	last := len(s.dead) - 1
	s.rows = append(s.rows, storedRow{s.dead[last].text, s.dead[last].lane})
	if err := judge(layoutWhole, s, replayed); err == nil || !strings.Contains(err.Error(), "stored twice: line 7") {
		t.Errorf("got %v", err)
	}
	s.dead = s.dead[:last]
	if err := judge(layoutWhole, s, replayed); err != nil {
		t.Error(err)
	}
	if err := judge(layoutWhole, s, nil); err == nil || !strings.Contains(err.Error(), "line 7, which must be a dead letter") {
		t.Errorf("got %v", err)
	}
}

func TestASeedMakesTheSameInputAgain(t *testing.T) {
	make := func(seed uint64) []line { return newInput(rand.New(rand.NewPCG(seed, 1)), 500, 0) }
	if !slices.Equal(make(7), make(7)) || slices.Equal(make(7), make(8)) {
		t.Error("expected the same lines from the same seed, and others from another")
	}
	texts := map[string]bool{}
	for _, l := range make(7) {
		texts[l.text] = true
	}
	if len(texts) != 500 {
		t.Errorf("%d lines differ, expected all 500", len(texts))
	}
}
