package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// dropping returns a channel whose low lane has the full mode, and a log of what
// it gives up.
func dropping(mode FullMode, to DropTo, capacity int) (*Channel, *[]string) {
	var log []string
	cfg := ChannelConfig{Stage: "enrich", OnDrop: func(b *Batch, reason DropReason, records int, gone bool) {
		log = append(log, fmt.Sprintf("%v %d+%d gone=%v", reason, b.Record(0).Line(), records, gone))
	}}
	cfg.Lanes[LaneLow] = LaneConfig{Capacity: capacity, Full: mode, Dropped: to}
	return NewChannel(cfg), &log
}

// waiting returns the first lines of what is in the channel, in order, those of
// spent batches negative.
func waiting(c *Channel) (lines []int64) {
	for {
		b, err := c.TryRead()
		if err != nil {
			return lines
		}
		line := b.Record(0).Line()
		if b.spent {
			line = -line
		}
		lines = append(lines, line)
	}
}

func TestAFullLaneGivesUpWhatItsModeSays(t *testing.T) {
	for _, test := range []struct {
		name     string
		mode     FullMode
		to       DropTo
		sizes    []int // batches that come in, numbered from 1
		dead     int   // number of the batch that has a dead letter in it
		want     []int64
		wantDrop []string
	}{
		{"drop-write drops the newcomer", FullDropWrite, "", []int{4, 4, 4, 2}, 0, []int64{1, 2, 4}, []string{"write 3+4 gone=true"}},
		{"drop-oldest gives up the first", FullDropOldest, "", []int{4, 4, 4}, 0, []int64{2, 3}, []string{"oldest 1+4 gone=true"}},
		{"drop-newest gives up the last that waits", FullDropNewest, "", []int{4, 4, 4}, 0, []int64{1, 3}, []string{"newest 2+4 gone=true"}},
		{"drop-oldest gives up as many as it takes", FullDropOldest, "", []int{4, 4, 2, 8}, 0, []int64{3, 4}, []string{"oldest 1+4 gone=true", "oldest 2+4 gone=true"}},
		{"drop-newest gives up as many as it takes", FullDropNewest, "", []int{2, 4, 4, 8}, 0, []int64{1, 4}, []string{"newest 3+4 gone=true", "newest 2+4 gone=true"}},
		{"one larger than the lane gets it for itself", FullDropOldest, "", []int{4, 4, 20}, 0, []int64{3}, []string{"oldest 1+4 gone=true", "oldest 2+4 gone=true"}},
		{"a dead letter in a dropped batch travels on", FullDropOldest, "", []int{4, 4, 4}, 1, []int64{-1, 2, 3}, []string{"oldest 1+3 gone=false"}},
		{"a dead letter in a refused newcomer travels on", FullDropWrite, "", []int{4, 4, 4}, 3, []int64{1, 2, -3}, []string{"write 3+3 gone=false"}},
		{"behind a spent batch the newest is taken out of the middle", FullDropNewest, "", []int{4, 4, 4, 10}, 3, []int64{-3, 4},
			[]string{"newest 2+4 gone=true", "newest 3+3 gone=false", "newest 1+4 gone=true"}},
		{"drop-oldest into dead letters keeps the order", FullDropOldest, DropToDeadLetter, []int{4, 4, 4, 4}, 0, []int64{-1, -2, 3, 4}, nil},
		{"drop-newest into dead letters keeps the order", FullDropNewest, DropToDeadLetter, []int{4, 4, 4, 4}, 0, []int64{1, -2, -3, 4}, nil},
		{"drop-write into dead letters keeps the order", FullDropWrite, DropToDeadLetter, []int{4, 4, 4, 2}, 0, []int64{1, 2, -3, 4}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, log := dropping(test.mode, test.to, 10)
			for i, n := range test.sizes {
				b := batchOf(LaneLow, i+1, n)
				if i+1 == test.dead {
					b.Record(1).Reject(&RecordError{Code: CodeRule})
				}
				if err := c.TryWrite(b); err != nil {
					t.Fatal(err)
				}
				if got := c.Lane(LaneLow); got.Depth > max(10, n) {
					t.Errorf("after batch %d the lane holds %d records, its capacity is 10", i+1, got.Depth)
				}
			}
			if got := waiting(c); !slices.Equal(got, test.want) {
				t.Errorf("left waiting %v, want %v", got, test.want)
			}
			if !slices.Equal(*log, test.wantDrop) {
				t.Errorf("dropped %q, want %q", *log, test.wantDrop)
			}
			if got := c.Lane(LaneLow); got.Depth != 0 || got.Bytes != 0 || c.records() != [LaneCount]int64{} {
				t.Errorf("the empty lane is %+v with %v records", got, c.records())
			}
		})
	}
}

