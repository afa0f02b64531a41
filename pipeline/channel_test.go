package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// batchOf makes a batch of n records that starts with record first.
func batchOf(lane Lane, first, n int) *Batch {
	b := newBatch(lane)
	for i := range n {
		b.add(fmt.Append(nil, first+i), int64(first+i), int64(first+i), 1)
	}
	return b
}

func smallChannel(schedule Schedule, capacity int) *Channel {
	cfg := ChannelConfig{Schedule: schedule}
	for l := range cfg.Lanes {
		cfg.Lanes[l].Capacity = capacity
	}
	return NewChannel(cfg)
}

func TestWriteWaitsForRoomInItsLaneOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := smallChannel(ScheduleWeighted, 10)
		if err := c.TryWrite(batchOf(LaneLow, 0, 8)); err != nil {
			t.Fatal(err)
		}
		if err := c.TryWrite(batchOf(LaneLow, 8, 3)); err != ErrFull {
			t.Errorf("TryWrite into a full lane returned %v, want ErrFull", err)
		}
		if err := c.TryWrite(batchOf(LaneHigh, 0, 10)); err != nil {
			t.Errorf("another lane: %v", err)
		}
		wrote := make(chan error, 1)
		go func() { wrote <- c.Write(t.Context(), batchOf(LaneLow, 8, 3)) }()
		synctest.Wait()
		if len(wrote) > 0 {
			t.Fatal("Write did not wait")
		}
		for {
			b, err := c.TryRead()
			if err != nil {
				t.Fatal(err)
			}
			if b.Lane() == LaneLow {
				break
			}
		}
		if err := <-wrote; err != nil {
			t.Error(err)
		}
		if got := c.Lane(LaneLow); got.Depth != 3 || got.Capacity != 10 || got.Bytes != 4 {
			t.Errorf("lane is %+v, want 3 records of 4 bytes in 10", got)
		}
	})
}

func TestABatchLargerThanItsLaneEntersAnEmptyOne(t *testing.T) {
	c := smallChannel(ScheduleWeighted, 1)
	if err := c.TryWrite(batchOf(LaneLow, 0, 5)); err != nil {
		t.Error(err)
	}
	if err := c.TryWrite(batchOf(LaneLow, 5, 1)); err != ErrFull {
		t.Errorf("got %v, want ErrFull", err)
	}
}

func TestACloseLetsReadersDrainAndThenSeeTheError(t *testing.T) {
	boom := errors.New("boom")
	for _, want := range []error{nil, boom} {
		c := smallChannel(ScheduleStrict, 10)
		if err := c.TryWrite(batchOf(LaneLow, 0, 1)); err != nil {
			t.Fatal(err)
		}
		c.Close(want)
		c.Close(errors.New("too late"))
		if err := c.TryWrite(batchOf(LaneLow, 0, 1)); err != ErrClosed {
			t.Errorf("TryWrite after Close returned %v, want ErrClosed", err)
		}
		if err := c.Write(t.Context(), batchOf(LaneLow, 0, 1)); err != ErrClosed {
			t.Errorf("Write after Close returned %v, want ErrClosed", err)
		}
		if _, err := c.Read(t.Context()); err != nil {
			t.Errorf("the batch that was in: %v", err)
		}
		if want == nil {
			want = io.EOF
		}
		for range 3 {
			if _, err := c.Read(t.Context()); err != want {
				t.Errorf("Read at the end returned %v, want %v", err, want)
			}
		}
	}
}

func TestWaitersEndWithTheContextAndEveryReaderSeesTheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("enough")
		c := smallChannel(ScheduleWeighted, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		errs := make(chan error)
		for range 5 {
			go func() { _, err := c.Read(ctx); errs <- err }()
		}
		synctest.Wait()
		cancel(cause)
		for range 5 {
			if err := <-errs; err != cause {
				t.Errorf("Read returned %v, want the cause", err)
			}
		}
		for range 5 {
			go func() { _, err := c.Read(t.Context()); errs <- err }()
		}
		synctest.Wait()
		c.Close(nil)
		for range 5 {
			if err := <-errs; err != io.EOF {
				t.Errorf("Read returned %v, want io.EOF", err)
			}
		}
	})
}

