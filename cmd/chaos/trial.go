//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sluice/stages/crash"
)

// patience is how long a run may take that nobody kills.
const patience = 2 * time.Minute

// trial is one case: an input, a sink, and runs until the end.
type trial struct {
	seed      uint64
	name      string // of the sink
	rng       *rand.Rand
	dir       string
	binary    string
	pace      *pace
	layout    layout
	steady    bool // the variation stays as it is
	now       variation
	lines     []line
	files     []string
	sink      sink
	server    *server // of PostgreSQL; nil for another sink
	quota     int     // kills that are wanted
	kills     int
	how       map[string]int // kills by how they came
	replayed  bool           // the dead letters were
	fences    int            // runs refused because a killed one's transaction was still under way
	unsettled bool           // the last run was killed
	log       []string
}

// newTrial makes the case of a seed.
func newTrial(seed uint64, name, binary, dir string, pace *pace, s *server) (*trial, error) {
	t := &trial{seed: seed, name: name, binary: binary, dir: dir, pace: pace, how: map[string]int{}}
	t.rng = rand.New(rand.NewPCG(seed, uint64(name[0])))
	t.layout = []layout{layoutWhole, layoutColumns, layoutUpsert}[t.rng.IntN(3)]
	if name == sinkNDJSON && t.layout == layoutUpsert {
		t.layout = layoutColumns
	}
	// Only a whole record has its lane beside it; with any other, and for the
	// rows of one key, lanes are known from outside when the rule stays.
	t.steady = t.layout != layoutWhole || name == sinkNDJSON || t.rng.IntN(3) == 0
	t.now.max = limits[t.rng.IntN(len(limits))]
	t.quota = 4 + t.rng.IntN(9)
	n := 4000 + t.rng.IntN(16000)
	switch {
	case name == sinkSQLite && t.rng.IntN(5) == 0:
		n *= 6 // so that the log is carried over in the middle of a run
	case name == sinkNDJSON:
		n *= 4 // files are fast
	}
	t.lines = newInput(t.rng, n)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	var err error
	if t.files, err = writeInput(t.rng, dir, t.lines); err != nil {
		return nil, err
	}
	switch name {
	case sinkSQLite:
		t.sink = newSQLiteSink(dir)
	case sinkNDJSON:
		t.sink = &ndjsonSink{dir, fileOptions[t.rng.IntN(len(fileOptions))]}
	case sinkPostgres:
		t.server = s
		t.sink, err = newPostgresSink(s, fmt.Sprintf("case%d", seed), t.layout)
	}
	return t, err
}

// run does the whole case. The error has all that is wrong.
func (t *trial) run() error {
	for t.kills < t.quota {
		over, err := t.once()
		if err != nil {
			return err
		}
		if over {
			break
		}
	}
	if err := t.finish(); err != nil {
		return err
	}
	if err := t.judge(); err != nil {
		return err
	}
	if err := t.nothingNew(); err != nil {
		return err
	}
	if err := t.judge(); err != nil || t.name == sinkNDJSON {
		return err
	}
	if err := t.replay(); err != nil {
		return err
	}
	t.replayed = true
	return t.judge()
}

// once does a run that is to be killed, or two at once, and says whether the
// input is at its end.
func (t *trial) once() (over bool, err error) {
	if err := t.vary(); err != nil {
		return false, err
	}
	switch n := t.rng.IntN(12); {
	case n == 0:
		return t.together(t.command()...)
	case n == 1 && t.server != nil:
		return t.disturbed(t.outage, t.pace.next(t.rng, t.quota))
	case n == 2 && t.server != nil:
		return t.disturbed(t.cuts, t.pace.next(t.rng, t.quota))
	case n < 9:
		return t.atInstant()
	default:
		return t.atRandom()
	}
}

// vary writes the configuration of the next run.
func (t *trial) vary() error {
	if !t.steady && t.rng.IntN(2) == 0 {
		t.now = variation{rule: t.rng.IntN(len(rules)), max: limits[t.rng.IntN(len(limits))]}
	}
	return os.WriteFile(filepath.Join(t.dir, "sluice.yaml"), []byte(t.now.yaml(t.layout, t.sink.url(), true)), 0o644)
}

func (t *trial) start(crashAt string) (*child, error) {
	return startChild(t.binary, t.dir, crashAt, t.command()...)
}

func (t *trial) command() []string { return append([]string{"run"}, t.files...) }

func (t *trial) note(format string, args ...any) { t.log = append(t.log, fmt.Sprintf(format, args...)) }

