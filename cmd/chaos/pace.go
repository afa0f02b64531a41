//go:build unix

package main

import (
	"math/rand/v2"
	"time"
)

// pace is how fast runs into a sink go on this machine, as far as is known. It
// decides when to kill, and nothing else.
type pace struct {
	start time.Duration // until the first record
	all   time.Duration // from there to the end of a whole input
}

// firstPace is a guess; learn corrects it.
func firstPace() *pace { return &pace{start: 30 * time.Millisecond, all: 200 * time.Millisecond} }

// next chooses when to kill, if that is to be done kills times until the end:
// now and then before there is anything, else somewhere in what a run would do of its
// share.
func (p *pace) next(rng *rand.Rand, kills int) time.Duration {
	if rng.IntN(6) == 0 {
		return time.Duration(rng.Int64N(int64(p.start) + 1))
	}
	share := 2 * int64(p.all) / int64(kills)
	return p.start + time.Duration(rng.Int64N(share+1))
}

// learn notes whether a run was over before its kill came.
func (p *pace) learn(over bool) {
	if over {
		p.all = max(p.all*8/10, 20*time.Millisecond)
		p.start = max(p.start*9/10, 5*time.Millisecond)
	} else {
		p.all = min(p.all*103/100, 10*time.Second)
		p.start = min(p.start*101/100, time.Second)
	}
}
