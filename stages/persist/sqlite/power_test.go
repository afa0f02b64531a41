package sqlite

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/disk/disktest"
	"sluice/stages/persist/sqlite/sqlitetest"
)

var (
	powerCuts = flag.Int("power.cuts", 30, "how often the power is lost, for each setting")
	powerSeed = flag.Uint64("power.seed", 1, "of what is chosen by chance")
)

const powerRecords = 300

// feed writes the records from one number on to the end, in groups of up to 40,
// and calls stored after each. Every 50th record does not fit its column.
func feed(t *testing.T, d *DB, cfg Config, chance *rand.Rand, start pipeline.Progress, stored func(frontier int64)) {
	t.Helper()
	for n := start.Frontier; n < powerRecords; {
		var lines []string
		for range min(int64(1+chance.IntN(40)), powerRecords-n) {
			value := fmt.Sprint(n)
			if n%50 == 7 {
				value = fmt.Sprintf(`"%d"`, n)
			}
			lines = append(lines, fmt.Sprintf(`{"n":%s,"pad":"%0400d"}`, value, n))
			n++
		}
		p := start
		p.Source, p.Frontier = "s", n
		if _, err := d.Write(context.Background(), &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, lines...)}, Progress: []pipeline.Progress{p}}); err != nil {
			t.Fatal(err)
		}
		stored(n)
	}
}

// whole fails unless the database holds the rows and dead letters of the records
// below n once each, in order, and nothing else.
func whole(t *testing.T, path string, n int64) {
	t.Helper()
	var rows, dead []string
	for i := range n {
		if i%50 == 7 {
			dead = append(dead, fmt.Sprint(i))
		} else {
			rows = append(rows, fmt.Sprint(i))
		}
	}
	same := func(what, sql string, want []string) {
		if got := lookup(t, path, sql); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("below %d: %d %s, expected %d: %v", n, len(got), what, len(want), got)
		}
	}
	same("rows", `SELECT n FROM events ORDER BY rowid`, rows)
	same("dead letters", `SELECT CAST(record ->> 'n' AS INTEGER) FROM dead_letters ORDER BY id`, dead)
	if check := lookup(t, path, `PRAGMA integrity_check`); len(check) != 1 || check[0] != `"ok"` {
		t.Errorf("the database is damaged: %v", check)
	}
}

// record runs a sink over a layer that records what it does to its files.
func record(t *testing.T, cfg Config) *disktest.Power {
	t.Helper()
	power, dir := disktest.NewPower(), filepath.Dir(cfg.Path)
	sqlitetest.Watch(dir, &sqlitetest.Folder{Power: power})
	defer sqlitetest.Forget(dir)
	d := mustOpen(t, cfg)
	feed(t, d, cfg, rand.New(rand.NewPCG(*powerSeed, 0)), pipeline.Progress{}, power.Mark)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return power
}

func powerConfig(t *testing.T, synchronous string) Config {
	cfg := testConfig(t, numberColumn, "rest", "")
	cfg.Synchronous, cfg.CheckpointBytes = synchronous, 64<<10
	return cfg
}

// Whenever the power goes, rows, dead letters and progress come back together, and
// the run that goes on from there ends with each record exactly once. What was
// settled is there with synchronous full.
func TestALossOfPowerLosesAndDoublesNothing(t *testing.T) {
	for _, synchronous := range []string{"full", "normal"} {
		t.Run(synchronous, func(t *testing.T) {
			cfg := powerConfig(t, synchronous)
			power := record(t, cfg)
			chance := rand.New(rand.NewPCG(*powerSeed, 1))
			takenBack := 0
			for cut := range *powerCuts {
				at := chance.IntN(power.Steps() + 1)
				dir := t.TempDir()
				settled, _, err := power.Cut(at, chance, dir)
				if err != nil {
					t.Fatal(err)
				}
				cfg.Path = filepath.Join(dir, "events.db")
				if goOn(t, cfg, chance, settled) {
					takenBack++
				}
				if t.Failed() {
					t.Fatalf("cut %d, after step %d of %d; -power.seed=%d", cut, at, power.Steps(), *powerSeed)
				}
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d cuts among %d steps; %d of them took something settled back", *powerCuts, power.Steps(), takenBack)
			if full := synchronous == "full"; full && takenBack > 0 || !full && takenBack == 0 {
				t.Errorf("%d cuts took something settled back", takenBack)
			}
		})
	}
}

// goOn checks what a loss of power has left, runs to the end, and says whether
// something was gone that had been settled.
func goOn(t *testing.T, cfg Config, chance *rand.Rand, settled int64) (takenBack bool) {
	t.Helper()
	cfg.Synchronous = "off" // there is no second loss, and it takes less time
	d := mustOpen(t, cfg)
	var start pipeline.Progress
	all, err := d.Progress()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) > 0 {
		start = all[0]
	}
	whole(t, cfg.Path, start.Frontier)
	if t.Failed() {
		return false
	}
	feed(t, d, cfg, chance, start, func(int64) {})
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	whole(t, cfg.Path, powerRecords)
	return start.Frontier < settled
}

// Without syncs the database does not survive: the layer can lose something.
func TestTheLayerLosesWhatWasNotSynced(t *testing.T) {
	cfg := powerConfig(t, "off")
	power := record(t, cfg)
	chance := rand.New(rand.NewPCG(*powerSeed, 2))
	for range 1000 {
		dir := t.TempDir()
		settled, _, err := power.Cut(chance.IntN(power.Steps()+1), chance, dir)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Path = filepath.Join(dir, "events.db")
		d, err := Open(t.Context(), cfg)
		if err != nil {
			return // damaged
		}
		all, err := d.Progress()
		if cerr := d.Close(); err != nil || cerr != nil || settled > 0 && (len(all) == 0 || all[0].Frontier < settled) {
			return
		}
	}
	t.Error("nothing was lost in 1,000 cuts")
}
