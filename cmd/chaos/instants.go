//go:build unix

package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"sluice/stages/crash"
)

// moment is one at which a run may end itself.
type moment struct {
	instant crash.Instant
	after   bool
}

func before(i crash.Instant) moment { return moment{i, false} }
func after(i crash.Instant) moment  { return moment{i, true} }

// String is what it is called in the account of a campaign.
func (m moment) String() string {
	if m.after {
		return "after " + string(m.instant)
	}
	return "before " + string(m.instant)
}

// moments are those that a run of the case comes to. That after some instant
// is missing which is the one before the next.
func (p *plan) moments() []moment {
	list := []moment{before(crash.Read), after(crash.Read), after(crash.Rows), before(crash.Dead), before(crash.Progress), before(crash.Commit), after(crash.Commit)}
	switch p.sink {
	case sinkSQLite:
		list = append(list, before(crash.Begin), after(crash.Begin))
		if p.way == wayRun {
			list = append(list, before(crash.Close), after(crash.Close))
		}
	case sinkPostgres:
		list = append(list, before(crash.Rows), before(crash.Answer))
		if p.layout.keyed() {
			list = append(list, before(crash.Upsert), after(crash.Upsert))
		}
	case sinkNDJSON:
		return p.fileMoments()
	}
	if p.heavy { // which few cases are
		return []moment{before(crash.Checkpoint), after(crash.Checkpoint)}
	}
	if p.deadFile { // which few cases have
		file := []moment{before(crash.Write), before(crash.Write), after(crash.Write), before(crash.Sync), after(crash.Sync)}
		list = append(file, list...)
	}
	return list
}

func (p *plan) fileMoments() []moment {
	list := []moment{
		before(crash.Write), before(crash.Read), before(crash.Sync), after(crash.Sync), before(crash.Vouch), before(crash.Write), after(crash.Vouch),
		after(crash.Read), after(crash.Write), before(crash.SyncDir), before(crash.Write), after(crash.SyncDir),
	}
	if p.rotates() {
		for i := 0; i < len(list); i += 6 {
			list = slices.Insert(list, i, before(crash.Rotate), after(crash.Rotate))
		}
	}
	return list
}

// rare is how many runs a case begins with that end at moments which few others
// have: with those in front, and the cuts between.
func (p *plan) rare() int {
	switch {
	case p.heavy:
		return 2
	case p.deadFile && p.sink != sinkNDJSON:
		return 7
	}
	return 0
}

// cuts are the moments of a run after one that left half a line behind.
var cuts = []moment{before(crash.Truncate), after(crash.Truncate)}

// replayMoments are those that a replay comes to.
func (p *plan) replayMoments() []moment {
	list := []moment{
		before(crash.Claim), after(crash.Claim), after(crash.Rows), before(crash.Letters), after(crash.Letters), before(crash.Commit), after(crash.Commit),
	}
	if p.sink == sinkPostgres {
		list = append(list, before(crash.Answer))
	}
	return list
}

// spec says which time of the moment it is, and how long the run goes on from
// there: mostly an early one, half of them with a delay, so that it ends in the
// middle of what comes then.
func (m moment) spec(rng *rand.Rand) crash.Spec {
	s := crash.Spec{Instant: m.instant, After: m.after, Count: 1 + rng.IntN(1+rng.IntN(4))}
	switch m.instant {
	case crash.Close, crash.Truncate, crash.Rotate, crash.Checkpoint:
		s.Count = 1 // some runs come to it once only
	case crash.Write:
		s.Count = 1 + rng.IntN(2)
	case crash.Sync, crash.Vouch, crash.SyncDir:
		s.Count = 1 + rng.IntN(2)
	case crash.Claim, crash.Letters:
		s.Count = 1 + rng.IntN(2)
	}
	if rng.IntN(2) == 0 && m != before(crash.Write) { // which is to leave half a line
		s.Delay = time.Duration(rng.IntN(1+rng.IntN(2000))) * time.Microsecond
	}
	return s
}
