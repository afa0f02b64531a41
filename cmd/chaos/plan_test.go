//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestADozenSeedsInARowHaveSomeOfEverything(t *testing.T) {
	for _, sink := range sinkNames() {
		for first := range uint64(100) {
			seen := map[string]bool{}
			for seed := first; seed < first+12; seed++ {
				p := newPlan(seed, sink)
				seen["layout "+string(p.layout)], seen["way "+string(p.way)], seen[p.options] = true, true, true
				seen["dead letters in a file"] = seen["dead letters in a file"] || p.deadFile
				seen["rule changes"] = seen["rule changes"] || !p.steady
				seen["heavy"] = seen["heavy"] || p.heavy
			}
			want := []string{"way run", "way follow", "way serve", "layout whole", "layout columns", "dead letters in a file", "rule changes"}
			if sink == sinkNDJSON {
				want = append(want, fileOptions...)
			} else {
				want = append(want, "layout update", "layout ignore", "layout dead")
			}
			if sink == sinkSQLite {
				want = append(want, "heavy")
			}
			for _, what := range want {
				if !seen[what] {
					t.Errorf("%s from seed %d: no case with %q", sink, first, what)
				}
			}
		}
	}
}

func TestACampaignThatMissesANamedInstantFails(t *testing.T) {
	c := newTally()
	counts := map[string]int{}
	for _, how := range named(sinkPostgres) {
		counts[how] = 20
	}
	c.kills[sinkPostgres] = counts
	if err := c.verdict([]string{sinkPostgres}); err != nil {
		t.Errorf("nothing is missing: %v", err)
	}
	delete(counts, "before answer")
	if err := c.verdict([]string{sinkPostgres}); err == nil || !strings.Contains(err.Error(), "postgres before answer") {
		t.Errorf("got %v, expected that postgres before answer is missing", err)
	}
	clear(counts)
	counts[howRandom] = enough - 1
	if err := c.verdict([]string{sinkPostgres}); err != nil {
		t.Errorf("a short campaign: %v", err)
	}
}