func TestEveryWaitingReaderIsServedByABurstOfWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := smallChannel(ScheduleWeighted, 100)
		got := make(chan int64, 10)
		for range 10 {
			go func() {
				b, err := c.Read(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				got <- b.Record(0).Line()
			}()
		}
		synctest.Wait()
		for i := range 10 {
			if err := c.TryWrite(batchOf(LaneLow, i, 1)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if len(got) != 10 {
			t.Errorf("%d of 10 waiting readers were served", len(got))
		}
	})
}

// drainOrder fills every lane with 8,192 records in batches of n and returns
// how many records of each lane were among the first ones taken.
func drainOrder(t *testing.T, schedule Schedule, first int, size func(Lane) int) (got [LaneCount]int) {
	t.Helper()
	c := smallChannel(schedule, 8192)
	for l := range LaneCount {
		for i := 0; i < 8192; i += size(Lane(l)) {
			if err := c.TryWrite(batchOf(Lane(l), i, size(Lane(l)))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for taken := 0; taken < first; {
		b, err := c.TryRead()
		if err != nil {
			t.Fatal(err)
		}
		got[b.Lane()] += b.Len()
		taken += b.Len()
	}
	return got
}

func TestWeightedSharesAreByRecordsWhateverTheBatches(t *testing.T) {
	sizes := map[string]func(Lane) int{
		"full batches":   func(Lane) int { return 256 },
		"mixed batches":  func(l Lane) int { return 256 >> (2 * l) },
		"single records": func(Lane) int { return 1 },
	}
	for name, size := range sizes {
		t.Run(name, func(t *testing.T) {
			got := drainOrder(t, ScheduleWeighted, 2*15*256, size)
			if want := [LaneCount]int{4096, 2048, 1024, 512}; got != want {
				t.Errorf("two rounds gave %v, want %v (8:4:2:1)", got, want)
			}
		})
	}
}

func TestStrictTakesTheMostUrgentFirst(t *testing.T) {
	got := drainOrder(t, ScheduleStrict, 8192+256, func(Lane) int { return 256 })
	if want := [LaneCount]int{8192, 256, 0, 0}; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheAgeIsThatOfTheOldestBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := smallChannel(ScheduleWeighted, 100)
		if age := c.Lane(LaneLow).OldestAge; age != 0 {
			t.Errorf("an empty lane is %v old", age)
		}
		for range 3 {
			if err := c.TryWrite(batchOf(LaneLow, 0, 1)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if age := c.Lane(LaneLow).OldestAge; age != 3*time.Second {
			t.Errorf("age %v, want 3s", age)
		}
	})
}

// FuzzLaneOrder compares a channel with a slice for each lane.
func FuzzLaneOrder(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 255, 255, 7, 255, 255, 255}, true)
	f.Add([]byte{4, 8, 12, 16, 255, 3, 255}, false)
	f.Fuzz(func(t *testing.T, ops []byte, strict bool) {
		schedule := ScheduleWeighted
		if strict {
			schedule = ScheduleStrict
		}
		c := smallChannel(schedule, 64)
		var model [LaneCount][]int64
		var depth [LaneCount]int
		for i, op := range ops {
			if op < 200 {
				lane, n := Lane(op%LaneCount), 1+int(op)/LaneCount
				err := c.TryWrite(batchOf(lane, i, n))
				fits := depth[lane] == 0 || depth[lane]+n <= 64
				if (err == nil) != fits {
					t.Fatalf("op %d: TryWrite of %d over %d gave %v", i, n, depth[lane], err)
				}
				if err == nil {
					model[lane] = append(model[lane], int64(i))
					depth[lane] += n
				}
				continue
			}
			b, err := c.TryRead()
			if err != nil {
				for l := range model {
					if len(model[l]) > 0 {
						t.Fatalf("op %d: %v, but lane %d has %d batches", i, err, l, len(model[l]))
					}
				}
				continue
			}
			lane := b.Lane()
			if len(model[lane]) == 0 || model[lane][0] != b.Record(0).Line() {
				t.Fatalf("op %d: lane %v gave batch %d, want the oldest of %v", i, lane, b.Record(0).Line(), model[lane])
			}
			if strict {
				for l := range lane {
					if len(model[l]) > 0 {
						t.Fatalf("op %d: lane %v before %v", i, lane, l)
					}
				}
			}
			model[lane] = model[lane][1:]
			depth[lane] -= b.Len()
			if got := c.Lane(lane).Depth; got != depth[lane] {
				t.Fatalf("op %d: depth %d, want %d", i, got, depth[lane])
			}
		}
	})
}
