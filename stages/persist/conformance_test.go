package persist

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
)

func group(batches ...*pipeline.Batch) *pipeline.Group { return &pipeline.Group{Batches: batches} }

func expectRows(f *fixture, want ...int64) {
	f.t.Helper()
	if got := f.rows(); !reflect.DeepEqual(got, want) {
		f.t.Errorf("rows: got %v, expected %v", got, want)
	}
}

func TestRowsStandInTheOrderOfTheGroup(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		var want []int64
		for g := range 3 {
			var batches []*pipeline.Batch
			for b := range 4 {
				var lines []string
				for i := range 7 {
					n := int64(g*100 + b*10 + i)
					lines, want = append(lines, fmt.Sprintf(`{"n":%d}`, n)), append(want, n)
				}
				batches = append(batches, f.encode(o, pipeline.Lane(b), lines...))
			}
			f.write(o, group(batches...))
		}
		f.flush(o)
		f.close(o)
		expectRows(f, want...)
	})
}

func TestDeadAndFilteredRecordsAreNoRows(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := pipeline.NewBatch(pipeline.LaneHigh, `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`)
		b.Record(1).Filter()
		b.Record(2).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema, Message: "no"})
		if err := o.Encoder().Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		all := pipeline.NewBatch(pipeline.LaneLow, `{"n":5}`)
		all.Record(0).Filter()
		f.write(o, group(b, all))
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 4)
		if dead := f.deadLetters(o); len(dead) != 1 {
			f.t.Errorf("dead letters: got %v", dead)
		}
	})
}

// detailed is an error with a list of what is wrong.
type detailed struct{ error }

func (detailed) AppendErrors(dst []byte) []byte {
	return append(dst, `[{"pointer":"/status","message":"é"},{"more":2}]`...)
}

func TestDeadLettersHaveEveryField(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := pipeline.NewBatch(pipeline.LaneCritical, `{"n":1}`, `{"status":"abc"}`, "\xff\x00{", "tail \" \x00 \u2028")
		b.Record(1).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema, Pointer: "/status", Message: "is no number", Err: detailed{}})
		b.Record(2).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeInvalidUTF8, Err: errors.New("at byte 0")})
		b.Record(3).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeNotJSON, Message: "at byte 0"})
		if err := o.Encoder().Process(f.t.Context(), b); err != nil {
			f.t.Fatal(err)
		}
		f.write(o, group(b))
		f.flush(o)
		f.close(o)
		common := map[string]any{"stage": "validate", "attempts": 1., "lane": "critical", "source": "", "at": "2026-01-02T03:04:05.006Z"}
		want := []map[string]any{
			{"code": "schema", "pointer": "/status", "message": "is no number", "position": 8., "record": `{"status":"abc"}`,
				"errors": []any{map[string]any{"pointer": "/status", "message": "é"}, map[string]any{"more": 2.}}},
			{"code": "invalid_utf8", "pointer": "", "message": "at byte 0", "position": 25., "record": "/wB7", "record_encoding": "base64"},
			{"code": "not_json", "pointer": "", "message": "at byte 0", "position": 29., "record": "dGFpbCAiIAAg4oCo", "record_encoding": "base64"},
		}
		for i := range want {
			maps.Copy(want[i], common)
		}
		if got := f.deadLetters(o); !reflect.DeepEqual(got, want) {
			f.t.Errorf("got\n%v, expected\n%v", got, want)
		}
	})
}

var someProgress = pipeline.Progress{
	Source: "sha256:abc/4096", Name: "in put.ndjson", Lanes: [4]int64{10, 20, 30, 40}, Frontier: 10, Line: 3, Mark: "m\x00k", High: 40,
	Rules: []pipeline.RuleSpan{{Until: 40, Rule: pipeline.LaneRule{Field: "level", Map: map[string]pipeline.Lane{"fatal": pipeline.LaneCritical}, Default: pipeline.LaneLow}}},
}

func TestProgressComesBackAsItWasStored(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.keeps {
			return
		}
		o := f.open()
		if got := f.progress(o); len(got) != 0 {
			f.t.Errorf("before: %v", got)
		}
		p, q := someProgress, pipeline.Progress{Source: "other"}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{p, q}})
		f.flush(o)
		p.Frontier, p.Line = 15, 4
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":2}`)}, Progress: []pipeline.Progress{p}})
		f.flush(o)
		f.close(o)

		o = f.open()
		p.Version, q.Version = 2, 1
		want := map[string]pipeline.Progress{p.Source: p, q.Source: q}
		got := map[string]pipeline.Progress{}
		for _, stored := range f.progress(o) {
			got[stored.Source] = stored
		}
		if !reflect.DeepEqual(got, want) {
			f.t.Errorf("got\n%+v, expected\n%+v", got, want)
		}
		p = got[p.Source]
		p.Frontier = 99
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":3}`)}, Progress: []pipeline.Progress{p}})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 2, 3)
		o = f.open()
		for _, stored := range f.progress(o) {
			if stored.Source == p.Source && (stored.Version != 3 || stored.Frontier != 99) {
				f.t.Errorf("after going on: %+v", stored)
			}
		}
		f.close(o)
	})
}

func TestASecondOwnerIsFencedOff(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.keeps {
			return
		}
		o := f.open()
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		second, err := open(f.t.Context(), f.cfg, f.faults)
		if err == nil {
			late := someProgress // as it was before the first one moved it
			_, err = second.Sink().Write(f.t.Context(), &pipeline.Group{
				Batches: []*pipeline.Batch{f.encode(second, 0, `{"n":2}`)}, Progress: []pipeline.Progress{late}})
			f.close(second)
		}
		if !errors.Is(err, pipeline.ErrFenced) || !strings.Contains(err.Error(), "stop the other") {
			f.t.Errorf("got %v", err)
		}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":3}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 3)
	})
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.takeBack {
			return
		}
		o := f.open()
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		wrong := someProgress
		if f.inTransactions() {
			wrong.Source, wrong.Version = "moved by another", 7 // the progress comes after the rows
		} else {
			f.faults.Fail("write", 1, syscall.EIO)
		}
		b := f.encode(o, 0, `{"n":2}`, `{"n":3}`)
		if _, err := o.Sink().Write(f.t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{wrong}}); err == nil {
			f.t.Fatal("the write did not fail")
		}
		f.close(o)
		expectRows(f, 1)
		o = f.open()
		if got := f.progress(o); len(got) != 1 || got[0].Version != 1 {
			f.t.Errorf("progress: %+v", got)
		}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":2}`)}, Progress: f.progress(o)})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 2)
	})
}

func TestABatchThatWasNotEncodedIsAnError(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		_, err := o.Sink().Write(f.t.Context(), group(pipeline.NewBatch(0, `{"n":1}`)))
		if err == nil || !strings.Contains(err.Error(), "Encoder") {
			f.t.Errorf("got %v", err)
		}
	})
}

func TestACancelledWriteSaysWhy(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := f.encode(o, 0, `{"n":1}`)
		ctx, cancel := context.WithCancelCause(f.t.Context())
		cancel(pipeline.ErrAborted)
		if _, err := o.Sink().Write(ctx, group(b)); !errors.Is(err, pipeline.ErrAborted) {
			f.t.Errorf("got %v", err)
		}
		f.close(o)
	})
}
