//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// replayKills is how often a replay is killed at most.
const replayKills = 3

// replay sends the dead letters through again without the rule that has held
// some of them back, and kills that, too.
func (t *trial) replay() error {
	text := t.now.yaml(t.layout, t.sink.url(), false)
	if err := os.WriteFile(filepath.Join(t.dir, "sluice.yaml"), []byte(text), 0o644); err != nil {
		return err
	}
	for kills := t.rng.IntN(replayKills + 1); kills > 0; kills-- {
		over, err := t.replayOnce()
		if over || err != nil {
			return err
		}
	}
	for range 5 {
		over, err := t.replayRun("", patience)
		if over || err != nil {
			return err
		}
	}
	return errors.New("the replay was refused again and again")
}

// replayOnce does a replay that is to be killed, or two at once.
func (t *trial) replayOnce() (over bool, err error) {
	switch n := t.rng.IntN(5); {
	case n == 0:
		return t.together("dead", "replay")
	case n < 4:
		return t.replayRun(newInstant(t.rng, t.name).String(), patience)
	default:
		return t.replayRun("", t.pace.next(t.rng, t.quota))
	}
}

func (t *trial) replayRun(crashAt string, limit time.Duration) (over bool, err error) {
	c, err := startChild(t.binary, t.dir, crashAt, "dead", "replay")
	if err != nil {
		return false, err
	}
	c.killAfter(limit)
	t.note("replay to end %q: %s", crashAt, c)
	return t.settle(c)
}
