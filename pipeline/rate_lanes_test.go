package pipeline

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheMostUrgentWhoWaitsComesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runLimited(t, Config{Rate: RateConfig{Limit: 10, Burst: 5}}, feeding{
			sends(LaneLow, 100, 0),
			sends(LaneNormal, 3, 950*time.Millisecond),
			sends(LaneCritical, 20, 1050*time.Millisecond),
			sends(LaneHigh, 2, 1250*time.Millisecond),
		})
		r.wantLanes("at first", [LaneCount]int64{LaneLow: 5})
		time.Sleep(1050 * time.Millisecond)
		r.wantLanes("after 1.05 s", [LaneCount]int64{LaneLow: 5 + 9, LaneNormal: 1})
		time.Sleep(2 * time.Second)
		r.wantLanes("after 3.05 s", [LaneCount]int64{LaneLow: 14, LaneNormal: 1, LaneCritical: 20})
		time.Sleep(200 * time.Millisecond)
		r.wantLanes("after 3.25 s", [LaneCount]int64{LaneLow: 14, LaneNormal: 1, LaneCritical: 20, LaneHigh: 2})
		time.Sleep(300 * time.Millisecond)
		r.wantLanes("after 3.55 s", [LaneCount]int64{LaneLow: 15, LaneNormal: 3, LaneCritical: 20, LaneHigh: 2})
		if l := r.end(); l.Persisted != 125 {
			t.Errorf("persisted %d of 125", l.Persisted)
		}
	})
}

// TestWhatAnUrgentSenderSavesUpForIsNotTakenByOthers has a sender wait for ten
// records at a time beside many that need one.
func TestWhatAnUrgentSenderSavesUpForIsNotTakenByOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		senders := feeding{sends(LaneCritical, 50, time.Millisecond/2)}
		for i := range 80 {
			senders = append(senders, sends(LaneLow, 1, time.Duration(i+1)*time.Millisecond))
		}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 1000, Burst: 10}}, append(feeding{sends(LaneNormal, 10, 0)}, senders...))
		time.Sleep(50*time.Millisecond + 1)
		r.wantLanes("after 50 ms", [LaneCount]int64{LaneCritical: 50, LaneNormal: 10})
		time.Sleep(5 * time.Millisecond)
		r.wantLanes("after 55 ms", [LaneCount]int64{LaneCritical: 50, LaneNormal: 10, LaneLow: 5})
		r.end()
	})
}

func TestWhoGivesUpLetsThoseBehindGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		post := &ticks{lane: LaneCritical, each: 10, times: 1, posts: true}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 1000, Burst: 10}}, feeding{
			sends(LaneNormal, 10, 0),
			func(_ context.Context, feed Feed) error {
				time.Sleep(time.Nanosecond)
				if err := post.Run(ctx, feed); !errors.Is(err, ErrTimeout) {
					t.Errorf("error %v, want ErrTimeout", err)
				}
				return nil
			},
			sends(LaneLow, 3, 2),
		})
		time.Sleep(5 * time.Millisecond)
		r.wantLanes("while critical waits", [LaneCount]int64{LaneNormal: 10})
		cancel(ErrTimeout)
		r.wantLanes("when it has given up", [LaneCount]int64{LaneNormal: 10, LaneLow: 3})
		r.end()
	})
}

func TestALaneThatWaitsForItsOwnLimitHoldsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Rate: RateConfig{Limit: 100, Burst: 100}}
		cfg.LaneRates[LaneCritical] = RateConfig{Limit: 1, Per: time.Minute}
		cfg.LaneRates[LaneHigh] = RateConfig{Limit: 2, Over: RateOverDrop}
		r := runLimited(t, cfg, feeding{
			sends(LaneCritical, 3, 0), sends(LaneLow, 250, 0), sends(LaneHigh, 5, time.Millisecond),
		})
		time.Sleep(1500 * time.Millisecond)
		r.wantLanes("after 1.5 s", [LaneCount]int64{LaneCritical: 1, LaneHigh: 5, LaneLow: 250 - 3})
		if d := r.p.Status().Ledger.Lanes[LaneHigh].Dropped; d != 3 {
			t.Errorf("dropped %d of high, want 3", d)
		}
		time.Sleep(2 * time.Minute)
		if l := r.end(); l.Persisted != 3+250+2 {
			t.Errorf("persisted %d, want 255", l.Persisted)
		}
	})
}

func TestSendersOfALaneTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runLimited(t, Config{Rate: RateConfig{Limit: 10, Kind: RateLeakyBucket}}, feeding{
			sends(LaneLow, 50, 0), sends(LaneLow, 3, time.Millisecond), sends(LaneLow, 2, 2*time.Millisecond),
		})
		time.Sleep(900*time.Millisecond + 1)
		synctest.Wait()
		lines := map[string]int{}
		for _, row := range r.sink.rows[LaneLow] {
			lines[row]++
		}
		for n, want := range []int{3, 3, 2, 1, 1} { // the first lines of each sender are alike
			if got := lines[fmt.Sprintf(`{"n":%d}`, n)]; got != want {
				t.Errorf("line %d came %d times in the first second, want %d", n, got, want)
			}
		}
		r.end()
	})
}

func TestALaneThatWaitsAndACommonLimitThatDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Rate: RateConfig{Limit: 5, Burst: 1, Over: RateOverDrop}}
		cfg.LaneRates[LaneLow] = RateConfig{Limit: 10, Burst: 1}
		r := runLimited(t, cfg, sourceFunc(sends(LaneLow, 100, 0)))
		time.Sleep(time.Second)
		if got, want := r.counts(), (Counts{Accepted: 11, Persisted: 6, Dropped: 5}); got != want {
			t.Errorf("after 1 s %+v, want %+v: every second record that the lane lets pass", got, want)
		}
		if l := r.end(); l.Persisted != 50 || l.Dropped != 50 {
			t.Errorf("%+v, want half of 100 dropped", l.Counts)
		}
	})
}

func TestALaneThatDropsAndACommonLimitThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Rate: RateConfig{Limit: 10, Burst: 1}}
		cfg.LaneRates[LaneLow] = RateConfig{Limit: 1, Per: time.Minute, Burst: 15, Over: RateOverDrop}
		r := runLimited(t, cfg, sourceFunc(sends(LaneLow, 100, 0)))
		time.Sleep(1300 * time.Millisecond)
		if got, want := r.counts(), (Counts{Accepted: 14, Persisted: 14}); got != want {
			t.Errorf("after 1.3 s %+v, want %+v", got, want)
		}
		time.Sleep(100 * time.Millisecond)
		if got, want := r.counts(), (Counts{Accepted: 100, Persisted: 15, Dropped: 85}); got != want {
			t.Errorf("after 1.4 s %+v, want %+v: the lane's limit is used up", got, want)
		}
		r.end()
	})
}

func TestAPostWaitsForOneLimitAndIsRefusedByTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Rate: RateConfig{Limit: 1, Per: time.Minute, Burst: 25, Over: RateOverReject}}
		cfg.LaneRates[LaneLow] = RateConfig{Limit: 10}
		src := &ticks{lane: LaneLow, each: 100, times: 1, posts: true}
		r := runLimited(t, cfg, src)
		time.Sleep(1400 * time.Millisecond)
		r.wantLanes("after 1.4 s", [LaneCount]int64{LaneLow: 24})
		time.Sleep(200 * time.Millisecond)
		if l := r.end(); l.Persisted != 25 || len(src.refused) != 75 {
			t.Errorf("persisted %d, refused %d; want 25 and 75", l.Persisted, len(src.refused))
		}
		if got, want := src.errs[0].Error(), "beyond the rate limit of 1 record per 1m (source.rate)"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestNobodyOvertakesOneWhoWaitsForTheCommonLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		post := &ticks{lane: LaneLow, each: 5, every: 100 * time.Millisecond, times: 10, posts: true}
		cfg := Config{Rate: RateConfig{Limit: 10, Burst: 10, Over: RateOverReject}}
		r := runLimited(t, cfg, feeding{
			sends(LaneNormal, 30, 0), // waits, for it cannot be refused
			func(ctx context.Context, feed Feed) error { time.Sleep(time.Nanosecond); return post.Run(ctx, feed) },
		})
		l := r.end()
		if got := l.Lanes[LaneLow].Persisted; got != 0 || len(post.refused) != 50 {
			t.Errorf("%d of low passed, want all 50 refused while normal waits", got)
		}
		if got := l.Lanes[LaneNormal].Persisted; got != 30 {
			t.Errorf("persisted %d of normal, want 30", got)
		}
	})
}
