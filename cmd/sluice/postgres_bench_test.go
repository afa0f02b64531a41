package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"sluice/stages/persist/postgrestest"
	"sluice/stages/persist/sidebyside"
)

// storedRecords is how many records BenchmarkPostgres stores in each turn: so many
// that the server has to write what it keeps.
const storedRecords = 1_000_000

// BenchmarkPostgres is the whole command into PostgreSQL and psql's \copy of the
// finished rows into the same table, in turns, with synced commits. It reports
// what the command has of the speed of \copy, which has only to store. The original
// line is a column of either type; the server parses it where that is jsonb.
func BenchmarkPostgres(b *testing.B) {
	server := postgrestest.Start(b, "fsync=on", "shared_buffers=1GB", "max_wal_size=4GB")
	url, lines := server.URL("postgres"), eventLines()
	psql := func(command string) {
		if out, err := exec.Command(filepath.Join(server.Bin(), "psql"), "-q", url, "-c", command).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	writeJob(b, benchSteps+fmt.Sprintf("  sink: %q\n", url)+benchColumns+"  raw: raw\n")
	runJob(b, lines, storedRecords) // makes the table
	rows := filepath.Join(b.TempDir(), "rows")
	psql(`\copy events to '` + rows + `'`)

	for _, raw := range []string{"text", "jsonb"} {
		b.Run(raw, func(b *testing.B) {
			server.Exec(url, "TRUNCATE events", "ALTER TABLE events ALTER raw TYPE "+raw+" USING raw::"+raw)
			empty := func() { server.Exec(url, "TRUNCATE events", "CHECKPOINT") }
			whole := &sidebyside.Rival{Name: "run", Before: empty, Work: func() { runJob(b, lines, storedRecords) }}
			stored := &sidebyside.Rival{Name: "copy", Before: empty, Work: func() { psql(`\copy events from '` + rows + `'`) }}
			race := sidebyside.New(whole, stored)
			for b.Loop() {
				race.Turn()
			}
			race.Report(b, storedRecords)
			b.ReportMetric(race.Ratio(whole, stored), "run/copy")
		})
	}
}
