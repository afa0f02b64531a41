//go:build unix

package main

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// replayKills is how often a replay is killed at most.
const replayKills = 4

// replay sends the dead letters through again without the rule that has held
// some of them back, and kills that, too.
func (t *trial) replay() error {
	t.replayed = true
	if err := t.writeConfig(false); err != nil {
		return err
	}
	for range 1 + t.rng.IntN(replayKills) {
		t.shake()
		if _, err := t.replayOnce(); err != nil {
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
	at := func() string { return t.take(inReplay, t.replayMoments()).spec(t.rng).String() }
	switch n := t.rng.IntN(8); {
	case n == 0:
		t.events["two replays at once"]++
		return t.pair("dead", "replay")
	case n < 4:
		return t.replayRun(at(), patience)
	case n < 7:
		return t.replayThrough(at())
	default:
		return t.replayRun("", t.limit())
	}
}

// replayRun does it by the command alone, straight in the database.
func (t *trial) replayRun(crashAt string, limit time.Duration) (over bool, err error) {
	c, err := startChild(t.binary, t.dir, crashAt, "dead", "replay")
	if err != nil {
		return false, err
	}
	c.killAfter(limit)
	t.note("replay to end %q: %s", crashAt, c)
	return t.settleAs(inReplay, c)
}

// replayThrough does it through the API of a process that goes on beside.
func (t *trial) replayThrough(crashAt string) (over bool, err error) {
	c, err := startChild(t.binary, t.dir, crashAt, "serve", "--listen", "127.0.0.1:0")
	if err != nil {
		return false, err
	}
	asked := ""
	if url := c.url(); url != "" {
		asker, err := startChild(t.binary, t.dir, "", "dead", "replay", "--url", url)
		if err != nil {
			c.kill()
			return false, err
		}
		asker.killAfter(patience)
		asked = asker.String()
		if asker.code() == 0 {
			t.events["a replay through a running process came to its end"]++
		} else if !strings.Contains(asked, "exit 1") {
			err = fmt.Errorf("a replay through a running process: %s", asked)
		}
		if err != nil {
			c.kill()
			return false, err
		}
	}
	c.terminate()
	t.note("serve to end %q: %s; replay through it: %s", crashAt, c, asked)
	return t.settleAs(inReplay, c)
}
