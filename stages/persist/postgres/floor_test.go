package postgres

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
	"sluice/stages/persist/row"
)

// The server as the benchmark job has it: what is committed is synced.
var benchSettings = []string{"fsync=on", "shared_buffers=1GB", "max_wal_size=4GB"}

// What each rival stores in a turn: groups as large as under full load.
const (
	groupBatches = 4096 / pipeline.MaxBatchRecords
	turnGroups   = 20
	turnRows     = turnGroups * groupBatches * pipeline.MaxBatchRecords
)

// rival is one way to store the same rows again and again.
type rival struct {
	name  string
	ready func(turn int) // makes ready, which is not timed; nil for nothing
	write func()
	times []time.Duration // of each turn
}

func (r *rival) run(turn int) {
	if r.ready != nil {
		r.ready(turn)
	}
	begun := time.Now()
	r.write()
	r.times = append(r.times, time.Since(begun))
}

// BenchmarkSideBySide is the sink without and with a key, and psql's \copy of as
// many ready-made rows in one transaction, into such tables, in turns. It reports
// each one's rows a second and what the sink has of \copy's speed: the median over
// the turns.
func BenchmarkSideBySide(b *testing.B) {
	server := postgrestest.Start(b, benchSettings...)
	keyed := append(row.Columns{{Name: "id", Type: row.TypeText, Key: true}}, benchColumns[1:]...)
	insert, upsert := sinkRival(b, server, "insert", benchColumns, ""), sinkRival(b, server, "upsert", keyed, row.ConflictUpdate)
	dead := sinkRival(b, server, "dead", keyed, row.ConflictDead)
	plain, withKey := copyRival(b, server, "copy", ""), copyRival(b, server, "keyed-copy", "PRIMARY KEY")
	all := []*rival{insert, upsert, dead, plain, withKey}
	turns := 0
	for b.Loop() {
		for i := range all {
			all[(turns+i)%len(all)].run(turns)
		}
		turns++
	}
	for _, r := range all {
		b.ReportMetric(turnRows/median(r.times, nil).Seconds(), r.name+"-rows/s")
	}
	b.ReportMetric(float64(median(plain.times, insert.times))/1e9, "insert/copy")
	b.ReportMetric(float64(median(plain.times, upsert.times))/1e9, "upsert/copy")
	b.ReportMetric(float64(median(withKey.times, upsert.times))/1e9, "upsert/keyed-copy")
	b.ReportMetric(0, "ns/op")
}

// median is that of times, or of what part each is of another, in units of 1e-9.
func median(times, of []time.Duration) time.Duration {
	values := slices.Clone(times)
	for i := range of {
		values[i] = time.Duration(1e9 * times[i].Seconds() / of[i].Seconds())
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// sinkRival writes with the sink, with a key rows of new keys only.
func sinkRival(b *testing.B, server *postgrestest.Server, name string, columns row.Columns, conflict row.Conflict) *rival {
	p := placeAt(b, server, columns, "", "raw")
	p.cfg.OnConflict = conflict
	key := ""
	if conflict != "" {
		key = "PRIMARY KEY"
	}
	p.exec(benchTable(key))
	d := p.open()
	groups := make([]*pipeline.Group, turnGroups)
	for i := range groups {
		groups[i] = benchGroup(b, d, groupBatches)
	}
	return &rival{
		name: name,
		ready: func(turn int) {
			for i, g := range groups {
				renumber(g, turn*turnGroups+i)
			}
		},
		write: func() {
			for _, g := range groups {
				store(b, d, g)
			}
		},
	}
}

// renumber gives every row of a group a key of its own: the last digits of the
// id, which is the first value of a row.
func renumber(g *pipeline.Group, group int) {
	n := group * groupBatches * pipeline.MaxBatchRecords
	for _, b := range g.Batches {
		t := b.Payload.(*tuples)
		for i := range t.ends {
			copy(t.row(i)[2+lengthSize+24:], fmt.Sprintf("%012d", n))
			n++
		}
	}
}

// copyRival is psql's \copy of rows in its text format.
func copyRival(b *testing.B, server *postgrestest.Server, name, key string) *rival {
	p := placeAt(b, server, benchColumns, "", "raw")
	p.exec(benchTable(key))
	d := p.open()
	store(b, d, benchGroup(b, d, 1))
	line := p.psql(`\copy (select * from events limit 1) to stdout`)
	p.exec("TRUNCATE events")
	file := filepath.Join(b.TempDir(), "rows")
	return &rival{
		name: name,
		ready: func(turn int) {
			var rows bytes.Buffer
			for i := range turnRows {
				rows.Write(line[:24])
				fmt.Fprintf(&rows, "%012d", turn*turnRows+i)
				rows.Write(line[36:])
			}
			if err := os.WriteFile(file, rows.Bytes(), 0o644); err != nil {
				b.Fatal(err)
			}
		},
		write: func() { p.psql(`\copy events from '` + file + `'`) },
	}
}

// psql runs a command of psql in the place and returns its output.
func (p *place) psql(command string) []byte {
	c := exec.Command(filepath.Join(p.server.Bin(), "psql"), "-qAt", p.server.URL("postgres"), "-c", command)
	c.Env = append(os.Environ(), "PGOPTIONS=-c search_path="+p.name) // psql knows no such parameter of the URL
	out, err := c.Output()
	if err != nil {
		p.Fatalf("%s: %v", command, err)
	}
	return out
}