func (t *trial) atRandom() (bool, error) {
	c, err := t.start("")
	if err != nil {
		return false, err
	}
	c.killAfter(t.pace.next(t.rng, t.quota))
	t.pace.learn(!c.killed())
	t.note("killed at random, %+v: %s", t.now, c)
	return t.settle(c)
}

func (t *trial) atInstant() (bool, error) {
	at := newInstant(t.rng, t.name)
	if t.name == sinkSQLite && len(t.lines) > 40_000 && t.rng.IntN(2) == 0 {
		at = crash.Spec{Instant: crash.Checkpoint, After: t.rng.IntN(2) == 0, Count: 1 + t.rng.IntN(2), Delay: time.Duration(t.rng.IntN(5000)) * time.Microsecond}
	}
	c, err := t.start(at.String())
	if err != nil {
		return false, err
	}
	if t.rng.IntN(3) == 0 {
		c.killAfter(4 * t.pace.next(t.rng, t.quota)) // it may be late to come, or not come at all
	} else {
		c.killAfter(patience)
	}
	t.note("to end %s, %+v: %s", at, t.now, c)
	return t.settle(c)
}

// together starts two processes that do the same. At most one may be refused,
// and either may be killed.
func (t *trial) together(args ...string) (bool, error) {
	var both [2]*child
	for i := range both {
		c, err := startChild(t.binary, t.dir, "", args...)
		if err != nil {
			return false, err
		}
		both[i] = c
	}
	limits := [2]time.Duration{patience, patience}
	if t.rng.IntN(2) == 0 {
		limits[t.rng.IntN(2)] = t.pace.next(t.rng, t.quota)
	}
	if limits[0] < limits[1] {
		both[0].killAfter(limits[0])
		both[1].killAfter(limits[1])
	} else {
		both[1].killAfter(limits[1])
		both[0].killAfter(limits[0])
	}
	over, refused := false, 0
	for _, c := range both {
		t.note("one of two, %+v: %s", t.now, c)
		if isRefused(c) {
			refused++
			continue
		}
		done, err := t.settle(c)
		if err != nil {
			return false, err
		}
		over = over || done
	}
	if refused == 2 {
		return false, errors.New("of two processes both were refused; expected that one goes on")
	}
	return over, nil
}

// settle counts how a run ended, and says whether it was at the end of its input.
func (t *trial) settle(c *child) (over bool, err error) {
	before := t.unsettled
	t.unsettled = c.killed()
	switch {
	case c.killed() && c.took >= patience:
		return false, fmt.Errorf("a run did not end within %s", patience)
	case c.killed():
		t.kills++
		t.how[c.how()]++
		return false, nil
	case c.code() == 0:
		return true, nil
	case before && t.server != nil && isRefused(c):
		// The server was still at the COMMIT of the process that was killed.
		t.fences++
		return false, nil
	default:
		return false, errors.New("a run failed that nobody killed")
	}
}

// isRefused says whether a run ended because another process has its source.
func isRefused(c *child) bool {
	text := c.stderr.String()
	return c.code() == 1 && (strings.Contains(text, "another process owns this source") || strings.Contains(text, "locked by another process"))
}

// finish runs until the end of the input; a PostgreSQL may fail meanwhile, and
// the run has to outlive that.
func (t *trial) finish() error {
	for range 5 {
		if err := t.vary(); err != nil {
			return err
		}
		disturb := func(*child) error { return nil }
		if t.server != nil {
			disturb = []func(*child) error{disturb, t.outage, t.cuts}[t.rng.IntN(3)]
		}
		over, err := t.disturbed(disturb, patience)
		if over || err != nil {
			return err
		}
	}
	return errors.New("the run was refused again and again")
}

// nothingNew runs once more, which must find that all is done.
func (t *trial) nothingNew() error {
	c, err := t.start("")
	if err != nil {
		return err
	}
	c.killAfter(patience)
	t.note("once more: %s", c)
	if c.code() != 0 {
		return errors.New("a run of finished files failed")
	}
	for _, name := range t.files {
		if !strings.Contains(c.stderr.String(), name+": already done, 0 new") {
			return fmt.Errorf("a run of finished files does not say that %s is done", name)
		}
	}
	return nil
}

// judge reads what is stored and asks the oracle.
func (t *trial) judge() error {
	s, err := t.sink.read(t.layout)
	if err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	o := oracle{lines: t.lines, layout: t.layout, steady: t.steady, replayed: t.replayed}
	o.byValue, o.repeats = t.sink.facts()
	if t.layout != layoutWhole {
		o.byValue = false // the line is there as it came
	}
	err = o.judge(s)
	if err != nil {
		err = errors.Join(err, s.write(t.dir))
	}
	return err
}
