package sqlite

import (
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

func TestWhatBecomesOfARowWhoseKeyIsThere(t *testing.T) {
	for _, c := range []struct {
		conflict             row.Conflict
		live, filtered, dead int
		rows                 []string
	}{
		{row.ConflictUpdate, 6, 0, 0, []string{`1 "e"`, `2 "f"`, `3 "d"`}},
		{row.ConflictIgnore, 3, 3, 0, []string{`1 "a"`, `2 "b"`, `3 "d"`}},
		{row.ConflictDead, 3, 0, 3, []string{`1 "a"`, `2 "b"`, `3 "d"`}},
	} {
		t.Run(string(c.conflict), func(t *testing.T) {
			cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger, Key: true}, {Name: "v", Type: row.TypeText}}, "", "")
			cfg.OnConflict = c.conflict
			d := mustOpen(t, cfg)
			first, second := encode(t, cfg, `{"n":1,"v":"a"}`, `{"n":2,"v":"b"}`, `{"n":1,"v":"c"}`), encode(t, cfg, `{"n":3,"v":"d"}`, `{"n":1,"v":"e"}`, `{"n":2,"v":"f"}`)
			write(t, d, first)
			write(t, d, second)
			if live, dead := first.Live()+second.Live(), first.Dead()+second.Dead(); live != c.live || dead != c.dead || 6-live-dead != c.filtered {
				t.Errorf("%d live, %d dead", live, dead)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, lookup(t, cfg.Path, `SELECT n, v FROM events ORDER BY rowid`), c.rows...)
			if dead := lookup(t, cfg.Path, `SELECT code FROM dead_letters`); len(dead) != c.dead {
				t.Errorf("dead letters: %v", dead)
			}
		})
	}
}

// What was passed over is so only when the group is stored: until then the row
// in its way may go.
func TestARowThatWasPassedOverIsTriedAgainWithItsGroup(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger, Key: true}}, "", "")
	cfg.OnConflict = row.ConflictIgnore
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"n":1}`))
	b := encode(t, cfg, `{"n":1}`, `{"n":2}`)
	g := &pipeline.Group{Batches: []*pipeline.Batch{b}}
	d.cfg.faults = failing(opCommit, 1, before, busy)
	if _, err := d.Write(t.Context(), g); !pipeline.IsTransient(err) || b.Live() != 2 {
		t.Fatalf("%d live, %v", b.Live(), err)
	}
	execute(t, cfg.Path, `DELETE FROM events`)
	if _, err := d.Write(t.Context(), g); err != nil || b.Live() != 2 {
		t.Fatalf("%d live, %v", b.Live(), err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), "1", "2")
}
