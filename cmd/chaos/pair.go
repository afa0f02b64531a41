//go:build unix

package main

import (
	"errors"
	"time"
)

// pair starts two processes that do the same: at once, one after the other, or
// the second while the first is killed. At most one may be refused, and the other
// goes on as if it were alone; either may be killed.
func (t *trial) pair(args ...string) (over bool, err error) {
	first, err := startChild(t.binary, t.dir, "", args...)
	if err != nil {
		return false, err
	}
	limits := [2]time.Duration{patience, patience}
	var later time.Duration
	switch t.rng.IntN(3) {
	case 0:
		t.events["two processes were started at once"]++
	case 1:
		t.events["a second process was started while the first was at work"]++
		later = t.limit()
	default:
		t.events["a second process was started while the first was killed"]++
		limits[0] = t.limit()
		later = max(0, limits[0]-time.Duration(t.rng.IntN(30))*time.Millisecond)
	}
	if t.rng.IntN(3) == 0 {
		limits[1] = later + t.limit()
	}
	first.endAfter(later)
	second, err := startChild(t.binary, t.dir, "", args...)
	if err != nil {
		return false, errors.Join(err, first.cmd.Process.Kill())
	}
	first.killAt(limits[0])
	second.killAfter(limits[1])
	<-first.ended
	return t.settlePair(first, second)
}

func (t *trial) settlePair(both ...*child) (over bool, err error) {
	refused := 0
	pending := t.pending
	for _, c := range both {
		t.note("one of two, %s: %s", t.now, c)
		if isRefused(c) {
			refused++
			t.events["one of two processes was refused"]++
			continue
		}
		done, err := t.settle(c)
		if err != nil {
			return false, err
		}
		over = over || done
	}
	if refused == len(both) && !(pending && t.server != nil) {
		return false, errors.New("of two processes both were refused; expected that one goes on")
	}
	return over, nil
}
