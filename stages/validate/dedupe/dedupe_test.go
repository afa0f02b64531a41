package dedupe

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

func mustNew(t testing.TB, c Config) *Dedupe {
	t.Helper()
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// batch makes an indexed batch.
func batch(t testing.TB, lane pipeline.Lane, lines ...string) *pipeline.Batch {
	t.Helper()
	b := pipeline.NewBatch(lane, lines...)
	for i := range b.Len() {
		if err := b.Record(i).Index(pipeline.DefaultMaxDepth); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func live(b *pipeline.Batch) string {
	var s strings.Builder
	for i := range b.Len() {
		switch r := b.Record(i); {
		case r.Live():
			s.WriteByte('+')
		case r.Err() != nil:
			s.WriteByte('x')
		default:
			s.WriteByte('-')
		}
	}
	return s.String()
}

func TestDuplicatesAreTakenOut(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		lines  []string // of two batches, with an empty line between
		want   string
	}{
		{"the first in the order of a batch passes", Config{Key: []string{"id"}}, []string{`{"id":1,"n":1}`, `{"id":2}`, `{"id":1.0,"n":2}`}, "++-"},
		{"a later batch sees the earlier one", Config{Key: []string{"id"}}, []string{`{"id":1}`, ``, `{"id":1}`, `{"id":2}`}, "+/-+"},
		{"a key of several fields", Config{Key: []string{"a", "b.c"}}, []string{`{"a":1,"b":{"c":1}}`, `{"a":1,"b":{"c":2}}`, `{"a":1,"b":{"c":1}}`}, "++-"},
		{"records without a key pass", Config{Key: []string{"id"}}, []string{`{}`, `{}`, `{"id":null}`, `{"id":null}`}, "++++"},
		{"beyond the count a key is forgotten", Config{Key: []string{"id"}, Count: 2}, []string{`{"id":1}`, `{"id":2}`, `{"id":1}`, `{"id":3}`, `{"id":1}`}, "++-++"},
		{"as dead letters", Config{Key: []string{"id"}, OnDuplicate: OnDuplicateDead}, []string{`{"id":1}`, `{"id":1}`}, "+x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := mustNew(t, tt.config)
			var s Scratch
			var got []string
			for part := range strings.SplitSeq(strings.Join(tt.lines, "\n"), "\n\n") {
				b := batch(t, pipeline.LaneNormal, strings.Split(part, "\n")...)
				d.Process(&s, b)
				got = append(got, live(b))
			}
			if text := strings.Join(got, "/"); text != tt.want {
				t.Errorf("%s, want %s", text, tt.want)
			}
		})
	}
}

func TestADeadDuplicateSaysWhy(t *testing.T) {
	d := mustNew(t, Config{Key: []string{"id"}, Count: 10, Within: time.Minute, OnDuplicate: OnDuplicateDead})
	b := batch(t, pipeline.LaneNormal, `{"id":"e-1"}`, `{"id":"e-1"}`)
	var s Scratch
	d.Process(&s, b)
	err := b.Record(1).Err()
	want := `a record with the same key came before: id is "e-1" (of the last 10 keys, within 1m0s)`
	if err == nil || err.Code != pipeline.CodeDuplicate || err.Pointer != "/id" || err.Message != want {
		t.Errorf("%+v, want %s", err, want)
	}
}

func TestWhatIsOutAlreadyDoesNotEnterTheWindow(t *testing.T) {
	d := mustNew(t, Config{Key: []string{"id"}})
	b := batch(t, pipeline.LaneNormal, `{"id":1}`, `{"id":1}`, `{"id":2}`, `{"id":2}`)
	b.Record(0).Reject(&pipeline.RecordError{Code: pipeline.CodeSchema})
	b.Record(2).Filter()
	var s Scratch
	d.Process(&s, b)
	if got := live(b); got != "x+-+" {
		t.Errorf("%s, want x+-+", got)
	}
}

func TestAKeyIsForgottenAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := mustNew(t, Config{Key: []string{"id"}, Within: 10 * time.Minute})
		var s Scratch
		pass := func(want string) {
			t.Helper()
			b := batch(t, pipeline.LaneNormal, `{"id":1}`)
			if d.Process(&s, b); live(b) != want {
				t.Errorf("%s, want %s", live(b), want)
			}
		}
		pass("+")
		time.Sleep(10 * time.Minute)
		pass("-") // and does not keep it there
		time.Sleep(time.Second)
		pass("+")
	})
}

