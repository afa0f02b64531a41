package sqlite

import (
	"fmt"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/row"
	"sluice/stages/persist/sidebyside"
)

// stretch is how many groups one rival writes before the next has its turn: so
// many that each of its checkpoints falls into some.
const stretch = 100

// BenchmarkSideBySide is the sink, the same with SQLite's own checkpoints, and a
// bare loop of the same inserts, in turns. It reports each one's rows a second
// and latency of a group, and what the sink has of the loop's speed: the median
// over the turns.
func BenchmarkSideBySide(b *testing.B) {
	sink := &sidebyside.Rival{Name: "sink", Work: sinkLoop(b, 0), Units: stretch}
	within := &sidebyside.Rival{Name: "within", Work: sinkLoop(b, checkpointBytes), Units: stretch}
	bare := &sidebyside.Rival{Name: "bare", Work: bareLoop(b), Units: stretch}
	race := sidebyside.New(sink, within, bare)
	for b.Loop() {
		race.Turn()
	}
	race.Report(b, 1024)
	for _, r := range []*sidebyside.Rival{sink, within, bare} {
		for name, percent := range map[string]int{"p50": 50, "p99": 99, "max": 100} {
			b.ReportMetric(float64(race.Latency(r, percent).Microseconds())/1e3, fmt.Sprintf("%s-%s-ms", r.Name, name))
		}
	}
	b.ReportMetric(race.Ratio(sink, bare), "sink/bare")
	b.ReportMetric(race.Ratio(sink, within), "sink/within")
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
