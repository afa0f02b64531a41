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
)

// patience is how long a run may take that nobody kills.
const patience = 2 * time.Minute

// trial is one case: an input, a sink, and runs until the end.
type trial struct {
	plan
	rng      *rand.Rand // of the run that is next
	dir      string
	binary   string
	pace     *pace
	now      variation
	lines    []line
	files    []string // the arguments of a run that name the input
	writer   *writer  // of a log that is followed
	target   sink
	server   *server // of PostgreSQL; nil for another sink
	quota    int     // kills that are wanted
	runs     int
	turn     int      // which of the moments is next
	first    []string // moments that come before others
	wants    []string // those of them that are left
	torn     bool     // a run ended in the middle of a line
	cut      int      // which of cuts is next
	rare     int      // runs that still have to end at moments that few cases have
	kills    int
	how      map[string]int // kills by how they came
	events   map[string]int // what else was done
	replayed bool           // the dead letters were
	pending  bool           // a killed run's transaction may be under way at the server
	log      []string
}

// newTrial makes the case of a seed.
func newTrial(p plan, binary, dir string, pace *pace, s *server) (*trial, error) {
	t := &trial{plan: p, binary: binary, dir: dir, pace: pace, how: map[string]int{}, events: map[string]int{}}
	t.turn, t.cut = int(p.seed%1e9*5), int(p.seed%2)
	t.shake()
	t.quota = 5 + t.rng.IntN(8)
	if t.rare = p.rare(); t.rare > 0 {
		t.turn, t.quota = -1, max(t.quota, t.rare+1)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := t.input(); err != nil {
		return nil, err
	}
	var err error
	switch p.sink {
	case sinkSQLite:
		t.target = newSQLiteSink(dir, p.deadFile)
	case sinkNDJSON:
		t.target = &ndjsonSink{dir, p.options}
	case sinkPostgres:
		t.server = s
		t.target, err = newPostgresSink(s, fmt.Sprintf("case%d", p.seed), p.layout, dir, p.deadFile)
	}
	return t, err
}

// shake makes the dice of the next run: they come from the seed and the number of
// the run, so that what one run takes of them changes nothing about the next.
func (t *trial) shake() {
	t.rng = rand.New(rand.NewPCG(t.seed, uint64(t.sink[0])<<32|uint64(t.runs)))
	t.runs++
}

// input makes the lines, and the files that are there from the start.
func (t *trial) input() (err error) {
	n, pad := 3000+t.rng.IntN(12000), 0
	switch {
	case t.way == wayFollow:
		n = 3000 + t.rng.IntN(4000)
	case t.heavy:
		n, pad = 16000, longLine-600
	case t.plan.sink == sinkNDJSON:
		n *= 3 // files are fast
	}
	t.lines = newInput(t.rng, n, pad)
	if t.way == wayFollow {
		t.writer, err = newWriter(t.rng, t.dir, t.lines, int(t.seed%4))
		t.files = []string{"log/app.ndjson"}
		if t.seed%2 == 0 {
			t.files = []string{"log/app.ndjson*"}
		}
		return err
	}
	t.files, err = writeInput(t.rng, t.dir, t.lines)
	return err
}

// run does the whole case. The error has all that is wrong.
func (t *trial) run() error {
	steps := []func() error{t.killing, t.finish, t.judge, t.nothingNew, t.judge}
	if !t.deadFile {
		steps = append(steps, t.replay, t.judge)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// killing does runs that are to be killed.
func (t *trial) killing() error {
	if t.writer != nil {
		defer t.writer.hurry()
		if err := t.acquaint(); err != nil {
			return err
		}
		t.writer.start()
	}
	for t.kills < t.quota {
		over, err := t.once()
		if err != nil {
			return err
		}
		if over {
			break
		}
	}
	return nil
}

// finish goes on until all of the input is there.
func (t *trial) finish() error {
	if t.way == wayRun {
		return t.finishRun()
	}
	return t.finishStanding()
}

// configure writes the configuration of the next run.
func (t *trial) configure() error {
	t.shake()
	if t.rng.IntN(2) == 0 || t.now.depth == 0 {
		t.now = t.now.next(t.rng, t.steady)
	}
	return t.writeConfig(true)
}

func (t *trial) writeConfig(held bool) error {
	return os.WriteFile(filepath.Join(t.dir, "sluice.yaml"), []byte(t.now.yaml(&t.plan, t.target.url(), held)), 0o644)
}

// command is what is killed.
func (t *trial) command() []string {
	switch t.way {
	case wayFollow:
		return append([]string{"run", "--follow"}, t.files...)
	case wayServe:
		return append([]string{"serve", "--listen", "127.0.0.1:0"}, t.files...)
	default:
		return append([]string{"run"}, t.files...)
	}
}

func (t *trial) start(crashAt string) (*child, error) {
	return startChild(t.binary, t.dir, crashAt, t.command()...)
}

func (t *trial) note(format string, args ...any) { t.log = append(t.log, fmt.Sprintf(format, args...)) }

// settle counts how a run ended, and says whether it was at the end of its input.
func (t *trial) settle(c *child) (over bool, err error) { return t.settleAs("", c) }

func (t *trial) settleAs(prefix string, c *child) (over bool, err error) {
	pending := t.pending
	t.pending = c.killed()
	switch {
	case c.killed() && c.took >= patience:
		return false, fmt.Errorf("a run did not end within %s", patience)
	case c.killed():
		t.kills++
		how := c.how()
		if how == howRandom {
			prefix = ""
		}
		t.how[prefix+how]++
		if how == "before write" {
			t.torn = true
		}
		return false, nil
	case c.code() == 0:
		return true, nil
	case pending && t.server != nil && isRefused(c):
		// The server was still at the COMMIT of the process that was killed.
		t.events["a run was refused while the server was at the COMMIT of a killed one"]++
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

// nothingNew runs once more, which must find that all is done.
func (t *trial) nothingNew() error {
	if t.way == wayFollow {
		return nil // it says nothing of files that go on
	}
	c, err := startChild(t.binary, t.dir, "", append([]string{"run"}, t.files...)...)
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
	s, err := t.target.read(t.layout)
	if err != nil {
		return fmt.Errorf("read what is stored: %w", err)
	}
	err = t.oracle().judge(s)
	if err != nil {
		err = errors.Join(err, s.write(t.dir))
	}
	return err
}

func (t *trial) oracle() *oracle {
	o := &oracle{lines: t.lines, layout: t.layout, steady: t.steady, replayed: t.replayed, lettersRepeat: t.deadFile}
	o.byValue, o.repeats = t.target.facts()
	if t.layout != layoutWhole {
		o.byValue = false // the line is there as it came
	}
	return o
}
