//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sluice/stages/persist/postgrestest"
)

// campaign makes cases, one after another.
type campaign struct {
	options
	out    io.Writer
	sinks  []string
	server *server // nil where no case needs it
	paces  map[string]*pace
	tally  *tally
	began  time.Time
}

func newCampaign(o options, out io.Writer) (*campaign, error) {
	if _, err := os.Stat(o.binary); err != nil {
		return nil, fmt.Errorf("%w: build it with: go build -tags chaos -o %s ./cmd/sluice", err, o.binary)
	}
	c := &campaign{options: o, out: out, sinks: []string{o.sink}, paces: map[string]*pace{}, tally: newTally(), began: time.Now()}
	if o.sink == "all" {
		c.sinks = sinkNames()
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "sluicechaos")
		if err != nil {
			return nil, err
		}
		c.dir = dir
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, err
	}
	return c, c.findServer()
}

// findServer starts the PostgreSQL. Without one its cases are left out where
// others remain, unless everything has to be there.
func (c *campaign) findServer() (err error) {
	i := slices.Index(c.sinks, sinkPostgres)
	if i < 0 {
		return nil
	}
	c.server, err = newServer()
	if err == nil || !errors.Is(err, postgrestest.ErrAbsent) {
		return err
	}
	if len(c.sinks) == 1 || c.complete {
		return err
	}
	fmt.Fprintf(c.out, "no cases with PostgreSQL: %v\n", err)
	c.sinks = slices.Delete(slices.Clone(c.sinks), i, i+1)
	return nil
}

func (c *campaign) close() error {
	if c.server != nil {
		return c.server.remove()
	}
	return nil
}

// run makes cases until there were enough kills; where those are many it goes on
// for a while until each named instant has had one. The first case that fails ends it.
func (c *campaign) run() error {
	fmt.Fprintf(c.out, "seed %d, %d kills, sinks: %s\n", c.seed, c.kills, strings.Join(c.sinks, ", "))
	for i := 0; c.goesOn(); i++ {
		if err := c.one(c.seed+uint64(i/len(c.sinks)), c.sinks[i%len(c.sinks)]); err != nil {
			return err
		}
	}
	c.tally.write(c.out, c.sinks)
	if err := c.tally.verdict(c.sinks); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\n%d kills in %s: each line exactly once, or at least once in a file\n", c.tally.total(), time.Since(c.began).Round(time.Second))
	return os.RemoveAll(c.dir)
}

func (c *campaign) goesOn() bool {
	total := c.tally.total()
	return total < c.kills || c.kills >= enough && total < 2*c.kills && len(c.tally.missing(c.sinks)) > 0
}

// one makes the case of a seed.
func (c *campaign) one(seed uint64, name string) error {
	p := newPlan(seed, name)
	dir := filepath.Join(c.dir, fmt.Sprintf("%s-%d", name, seed))
	speed := name + " " + string(p.way)
	if c.paces[speed] == nil {
		c.paces[speed] = firstPace()
	}
	t, err := newTrial(p, c.binary, dir, c.paces[speed], c.server)
	if err != nil {
		return fmt.Errorf("make the case of seed %d: %w", seed, err)
	}
	t.want(c.wanted(name))
	began := time.Now()
	if err := t.run(); err != nil {
		return c.failed(t, err)
	}
	fmt.Fprintf(c.out, "%s: %d lines, %d kills, %s\n", &t.plan, len(t.lines), t.kills, time.Since(began).Round(time.Millisecond))
	c.tally.add(t)
	return errors.Join(t.target.close(), os.RemoveAll(dir))
}

// wanted are the instants that a case should come to: those that no case has met
// yet, or for the first one what was asked for.
func (c *campaign) wanted(sink string) []string {
	if c.want != "" && c.tally.total() == 0 {
		return strings.Split(c.want, ",")
	}
	return c.tally.missingOf(sink)
}

// failed says all that is needed to look into a case and to run it again.
func (c *campaign) failed(t *trial, err error) error {
	var b strings.Builder
	fmt.Fprintf(&b, "the case %s failed after %d kills (%d with the cases before it):\n%v\n\nits runs into %s:\n", &t.plan, t.kills, t.kills+c.tally.total(), err, t.target.url())
	for i, entry := range t.log {
		fmt.Fprintf(&b, "%4d  %s\n", i+1, entry)
	}
	fmt.Fprintf(&b, "\nits files are in %s\nrun it again: make chaos KILLS=1 SEED=%d SINK=%s WANT=%q", t.dir, t.seed, t.sink, strings.Join(t.first, ","))
	return errors.Join(errors.New(b.String()), os.WriteFile(filepath.Join(t.dir, "runs.txt"), []byte(b.String()), 0o644))
}
