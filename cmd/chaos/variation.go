//go:build unix

package main

import (
	"fmt"
	"math/rand/v2"
)

// variation is what may change between two runs of a case.
type variation struct {
	rule     int // of rules
	max      int // max_record_bytes
	depth    int // max_depth
	workers  [3]int
	schedule string
}

// rules choose the lane. The first is the one by which input.go knows lanes.
var rules = []string{
	"{field: level}",
	"{field: group, map: {a: critical, b: low}, default: normal}",
	"{default: high}",
	"{field: level, map: {critical: low, high: normal, low: critical}, default: high}",
}

// The limits of a record: one below the lines that are beyond it, one above.
var (
	limits = []int{longLine, 4 * longLine}
	depths = []int{deepLine, 4 * deepLine}
)

// newVariation changes all but the rule, which changes where it is not steady.
func (v variation) next(rng *rand.Rand, steady bool) variation {
	if !steady {
		v.rule = rng.IntN(len(rules))
	}
	v.max, v.depth = limits[rng.IntN(len(limits))], depths[rng.IntN(len(depths))]
	for i := range v.workers {
		v.workers[i] = 1 + rng.IntN(4)
	}
	v.schedule = []string{"weighted", "strict"}[rng.IntN(2)]
	return v
}

// String is short, for the list of runs.
func (v variation) String() string {
	return fmt.Sprintf("rule %d, max_record_bytes %d, max_depth %d, workers %v, %s", v.rule, v.max, v.depth, v.workers, v.schedule)
}

// holdBack is a rule that makes some lines dead letters until a replay without it.
const holdBack = "rules: {held: \"hold == true\"}, "

// yaml is the configuration of a run.
func (v variation) yaml(p *plan, url string, held bool) string {
	rule := ""
	if held {
		rule = holdBack
	}
	text := fmt.Sprintf("source: {lane: %s, max_record_bytes: %dB, max_depth: %d}\nvalidate: {%sworkers: %d}\nenrich: {workers: %d}\npersist: {sink: %q, workers: %d, %s}\nschedule: %s\n",
		rules[v.rule], v.max, v.depth, rule, v.workers[0], v.workers[1], url, v.workers[2], p.layout.yaml(), v.schedule)
	if p.deadFile {
		text += "dead_letters: " + deadFile + "\n"
	}
	return text
}