func TestDroppedDeadLettersSayWhyAndWhere(t *testing.T) {
	c, _ := dropping(FullDropOldest, DropToDeadLetter, 2)
	for i := range 2 {
		if err := c.TryWrite(batchOf(LaneLow, i, 2)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := c.TryRead()
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Record(0).Err(); got.Code != "dropped_oldest" || got.Stage != "enrich" || got.Message == "" {
		t.Errorf("the dead letter says %+v, want the code dropped_oldest of the stage enrich with a message", got)
	}
}

func TestWritersThatWaitGoOnWhenTheModeChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := dropping(FullWait, "", 4)
		wrote := make(chan error, 2)
		for i := range 2 {
			go func() { wrote <- c.Write(t.Context(), batchOf(LaneLow, i, 4)) }()
		}
		synctest.Wait()
		if len(wrote) != 1 {
			t.Fatalf("%d of two writers came in, want one", len(wrote))
		}
		c.SetLane(LaneLow, LaneConfig{Capacity: 4, Full: FullDropOldest})
		synctest.Wait()
		if len(wrote) != 2 || len(*log) != 1 {
			t.Errorf("%d writers came in and %d batches were given up, want 2 and 1", len(wrote), len(*log))
		}
	})
}

// FuzzFullModes compares a lane with a slice.
func FuzzFullModes(f *testing.F) {
	f.Add([]byte{9, 9, 9, 0, 9, 200, 9, 9})
	f.Add([]byte{241, 63, 63, 64, 1, 2, 3, 242, 9, 63, 245, 5, 64, 246, 12, 63, 63})
	f.Fuzz(func(t *testing.T, ops []byte) {
		const capacity = 32
		var gone []int64
		cfg := ChannelConfig{OnDrop: func(b *Batch, _ DropReason, _ int, left bool) {
			if left {
				gone = append(gone, b.Record(0).Line())
			}
		}}
		lane := LaneConfig{Capacity: capacity}
		cfg.Lanes[LaneHigh] = lane
		c := NewChannel(cfg)
		type entry struct {
			line  int64
			n     int
			dead  bool // has a dead letter
			spent bool
		}
		var model []entry
		var wantGone []int64
		drop := func(e *entry) (stays bool) {
			e.spent = true
			if lane.Dropped == DropToDeadLetter || e.dead {
				return true
			}
			wantGone = append(wantGone, e.line)
			return false
		}
		depth := func() (n int) {
			for _, e := range model {
				if !e.spent {
					n += e.n
				}
			}
			return n
		}
		for i, op := range ops {
			switch {
			case op >= 240:
				lane.Full = FullModes[op%4]
				lane.Dropped = DropToNowhere
				if op >= 248 {
					lane.Dropped = DropToDeadLetter
				}
				c.SetLane(LaneHigh, lane)
			case op >= 128:
				b, err := c.TryRead()
				if (err == nil) != (len(model) > 0) {
					t.Fatalf("op %d: %v with %d batches waiting", i, err, len(model))
				}
				if err != nil {
					continue
				}
				if b.Record(0).Line() != model[0].line || b.spent != model[0].spent {
					t.Fatalf("op %d: took %d spent=%v, want %+v", i, b.Record(0).Line(), b.spent, model[0])
				}
				model = model[1:]
			default:
				e := entry{line: int64(i + 1), n: 2 + int(op/2), dead: op%2 == 1}
				b := batchOf(LaneHigh, i+1, e.n)
				if e.dead {
					b.Record(1).Reject(&RecordError{Code: CodeRule})
				}
				err := c.TryWrite(b)
				fits := func() bool { return depth() == 0 || depth()+e.n <= capacity }
				if lane.Full == FullWait || lane.Full == "" {
					if (err == nil) != fits() {
						t.Fatalf("op %d: TryWrite of %d over %d gave %v", i, e.n, depth(), err)
					}
					if err == nil {
						model = append(model, e)
					}
					break
				}
				if err != nil {
					t.Fatalf("op %d: %v", i, err)
				}
				for !fits() && lane.Full != FullDropWrite {
					at := slices.IndexFunc(model, func(e entry) bool { return !e.spent })
					if lane.Full == FullDropNewest {
						for at = len(model) - 1; model[at].spent; at-- {
						}
					}
					if !drop(&model[at]) {
						model = slices.Delete(model, at, at+1)
					}
				}
				if fits() || drop(&e) {
					model = append(model, e)
				}
			}
			if got := c.Lane(LaneHigh).Depth; got != depth() {
				t.Fatalf("op %d: depth %d, want %d", i, got, depth())
			}
			if !slices.Equal(gone, wantGone) {
				t.Fatalf("op %d: gave up %v, want %v", i, gone, wantGone)
			}
		}
	})
}

