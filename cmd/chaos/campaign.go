//go:build unix

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// campaign makes cases, one after another.
type campaign struct {
	options
	out    io.Writer
	sinks  []string
	server *server // nil until a case needs it
	paces  map[string]*pace
	cases  map[string]int
	kills  map[string]int
	how    map[string]int
	fences int
	began  time.Time
}

func newCampaign(o options, out io.Writer) (*campaign, error) {
	if _, err := os.Stat(o.binary); err != nil {
		return nil, fmt.Errorf("%w: build it with: go build -tags chaos -o %s ./cmd/sluice", err, o.binary)
	}
	c := &campaign{
		options: o, out: out, sinks: []string{o.sink},
		paces: map[string]*pace{}, cases: map[string]int{}, kills: map[string]int{}, how: map[string]int{}, began: time.Now(),
	}
	if o.sink == "all" {
		c.sinks = sinkNames()
	}
	for _, name := range c.sinks {
		c.paces[name] = firstPace()
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "sluicechaos")
		if err != nil {
			return nil, err
		}
		c.dir = dir
	}
	return c, os.MkdirAll(c.dir, 0o755)
}

func (c *campaign) close() error {
	if c.server != nil {
		return c.server.remove()
	}
	return nil
}

// run makes cases until there were enough kills. The first case that fails ends
// it.
func (c *campaign) run() error {
	fmt.Fprintf(c.out, "seed %d, %d kills, sinks: %s\n", c.seed, c.options.kills, strings.Join(c.sinks, ", "))
	total := 0
	for i := 0; total < c.options.kills; i++ {
		n, err := c.one(c.seed+uint64(i), c.sinks[i%len(c.sinks)])
		if err != nil {
			return err
		}
		total += n
	}
	for _, name := range c.sinks {
		fmt.Fprintf(c.out, "%-8s %5d kills in %d cases\n", name, c.kills[name], c.cases[name])
	}
	for _, how := range slices.Sorted(maps.Keys(c.how)) {
		fmt.Fprintf(c.out, "  %-18s %5d\n", how, c.how[how])
	}
	if c.fences > 0 {
		fmt.Fprintf(c.out, "%d runs were refused while the server was at the COMMIT of a killed one\n", c.fences)
	}
	fmt.Fprintf(c.out, "each line exactly once, or at least once in a file, in %s\n", time.Since(c.began).Round(time.Second))
	return os.RemoveAll(c.dir)
}

// one makes the case of a seed and returns how many kills it had.
func (c *campaign) one(seed uint64, name string) (int, error) {
	if name == sinkPostgres && c.server == nil {
		var err error
		if c.server, err = newServer(); err != nil {
			return 0, err
		}
	}
	dir := filepath.Join(c.dir, fmt.Sprintf("%s-%d", name, seed))
	t, err := newTrial(seed, name, c.binary, dir, c.paces[name], c.server)
	if err != nil {
		return 0, fmt.Errorf("make the case of seed %d: %w", seed, err)
	}
	began := time.Now()
	if err := t.run(); err != nil {
		return 0, c.failed(t, err)
	}
	fmt.Fprintf(c.out, "%d %s %s: %d lines in %d files, %d kills, %s\n", seed, name, t.layout, len(t.lines), len(t.files), t.kills, time.Since(began).Round(time.Millisecond))
	c.cases[name]++
	c.kills[name] += t.kills
	c.fences += t.fences
	for how, n := range t.how {
		c.how[how] += n
	}
	return t.kills, errors.Join(t.sink.close(), os.RemoveAll(dir))
}

// failed says all that is needed to look into a case and to run it again.
func (c *campaign) failed(t *trial, err error) error {
	var b strings.Builder
	fmt.Fprintf(&b, "the case of seed %d, %s, %s failed:\n%v\n\nits runs into %s:\n", t.seed, t.name, t.layout, err, t.sink.url())
	for i, entry := range t.log {
		fmt.Fprintf(&b, "%4d  %s\n", i+1, entry)
	}
	fmt.Fprintf(&b, "\nits files are in %s\nrun it again: make chaos SEED=%d SINK=%s KILLS=1", t.dir, t.seed, t.name)
	return errors.Join(errors.New(b.String()), os.WriteFile(filepath.Join(t.dir, "runs.txt"), []byte(b.String()), 0o644))
}
