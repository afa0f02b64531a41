//go:build unix

package main

import (
	"slices"
	"time"

	"sluice/stages/crash"
)

// once does a run that is to be killed, or two at once, and says whether the
// input is at its end.
func (t *trial) once() (over bool, err error) {
	if err := t.configure(); err != nil {
		return false, err
	}
	if t.rare > 0 {
		t.rare--
		return t.atMoment()
	}
	n := t.rng.IntN(14)
	switch {
	case t.way == wayServe && n < 6:
		return t.steered()
	case n == 0 && t.way == wayRun:
		return t.pair(t.command()...)
	case n == 1 && t.server != nil:
		return t.disturbed(t.outage, t.limit())
	case n == 2 && t.server != nil:
		return t.disturbed(t.cuts, t.limit())
	case n == 3 && t.server != nil:
		return t.absent()
	case n == 4 && t.way != wayRun:
		return t.ended()
	case n < 12:
		return t.atMoment()
	default:
		return t.atRandom()
	}
}

// limit chooses when to kill.
func (t *trial) limit() time.Duration { return t.pace.next(t.rng, t.quota) }

func (t *trial) atRandom() (bool, error) {
	c, err := t.start("")
	if err != nil {
		return false, err
	}
	c.killAfter(t.limit())
	t.pace.learn(!c.killed())
	t.note("killed at random, %s: %s", t.now, c)
	return t.settle(c)
}

// moment is the next of those at which runs end.
func (t *trial) moment() moment {
	if t.torn {
		t.torn = false
		t.cut++
		return cuts[t.cut%len(cuts)]
	}
	return t.take("", t.moments())
}

// want names the moments that come before others, where the case has them.
// Without any there is "none", which nothing is called.
func (t *trial) want(names []string) {
	has := map[string]bool{}
	for _, m := range t.moments() {
		has[m.String()] = true
	}
	for _, m := range t.replayMoments() {
		has[inReplay+m.String()] = true
	}
	t.first = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !has[name] })
	if len(t.first) == 0 {
		t.first = []string{"none"}
	}
	t.wants = slices.Clone(t.first)
}

// take returns the one of a list that is next, a wanted one if there is one.
func (t *trial) take(prefix string, list []moment) moment {
	for _, m := range list {
		if i := slices.Index(t.wants, prefix+m.String()); i >= 0 && t.rare == 0 {
			t.wants = slices.Delete(t.wants, i, i+1)
			return m
		}
	}
	t.turn++
	return list[t.turn%len(list)]
}

func (t *trial) atMoment() (bool, error) {
	at := t.moment().spec(t.rng)
	c, err := t.start(at.String())
	if err != nil {
		return false, err
	}
	c.killAfter(t.longest(at))
	t.note("to end %s, %s: %s", at, t.now, c)
	return t.settle(c)
}

// longest is how long a run is waited for that is to end itself: it may be late
// to come to that, or not come to it at all.
func (t *trial) longest(at crash.Spec) time.Duration {
	switch {
	case t.way != wayRun:
		return 20 * t.pace.start
	case at.Instant != crash.Close && t.rare == 0 && t.rng.IntN(6) == 0:
		return 4 * t.limit()
	default:
		return patience
	}
}