// unending feeds numbered lines of a lane until the context ends, and tells how many
// went in.
func unending(lane Lane, size int, sent *atomic.Int64) Source {
	return sourceFunc(func(ctx context.Context, feed Feed) error {
		in, err := feed.Intake(Progress{}, LaneRule{Default: lane})
		if err != nil {
			return err
		}
		for line := int64(1); ctx.Err() == nil; {
			c := NewChunk()
			for len(c.Bytes)+size < ChunkSize {
				c.Bytes = fmt.Appendf(c.Bytes, `{"n":%*d}`, size-6, line+int64(len(c.Bytes)/size))
			}
			in.Begin(c)
			for raw := range slices.Chunk(c.Bytes, size) {
				in.Add(raw, 0, line)
				line++
			}
			if err := in.Flush(ctx); err != nil {
				return err
			}
			sent.Store(line - 1)
			time.Sleep(time.Millisecond)
		}
		return nil
	})
}

func TestALaneThatGivesUpNeverHoldsItsSourceBackThoughTheSinkHangs(t *testing.T) {
	for _, mode := range FullModes[1:] {
		for _, size := range []int{100, 20_000} { // records fill the lane first; or the memory
			t.Run(fmt.Sprintf("%s with records of %d bytes", mode, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					stage := StageConfig{Name: "only"}
					stage.Lanes[LaneLow].Full = mode
					hang := make(chan struct{})
					sink := &memorySink{hang: hang}
					p := build(t, Config{Stages: []StageConfig{stage}, Sink: sink, Budget: 16 << 20})
					var sent atomic.Int64
					ctx, stop := context.WithCancelCause(t.Context())
					done := make(chan error)
					go func() { done <- p.Run(ctx, unending(LaneLow, size, &sent)) }()
					time.Sleep(time.Second)
					before := sent.Load()
					time.Sleep(time.Second)
					if n := sent.Load() - before; n < 900*ChunkSize/int64(size+1) {
						t.Errorf("the source got rid of %d records in a second, as if it was held back", n)
					}
					if used := p.budget.inUse(); used > 18<<20 {
						t.Errorf("%d bytes on the account of 16 MiB", used)
					}
					if s := p.Status(); !s.Ledger.Closes() || s.Ledger.Dropped == 0 || s.Stages[0].Lanes[LaneLow].Depth > DefaultCapacity {
						t.Errorf("the ledger is %+v, the lane %+v", s.Ledger.Counts, s.Stages[0].Lanes[LaneLow])
					}
					close(hang)
					stop(ErrStopped)
					if err := <-done; !errors.Is(err, ErrStopped) {
						t.Error(err)
					}
					ledger := wantClosed(t, p)
					var by int64
					for _, n := range p.Status().Stages[0].Lanes[LaneLow].DroppedBy {
						by += n
					}
					if by != ledger.Dropped || ledger.Persisted+ledger.Dropped != sent.Load() {
						t.Errorf("of %d sent %d were persisted and %d dropped, %d by reason", sent.Load(), ledger.Persisted, ledger.Dropped, by)
					}
					if p.budget.inUse() != 0 {
						t.Errorf("%d bytes are still on the account", p.budget.inUse())
					}
				})
			})
		}
	}
}

func TestWhatWasDroppedIsNotReadAgainAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := StageConfig{Name: "only", Stage: StageFunc(func(context.Context, *Batch) error { time.Sleep(time.Second); return nil }), Workers: 1}
		stage.Lanes[LaneLow] = LaneConfig{Full: FullDropWrite, Capacity: 100}
		sink := &memorySink{}
		p := build(t, Config{Stages: []StageConfig{stage}, Sink: sink})
		lines := numbered("n", 1000)
		if err := p.Run(t.Context(), &linesSource{lines: lines, lane: LaneLow, start: Progress{Source: "file"}}); err != nil {
			t.Fatal(err)
		}
		ledger := wantClosed(t, p)
		if ledger.Dropped == 0 || ledger.Persisted == 0 {
			t.Fatalf("%+v, want both rows and drops", ledger.Counts)
		}
		var size int64
		for _, l := range lines {
			size += int64(len(l)) + 1
		}
		if sink.progress.Frontier != size {
			t.Errorf("the stored frontier is %d, want the end of the source, %d", sink.progress.Frontier, size)
		}
	})
}

func TestSendersThatWaitForMemoryGoOnWhenTheModeChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		p := build(t, Config{Stages: []StageConfig{{Name: "only"}}, Sink: &memorySink{hang: hang}, Budget: 16 << 20})
		var sent atomic.Int64
		ctx, stop := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() { done <- p.Run(ctx, unending(LaneLow, 20_000, &sent)) }()
		time.Sleep(time.Second)
		before := sent.Load()
		time.Sleep(time.Second)
		if sent.Load() != before {
			t.Error("the source was not held back")
		}
		if err := p.SetLane("only", LaneLow, LaneConfig{Full: "drop"}); err == nil {
			t.Error("a full mode that there is not was accepted")
		}
		if err := p.SetLane("only", LaneLow, LaneConfig{Full: FullDropOldest}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if sent.Load() == before {
			t.Error("the source is still held back")
		}
		close(hang)
		stop(ErrStopped)
		<-done
		wantClosed(t, p)
	})
}
