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
	for fits(b, LaneLow, 50) {
		low += 50
	}
	if low != 500 {
		t.Errorf("low took %d, want its own 100 and the common 400", low)
	}
	for _, lane := range []Lane{LaneCritical, LaneHigh, LaneNormal} {
		if !fits(b, lane, 100) {
			t.Errorf("%v was kept out of its own share", lane)
		}
		if fits(b, lane, 1) {
			t.Errorf("%v took more than is left", lane)
		}
	}
}

func TestALaneThatHoldsNothingIsLetInWhateverItsSize(t *testing.T) {
	b := newBudget(800)
	if !fits(b, LaneLow, 5000) {
		t.Error("the first batch of a lane was kept out")
	}
	if fits(b, LaneLow, 1) {
		t.Error("the second got in")
	}
	if first, second := fits(b, LaneHigh, 50), fits(b, LaneHigh, 50); !first || !second {
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

func TestAChunkIsChargedUntilItsLastViewLeavesToALaneThatIsInside(t *testing.T) {
	b := newBudget(8 << 20)
	c := NewChunk()
	c.budget = b
	c.refs = 4
	enter := func(lane Lane, n int64) {
		if err := b.reserve(t.Context(), lane, n); err != nil {
			t.Fatal(err)
		}
		c.enter(lane, n)
	}
	step := func(what string, do func(), critical, low int64) {
		t.Helper()
		do()
		if b.used[LaneCritical] != critical || b.used[LaneLow] != low {
			t.Errorf("%s: critical %d and low %d, want %d and %d", what, b.used[LaneCritical], b.used[LaneLow], critical, low)
		}
	}
	step("critical comes in", func() { enter(LaneCritical, 1000) }, 1000, 0)
	step("and leaves before low is in", func() { c.leave(LaneCritical, true) }, 0, 0)
	step("low comes in and takes over what was left", func() { enter(LaneLow, 1500) }, 0, 2500)
	step("critical again", func() { enter(LaneCritical, 1500) }, 1500, 2500)
	step("critical leaves its share to low", func() { c.leave(LaneCritical, true) }, 0, 4000)
	step("one that never came in leaves nothing", func() { c.leave(LaneHigh, false) }, 0, 4000)
	step("the last one takes all", func() { c.leave(LaneLow, true) }, 0, 0)
}

// fits charges n bytes if they fit now.
func fits(b *budget, lane Lane, n int64) bool {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return b.reserve(ctx, lane, n) == nil
}

func TestWaitersOfALaneAreServedInTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(800)
		b.overdraw(LaneLow, 500)
		served := make(chan int64, 3)
		ctx, cancel := context.WithCancel(t.Context())
		wait := func(ctx context.Context, n int64) {
			go func() {
				if b.reserve(ctx, LaneLow, n) == nil {
					served <- n
				}
			}()
			synctest.Wait()
		}
		wait(t.Context(), 300)
		wait(ctx, 290)
		wait(t.Context(), 10)
		b.repay(LaneLow, 20)
		synctest.Wait()
		if len(served) > 0 {
			t.Fatalf("%d bytes overtook an older claim", <-served)
		}
		b.repay(LaneLow, 290)
		synctest.Wait()
		if n := <-served; n != 300 || len(served) > 0 {
			t.Fatalf("first served %d, then %d more, want 300 alone", n, len(served))
		}
		cancel()
		if n := <-served; n != 10 {
			t.Errorf("after 290 gave up, %d was served, want 10", n)
		}
	})
}
