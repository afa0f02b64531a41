//go:build unix

package main

import (
	"math/rand/v2"
	"time"

	"sluice/stages/crash"
)

// instantsOf are those that a run into a sink comes to.
var instantsOf = map[string][]crash.Instant{
	sinkSQLite:   {crash.Read, crash.Begin, crash.Rows, crash.Dead, crash.Progress, crash.Commit, crash.Commit, crash.Checkpoint},
	sinkPostgres: {crash.Read, crash.Rows, crash.Dead, crash.Progress, crash.Commit, crash.Commit, crash.Commit},
	sinkNDJSON:   {crash.Read, crash.Write, crash.Write, crash.Sync, crash.Rename, crash.Truncate},
}

// newInstant chooses when a run is to end itself: early ones more often than
// late ones, half of them with a delay, so that it is in the middle of what
// comes then.
func newInstant(rng *rand.Rand, sink string) crash.Spec {
	choice := instantsOf[sink]
	s := crash.Spec{Instant: choice[rng.IntN(len(choice))], Count: 1 + rng.IntN(1+rng.IntN(6)), After: rng.IntN(2) == 0}
	switch s.Instant {
	case crash.Rows:
		s.After = true
	case crash.Dead, crash.Progress:
		s.After = false // their After is the next one's Before
	case crash.Sync, crash.Rename, crash.Truncate:
		s.Count = 1 + rng.IntN(3) // a run into a file has few
	}
	if rng.IntN(2) == 0 {
		s.Delay = time.Duration(rng.IntN(1+rng.IntN(2000))) * time.Microsecond
	}
	return s
}
