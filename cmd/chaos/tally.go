//go:build unix

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// enough is the number of kills from which on a campaign must have come to
// each named instant.
const enough = 200

// The ways to be killed beside those of moments; a replay has its own.
const (
	howRandom = "random"
	inReplay  = "replay: "
)

// tally counts what happened.
type tally struct {
	cases  map[string]int            // by sink
	kills  map[string]map[string]int // by sink and how
	events map[string]int            // what else was done, by what it is called
}

func newTally() *tally {
	return &tally{cases: map[string]int{}, kills: map[string]map[string]int{}, events: map[string]int{}}
}

// add counts a case.
func (t *tally) add(c *trial) {
	t.cases[c.plan.sink]++
	if t.kills[c.plan.sink] == nil {
		t.kills[c.plan.sink] = map[string]int{}
	}
	for how, n := range c.how {
		t.kills[c.plan.sink][how] += n
	}
	for what, n := range c.events {
		t.events[what] += n
	}
}

// total is the number of kills.
func (t *tally) total() (n int) {
	for _, sink := range t.kills {
		n += sum(sink)
	}
	return n
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// named are the ways to be killed that must occur. Where rows go into a table,
// those of a file of dead letters are an extra.
func named(sink string) []string {
	all := map[string]bool{howRandom: true}
	for seed := range uint64(2 * 5 * 6 * 7 * 11) {
		p := newPlan(seed, sink)
		p.deadFile = sink == sinkNDJSON
		for _, m := range p.moments() {
			all[m.String()] = true
		}
		if p.deadFile {
			for _, m := range cuts {
				all[m.String()] = true
			}
		}
		if sink != sinkNDJSON {
			for _, m := range p.replayMoments() {
				all[inReplay+m.String()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// missing names what runs into the sinks were never killed at.
func (t *tally) missing(sinks []string) (list []string) {
	for _, sink := range sinks {
		for _, how := range t.missingOf(sink) {
			list = append(list, sink+" "+how)
		}
	}
	return list
}

func (t *tally) missingOf(sink string) []string {
	return slices.DeleteFunc(named(sink), func(how string) bool { return t.kills[sink][how] > 0 })
}

// write prints how often each sink was killed at each of the named instants.
func (t *tally) write(out io.Writer, sinks []string) {
	for _, sink := range sinks {
		fmt.Fprintf(out, "\n%s: %d kills in %d cases\n", sink, sum(t.kills[sink]), t.cases[sink])
		all := append(named(sink), slices.Collect(maps.Keys(t.kills[sink]))...)
		slices.Sort(all)
		for _, how := range slices.Compact(all) {
			fmt.Fprintf(out, "  %5d  %s\n", t.kills[sink][how], how)
		}
	}
	fmt.Fprintln(out, "\nbeside that")
	for _, what := range slices.Sorted(maps.Keys(t.events)) {
		fmt.Fprintf(out, "  %5d  %s\n", t.events[what], what)
	}
}

// verdict is an error when one of the named instants was missed though there
// were enough kills.
func (t *tally) verdict(sinks []string) error {
	if list := t.missing(sinks); len(list) > 0 && t.total() >= enough {
		return fmt.Errorf("%d kills, but none at: %s", t.total(), strings.Join(list, ", "))
	}
	return nil
}