// TestExactlyOneOfEqualRecordsPasses runs many workers over batches of all lanes
// that are full of each other's twins.
func TestExactlyOneOfEqualRecordsPasses(t *testing.T) {
	const workers, batches, keys = 8, 60, 500
	d := mustNew(t, Config{Key: []string{"id"}})
	var passed [keys]atomic.Int64
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			var s Scratch
			for n := range batches {
				var lines []string
				for i := range 100 {
					lines = append(lines, fmt.Sprintf(`{"n":%d,"id":%d}`, i, (worker*31+n*100+i*7)%keys))
				}
				b := batch(t, pipeline.Lane(n%pipeline.LaneCount), lines...)
				d.Process(&s, b)
				for i := range b.Len() {
					if r := b.Record(i); r.Live() {
						id, _ := r.Get(pipeline.MustPath("id")).Int64()
						passed[id].Add(1)
					}
				}
			}
		})
	}
	group.Wait()
	for id := range passed {
		if n := passed[id].Load(); n != 1 {
			t.Errorf("%d records with the key %d passed, want 1", n, id)
		}
	}
}

func TestUniqueRecordsCostNoAllocation(t *testing.T) {
	d := mustNew(t, Config{Key: []string{"id", "owner.team"}, Count: 1000, Within: time.Hour})
	var lines []string
	for i := range pipeline.MaxBatchRecords {
		lines = append(lines, fmt.Sprintf(`{"id":"e-%d","owner":{"team":1.50}}`, i))
	}
	b := batch(t, pipeline.LaneNormal, lines...)
	var s Scratch
	d.Process(&s, b)
	unseen := func() {
		d.window = newWindowAgain(d.window)
		d.Process(&s, b)
	}
	if n := testing.AllocsPerRun(50, unseen); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
	if b.Live() != b.Len() {
		t.Errorf("%d of %d live", b.Live(), b.Len())
	}
}

// newWindowAgain empties a window.
func newWindowAgain(w *window) *window {
	clear(w.table)
	w.oldest, w.len = 0, 0
	return w
}

func TestMistakesAreReportedTogether(t *testing.T) {
	err := Config{Key: []string{"id", "a..b"}, Count: -1, Within: -1, OnDuplicate: "drop"}.Validate()
	var keys []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		if c, ok := errors.AsType[*pipeline.ConfigError](e); ok {
			keys = append(keys, c.Key)
		}
	}
	if got, want := strings.Join(keys, " "), "key[1] count within on_duplicate"; got != want {
		t.Errorf("mistakes at %s, want %s", got, want)
	}
	if err := (Config{}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "key: there is none") {
		t.Errorf("without a key: %v", err)
	}
}

func BenchmarkProcess(b *testing.B) {
	d := mustNew(b, Config{Key: []string{"id"}, Count: DefaultCount})
	batches := make([]*pipeline.Batch, 800)
	for n := range batches {
		var lines []string
		for i := range pipeline.MaxBatchRecords {
			lines = append(lines, fmt.Sprintf(`{"ts":"2026-03-01T12:00:00Z","level":"info","id":"0b8f3c9e-%08d","status":200}`, n*pipeline.MaxBatchRecords+i))
		}
		batches[n] = batch(b, pipeline.LaneNormal, lines...)
	}
	var s Scratch
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Process(&s, batches[i%len(batches)])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*pipeline.MaxBatchRecords), "ns/record")
}
