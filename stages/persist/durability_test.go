package persist

import (
	"os"
	"slices"
	"testing"

	"sluice/pipeline"
)

// killed is the sink as a process finds it that starts when the one that has it
// open is killed.
func (f *fixture) killed() *fixture {
	f.t.Helper()
	next := *f
	if f.server == nil {
		next.cfg.Dir = f.t.TempDir()
		if err := os.CopyFS(next.cfg.Dir, os.DirFS(f.cfg.Dir)); err != nil {
			f.t.Fatal(err)
		}
	}
	return &next
}

// frontier is where a run would go on, -1 for the start.
func (f *fixture) frontier() int64 {
	f.t.Helper()
	o := f.open()
	defer f.close(o)
	if all := f.progress(o); len(all) > 0 {
		return all[0].Frontier
	}
	return -1
}

// Settled means that it outlives the process, and progress vouches for nothing else.
func TestWhatIsSettledIsThereAfterAKill(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		write := func(n int64, line string) {
			b := f.encode(o, 0, line, "no JSON")
			f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{{Source: "s", Frontier: n}}})
		}
		expect := func(frontier int64, rows ...int64) {
			f.t.Helper()
			k := f.killed()
			if got := k.frontier(); f.keeps && got != frontier {
				f.t.Errorf("a run would go on from %d, expected %d", got, frontier)
			}
			if got := k.rows(); len(got) < len(rows) || !slices.Equal(got[:len(rows)], rows) {
				f.t.Errorf("rows: got %v, expected %v at first", got, rows)
			}
		}
		write(1, `{"n":1}`)
		if f.atOnce {
			expect(1, 1)
		} else {
			expect(-1)
			f.flush(o)
			expect(1, 1)
		}
		write(2, `{"n":2}`)
		if f.atOnce {
			expect(2, 1, 2)
		} else {
			expect(1, 1)
		}
		f.flush(o)
		expect(2, 1, 2)
		k := f.killed()
		next := k.open()
		if dead := k.deadLetters(next); len(dead) != 2 {
			f.t.Errorf("dead letters: got %v", dead)
		}
		k.close(next)
		f.close(o)
	})
}

// Released means that the memory of the group is the engine's again.
func TestNothingOfAGroupIsKeptThatWasTakenOver(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := f.encode(o, 0, `{"n":1}`, "no JSON", `{"n":2}`)
		g := &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{{Source: "s", Frontier: 7}}}
		f.write(o, g)
		if b.Payload != nil {
			f.t.Error("the batch still has its rows")
		}
		for i := range b.Len() {
			raw := b.Record(i).Raw()
			copy(raw, `{"n":9}`)
		}
		g.Batches[0], g.Progress[0] = nil, pipeline.Progress{Source: "another", Frontier: 9}
		f.encode(o, 0, `{"n":8}`, "none either", `{"n":8}`) // in what memory the rows had
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 2)
		if dead := f.deadLetters(o); len(dead) != 1 || dead[0]["record"] != "no JSON" {
			f.t.Errorf("dead letters: got %v", dead)
		}
		if got := f.frontier(); f.keeps && got != 7 {
			f.t.Errorf("a run would go on from %d, expected 7", got)
		}
	})
}
