//go:build unix

package main

import (
	"errors"
	"fmt"
	"time"
)

// lookEvery is how often it is looked at what a standing process has stored.
const lookEvery = 100 * time.Millisecond

// stoppedEarly is the exit code of a process that was told to end before its run
// was open.
const stoppedEarly = 5

// ended starts a process that has no end of its own and ends it in order.
func (t *trial) ended() (bool, error) {
	c, err := t.start("")
	if err != nil {
		return false, err
	}
	if !c.endAfter(t.limit()) {
		c.terminate()
	}
	t.note("ended in order, %s: %s", t.now, c)
	t.events["a process was ended in order"]++
	if c.code() == stoppedEarly {
		return false, nil
	}
	_, err = t.settle(c)
	return false, err
}

// acquaint has a process store the progress of a log's first lines. A log of
// which no progress is stored is a new one after it was rotated, and what was rotated
// away is nobody's.
func (t *trial) acquaint() error {
	if err := t.writer.first(); err != nil {
		return err
	}
	for range 20 {
		if err := t.configure(); err != nil {
			return err
		}
		if _, err := t.ended(); err != nil {
			return err
		}
		if s, err := t.target.read(t.layout); err == nil && len(s.rows)+len(s.dead) > 0 {
			return nil
		}
	}
	return errors.New("no run has stored a line")
}

// finishStanding goes on until a process that has no end of its own has stored
// all there is, and ends it in order.
func (t *trial) finishStanding() error {
	if t.writer != nil {
		if err := t.writer.wait(); err != nil {
			return err
		}
	}
	for range 5 {
		if err := t.configure(); err != nil {
			return err
		}
		c, err := t.start("")
		if err != nil {
			return err
		}
		t.awaitAll(c)
		c.terminate()
		t.note("to the end, %s: %s", t.now, c)
		over, err := t.settle(c)
		if over || err != nil {
			return err
		}
	}
	return errors.New("the process was refused again and again")
}

// awaitAll waits until the oracle has nothing to say, or has had something to
// say for too long: what that is comes out when the process has ended.
func (t *trial) awaitAll(c *child) {
	o := t.oracle()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for limit := time.Now().Add(patience / 4); time.Now().Before(limit); {
		select {
		case <-c.ended:
			return
		case <-look.C:
		}
		if s, err := t.target.read(t.layout); err == nil && o.judge(s) == nil {
			return
		}
	}
	t.note("not all is there after %s", fmt.Sprint(patience/4))
}
