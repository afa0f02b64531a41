package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestAFloodInOneLaneLeavesTheOthersTheirShare(t *testing.T) {
	b := newBudget(800)
	low := 0
	for b.tryReserve(LaneLow, 50) {
		low += 50
	}
	if low != 500 {
		t.Errorf("low took %d, want its own 100 and the common 400", low)
	}
	for _, lane := range []Lane{LaneCritical, LaneHigh, LaneNormal} {
		if !b.tryReserve(lane, 100) {
			t.Errorf("%v was kept out of its own share", lane)
		}
		if b.tryReserve(lane, 1) {
			t.Errorf("%v took more than is left", lane)
		}
	}
}

func TestALaneThatHoldsNothingIsLetInWhateverItsSize(t *testing.T) {
	b := newBudget(800)
	if !b.tryReserve(LaneLow, 5000) {
		t.Error("the first batch of a lane was kept out")
	}
	if b.tryReserve(LaneLow, 1) {
		t.Error("the second got in")
	}
	if first, second := b.tryReserve(LaneHigh, 50), b.tryReserve(LaneHigh, 50); !first || !second {
		t.Error("another lane's own share was lost to an overdraft")
	}
}

func TestReserveWaitsForARepaymentOfAnyLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(800)
		b.overdraw(LaneLow, 500)
		b.overdraw(LaneHigh, 100)
		got := make(chan error, 2)
		for range 2 {
			go func() { got <- b.reserve(t.Context(), LaneHigh, 100) }()
		}
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("reserve did not wait")
		}
		b.repay(LaneLow, 200)
		for range 2 {
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		if use := b.inUse(); use != 600 {
			t.Errorf("in use %d, want 600", use)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("enough")
		go func() { got <- b.reserve(ctx, LaneLow, 300) }()
		synctest.Wait()
		cancel(cause)
		if err := <-got; err != cause {
			t.Errorf("reserve returned %v, want the cause", err)
		}
	})
}

func TestAChunkIsChargedUntilItsLastViewLeavesToALaneThatHoldsIt(t *testing.T) {
	b := newBudget(8 << 20)
	c := NewChunk()
	c.budget = b
	c.refs = [LaneCount]int{LaneCritical: 1, LaneLow: 2}
	for lane, n := range map[Lane]int64{LaneCritical: 1000, LaneLow: 3000} {
		if err := c.charge(t.Context(), lane, n); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		leave    Lane
		critical int64
		low      int64
	}{
		{LaneLow, 1000, 3000},
		{LaneCritical, 0, 4000}, // its share passes to the lane that still looks in
		{LaneLow, 0, 0},
	}
	for i, s := range steps {
		c.leave(s.leave)
		if b.used[LaneCritical] != s.critical || b.used[LaneLow] != s.low {
			t.Errorf("step %d: critical %d and low %d, want %d and %d", i, b.used[LaneCritical], b.used[LaneLow], s.critical, s.low)
		}
	}
}
