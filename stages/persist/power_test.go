package persist

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

var (
	powerCuts = flag.Int("power.cuts", 100, "how often the power is lost")
	powerSeed = flag.Uint64("power.seed", 1, "of what is chosen by chance")
)

const powerRecords = 300

// powered is an NDJSON file that is written record by record, over a layer that
// may record what is done.
type powered struct {
	*fixture
	fsys   disk.FS
	chance *rand.Rand
}

// goOn writes from the stored progress to the end, in groups of up to 40, and
// calls settled with how far that is settled. Every 50th record is a dead letter.
func (p *powered) goOn(settled func(int64)) (start int64) {
	p.t.Helper()
	o, err := open(p.t.Context(), p.cfg, p.fsys)
	if err != nil {
		p.t.Fatal(err)
	}
	at := pipeline.Progress{Source: "s"}
	for _, stored := range p.progress(o) {
		at = stored
	}
	start = at.Frontier
	for n := start; n < powerRecords; {
		var lines []string
		first := n
		for range min(int64(1+p.chance.IntN(40)), powerRecords-n) {
			lines = append(lines, fmt.Sprintf(`{"n":%d,"pad":"%0100d"}`, n, n))
			n++
		}
		b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
		for i := range b.Len() {
			if (first+int64(i))%50 == 7 {
				b.Record(i).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema, Message: "no"})
			}
		}
		if err := o.Encoder().Process(p.t.Context(), b); err != nil {
			p.t.Fatal(err)
		}
		at.Frontier = n
		done, err := o.Sink().Write(p.t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{at}})
		if err != nil {
			p.t.Fatal(err)
		}
		if done {
			settled(n)
		}
		p.now = p.now.Add(300 * time.Millisecond)
	}
	p.flush(o)
	settled(powerRecords)
	p.close(o)
	return start
}

// Whenever the power goes, each settled record is there, whole lines are all
// there is, and the run that goes on ends with each record at least once.
func TestALossOfPowerLosesNothingThatAFileHasSynced(t *testing.T) {
	power := disktest.NewPower()
	f := &fixture{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	f.cfg = Config{Sink: "ndjson://out.ndjson", Dir: t.TempDir(), Now: func() time.Time { return f.now }}
	chance := rand.New(rand.NewPCG(*powerSeed, 3))
	(&powered{f, power.FS(disk.OS), chance}).goOn(power.Mark)
	again := 0
	for cut := range *powerCuts {
		at := chance.IntN(power.Steps() + 1)
		f.cfg.Dir = t.TempDir()
		settled, err := power.Cut(at, chance, f.cfg.Dir)
		if err != nil {
			t.Fatal(err)
		}
		start := (&powered{f, disk.OS, chance}).goOn(func(int64) {})
		if start < settled {
			t.Errorf("goes on from %d, and %d were settled", start, settled)
		}
		again += f.eachOnceOrMore()
		if t.Failed() {
			t.Fatalf("cut %d, after step %d of %d; -power.seed=%d", cut, at, power.Steps(), *powerSeed)
		}
	}
	t.Logf("%d cuts among %d steps; %d lines came again", *powerCuts, power.Steps(), again)
}

// eachOnceOrMore fails unless each record is among the rows or the dead letters,
// and returns how many more lines there are.
func (f *fixture) eachOnceOrMore() (more int) {
	f.t.Helper()
	times := map[int64]int{}
	for _, name := range []string{"out.ndjson", DefaultDeadLetters} {
		text, err := os.ReadFile(filepath.Join(f.cfg.Dir, name))
		if err != nil {
			f.t.Error(err)
			return 0
		}
		for line := range bytes.Lines(text) {
			var row struct {
				N      *int64 `json:"n"`
				Record string `json:"record"`
			}
			err := json.Unmarshal(line, &row)
			if err == nil && row.N == nil {
				err = json.Unmarshal([]byte(row.Record), &row)
			}
			if err != nil || row.N == nil {
				f.t.Errorf("%s: line %.100q: %v", name, line, err)
				return 0
			}
			if times[*row.N]++; times[*row.N] > 1 {
				more++
			}
		}
	}
	if len(times) != powerRecords {
		f.t.Errorf("%d records, expected %d", len(times), powerRecords)
	}
	return more
}
