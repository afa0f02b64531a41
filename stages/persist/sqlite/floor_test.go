package sqlite

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/row"
)

// stretch is how many groups one rival writes before the next has its turn: so
// many that each of its checkpoints falls into some.
const stretch = 100

// rival is one way to store the same group of ready-made rows again and again.
type rival struct {
	name  string
	write func()
	times []time.Duration // of each group
}

func (r *rival) run() {
	for range stretch {
		begun := time.Now()
		r.write()
		r.times = append(r.times, time.Since(begun))
	}
}

// sum returns the time of stretch i.
func (r *rival) sum(i int) (sum time.Duration) {
	for _, d := range r.times[i*stretch:][:stretch] {
		sum += d
	}
	return sum
}

// BenchmarkSideBySide is the sink, the same with SQLite's own checkpoints, and a
// bare loop of the same inserts, in turns. It reports each one's rows a second
// and latency of a group, and what the sink has of the loop's speed: the median
// over the turns.
func BenchmarkSideBySide(b *testing.B) {
	sink := &rival{name: "sink", write: sinkLoop(b, 0)}
	within := &rival{name: "within", write: sinkLoop(b, checkpointBytes)}
	bare := &rival{name: "bare", write: bareLoop(b)}
	all := []*rival{sink, within, bare}
	turns := 0
	for b.Loop() {
		for i := range all {
			all[(turns+i)%len(all)].run()
		}
		turns++
	}
	for _, r := range all {
		var total time.Duration
		for _, d := range r.times {
			total += d
		}
		b.ReportMetric(float64(len(r.times))*1024/total.Seconds(), r.name+"-rows/s")
		sorted := slices.Sorted(slices.Values(r.times))
		for _, p := range []int{50, 99} {
			b.ReportMetric(float64(sorted[len(sorted)*p/100].Microseconds())/1e3, fmt.Sprintf("%s-p%d-ms", r.name, p))
		}
		b.ReportMetric(float64(sorted[len(sorted)-1].Microseconds())/1e3, r.name+"-max-ms")
	}
	b.ReportMetric(ratio(bare, sink, turns), "sink/bare")
	b.ReportMetric(ratio(within, sink, turns), "sink/within")
}

// ratio is the median over the turns of how much faster b is than a.
func ratio(a, b *rival, turns int) float64 {
	ratios := make([]float64, turns)
	for i := range ratios {
		ratios[i] = a.sum(i).Seconds() / b.sum(i).Seconds()
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// sinkLoop writes with the sink; where auto is set, SQLite makes its own
// checkpoints within COMMIT when the log has so many bytes.
func sinkLoop(b *testing.B, auto int) func() {
	cfg := testConfig(b, benchColumns, "", "raw")
	d := mustOpen(b, cfg)
	if auto > 0 {
		if err := query(d.conn, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", auto/pageSize), nil); err != nil {
			b.Fatal(err)
		}
		d.log.next = 1 << 40
	}
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	g, _ := benchGroup(b, cfg)
	return func() { store(b, d, g) }
}

// bareGroups is how many groups the bare loop puts into a transaction.
const bareGroups = 5

// bareLoop inserts one row a statement, 5,120 a transaction, with the library's
// defaults.
func bareLoop(b *testing.B) func() {
	cfg := testConfig(b, benchColumns, "", "raw")
	conn, err := sqlite.OpenConn(filepath.Join(b.TempDir(), "bare.db"), sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := conn.Close(); err != nil {
			b.Error(err)
		}
	})
	table := tableOf("events", cfg.Layout)
	for _, sql := range []string{"PRAGMA synchronous = normal", table.create()} {
		if err := query(conn, sql, nil); err != nil {
			b.Fatal(err)
		}
	}
	begin, commit, insert := conn.Prep("BEGIN"), conn.Prep("COMMIT"), conn.Prep(table.insert(1, row.ConflictUpdate))
	_, payloads := benchGroup(b, cfg)
	groups := 0
	return func() {
		var err error
		if groups%bareGroups == 0 {
			err = run(begin)
		}
		groups++
		for _, p := range payloads {
			rows := p.(*row.Rows)
			for i := range rows.Len() {
				bind(insert, 0, rows, i)
				if err == nil {
					err = run(insert)
				}
			}
		}
		if err == nil && groups%bareGroups == 0 {
			err = run(commit)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
