package ingest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"sluice/pipeline"
)

func TestTurnsGoInOrderInsideAClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(100)
		low := turnClass(pipeline.LaneLow)
		if err := turns.acquire(t.Context(), low, 60); err != nil { // its own 10 and all that is common
			t.Fatal(err)
		}
		got := make(chan int64, 3)
		for _, n := range []int64{30, 1, 29} {
			go func() {
				if err := turns.acquire(t.Context(), low, n); err != nil {
					t.Error(err)
				}
				got <- n
			}()
			synctest.Wait()
		}
		expect := func(release int64, want ...int64) {
			turns.release(low, release)
			synctest.Wait()
			for _, n := range want {
				if len(got) == 0 {
					t.Fatalf("%d was not let in after the release of %d", n, release)
				}
				if first := <-got; first != n {
					t.Fatalf("%d was let in, want %d", first, n)
				}
			}
			if len(got) > 0 {
				t.Fatalf("%d was let in out of turn", <-got)
			}
		}
		expect(0)
		expect(29)
		expect(1, 30)
		expect(1, 1)
		expect(29, 29)
		if turns.inUse() != 60 {
			t.Errorf("%d in use", turns.inUse())
		}
	})
}

func TestTurnsKeepAShareForEachClass(t *testing.T) {
	noWait := expired
	turns := newTurns(100)
	low, critical := turnClass(pipeline.LaneLow), turnClass(pipeline.LaneCritical)
	for range 60 {
		if err := turns.acquire(noWait, low, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := turns.acquire(noWait, low, 1); !errors.Is(err, errNoWait) {
		t.Errorf("low got more than its own and the common part: %v", err)
	}
	for range 10 {
		if err := turns.acquire(noWait, critical, 1); err != nil {
			t.Errorf("critical did not get its own: %v", err)
		}
	}
	if err := turns.acquire(noWait, critical, 1); err == nil {
		t.Error("critical got more than there is")
	}
	if turns.inUse() != 70 {
		t.Errorf("%d in use", turns.inUse())
	}
}

func TestTurnsLetOneLargerThanTheAccountInAlone(t *testing.T) {
	turns := newTurns(100)
	if err := turns.acquire(expired, classByRule, 1000); err != nil {
		t.Error(err)
	}
	if err := turns.acquire(expired, 0, 11); err == nil {
		t.Error("another one got more than its own")
	}
	if err := turns.acquire(expired, 0, 10); err != nil {
		t.Error(err)
	}
	turns.release(classByRule, 1000)
	if err := turns.acquire(expired, classByRule, 1000); err == nil {
		t.Error("one larger than the account was let in beside another")
	}
}

func TestTurnsKeepWhatIsCommonForTheMostUrgentWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(100)
		low, critical := turnClass(pipeline.LaneLow), turnClass(pipeline.LaneCritical)
		if err := turns.acquire(t.Context(), low, 60); err != nil {
			t.Fatal(err)
		}
		granted := make(chan turnClass, 3)
		wait := func(class turnClass, n int64) {
			go func() {
				if err := turns.acquire(t.Context(), class, n); err != nil {
					t.Error(err)
				}
				granted <- class
			}()
			synctest.Wait()
		}
		wait(low, 20)
		wait(critical, 50)
		turns.release(low, 30) // enough for low, which came first, and not for critical
		synctest.Wait()
		if err := turns.acquire(expired, classByRule, 11); err == nil {
			t.Error("a newcomer took what is common from a more urgent one that waits")
		}
		if len(granted) > 0 {
			t.Errorf("%d was let in", <-granted)
		}
		turns.release(low, 20)
		synctest.Wait()
		if first := <-granted; first != critical || len(granted) > 0 {
			t.Errorf("%d was let in first, and %d more", first, len(granted))
		}
		turns.release(critical, 50)
		if second := <-granted; second != low {
			t.Errorf("%d was let in last", second)
		}
	})
}

func TestTurnsOfThoseWhoGiveUpPassOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(100)
		if err := turns.acquire(t.Context(), 0, 60); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		go func() { errs <- turns.acquire(ctx, 0, 60) }()
		synctest.Wait()
		go func() { errs <- turns.acquire(t.Context(), 0, 10) }()
		turns.release(0, 20)
		synctest.Wait()
		cancel()
		if first, second := <-errs, <-errs; errors.Is(first, context.Canceled) == errors.Is(second, context.Canceled) {
			t.Errorf("errors %v and %v, want one that gave up and one that was let in", first, second)
		}
		if turns.inUse() != 50 {
			t.Errorf("%d in use, want 50", turns.inUse())
		}
	})
}
