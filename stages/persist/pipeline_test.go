package persist

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"sluice/pipeline"
)

// numbered is a durable source of n records in four lanes, from where start is.
type numbered struct {
	n     int
	start pipeline.Progress
}

func (s numbered) Run(ctx context.Context, feed pipeline.Feed) error {
	rule := pipeline.LaneRule{Field: "lane", Default: pipeline.LaneLow, Map: map[string]pipeline.Lane{"0": 0, "1": 1, "2": 2, "3": 3}}
	in, err := feed.Intake(s.start, rule)
	if err != nil {
		return err
	}
	var position int64
	for line := 0; line < s.n; {
		c := pipeline.NewChunk()
		c.Start = pipeline.Point{Position: position, Line: int64(line)}
		type span struct{ lo, hi int }
		var spans []span
		for range min(500, s.n-line) {
			lo := len(c.Bytes)
			c.Bytes = fmt.Appendf(c.Bytes, `{"n":%d,"lane":%d}`, line, line%4)
			spans = append(spans, span{lo, len(c.Bytes)})
			c.Bytes = append(c.Bytes, '\n')
			line++
		}
		end := position + int64(len(c.Bytes))
		c.End = pipeline.Point{Position: end, Line: int64(line)}
		first := line - len(spans)
		in.Begin(c)
		for i, sp := range spans {
			if c.Start.Position+int64(sp.lo) >= s.start.Frontier {
				in.Add(c.Bytes[sp.lo:sp.hi], position+int64(sp.lo), int64(first+i+1))
			}
		}
		position = end
		if err := in.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A run through the engine, and a second one that goes on where it ended.
func TestTheEngineAndTheSinkTogether(t *testing.T) {
	eachSink(t, func(f *fixture) {
		const n = 5000
		run := func(total int) pipeline.Ledger {
			o := f.open()
			start := pipeline.Progress{Source: "numbered", Name: "numbered"}
			for _, p := range f.progress(o) {
				start = p
			}
			p, err := pipeline.New(pipeline.Config{
				Sink:   o.Sink(),
				Stages: []pipeline.StageConfig{{Name: "persist", Stage: o.Encoder(), Workers: 4}},
			})
			if err != nil {
				f.t.Fatal(err)
			}
			if err := p.Run(f.t.Context(), numbered{total, start}); err != nil {
				f.t.Fatal(err)
			}
			f.close(o)
			return p.Status().Ledger
		}
		if l := run(n); l.Persisted != n || !l.Closes() {
			f.t.Errorf("first run: %+v", l.Counts)
		}
		if !f.keeps {
			return
		}
		if l := run(n + 100); l.Persisted != 100 || !l.Closes() {
			f.t.Errorf("second run: %+v", l.Counts)
		}
		var lanes, want [4][]int64
		for _, row := range f.rows() {
			lanes[row%4] = append(lanes[row%4], row)
		}
		for i := range int64(n + 100) {
			want[i%4] = append(want[i%4], i)
		}
		if !reflect.DeepEqual(lanes, want) {
			f.t.Errorf("lanes have %d, %d, %d and %d rows, or not in order", len(lanes[0]), len(lanes[1]), len(lanes[2]), len(lanes[3]))
		}
	})
}
