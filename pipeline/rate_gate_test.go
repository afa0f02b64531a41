package pipeline

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// feeding is a source that opens an intake for each of its senders and runs them
// side by side.
type feeding []func(ctx context.Context, feed Feed) error

func (f feeding) Run(ctx context.Context, feed Feed) error {
	sources := make(Sources, len(f))
	for i := range f {
		sources[i] = sourceFunc(f[i])
	}
	return sources.Run(ctx, feed)
}

// sends offers n lines of a lane after a time.
func sends(lane Lane, n int, after time.Duration) func(context.Context, Feed) error {
	return func(ctx context.Context, feed Feed) error {
		time.Sleep(after)
		return (&ticks{lane: lane, each: n, times: 1}).Run(ctx, feed)
	}
}

// lanes returns how many records of each lane were accepted by now.
func (r *limited) lanes() (n [LaneCount]int64) {
	synctest.Wait()
	for l, c := range r.p.Status().Ledger.Lanes {
		n[l] = c.Accepted
	}
	return n
}

func (r *limited) wantLanes(when string, want [LaneCount]int64) {
	r.t.Helper()
	if got := r.lanes(); got != want {
		r.t.Errorf("%s: accepted %v, want %v", when, got, want)
	}
}

func TestASenderInAHurryTakesLessThanOthersWaitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		post := &ticks{lane: LaneLow, each: 20, every: 7 * time.Millisecond, times: 2, posts: true, hurry: true}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 1000, Burst: 10}}, post)
		if l := r.end(); l.Persisted != 10+7 {
			t.Errorf("persisted %d, want 10 at once and the 7 of 7 ms", l.Persisted)
		}
	})
}

func TestDeadLettersOfALimitTakeNoRoomInTheirLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{
			Stages: []StageConfig{{Name: "held", Lanes: [LaneCount]LaneConfig{LaneLow: {Capacity: 10}}}},
			Rate:   RateConfig{Limit: 1, Burst: 10, Over: RateOverDrop, Dropped: DropToDeadLetter},
		}
		r := runLimited(t, cfg, sourceFunc(sends(LaneLow, 50, time.Millisecond)))
		if err := r.p.PauseStage("held"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
		r.wantLanes("with the lane full", [LaneCount]int64{LaneLow: 50})
		if err := r.p.ResumeStage("held"); err != nil {
			t.Fatal(err)
		}
		if l := r.end(); l.Persisted != 10 || l.Dead != 40 {
			t.Errorf("%+v, want 10 rows and 40 dead letters", l.Counts)
		}
	})
}

func TestADurableInputGivesUpWhatTheLimitHoldsWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &linesSource{lines: numbered("n", 1000), lane: LaneLow, perChunk: 50, start: Progress{Source: "s", Name: "s"}}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 10, Burst: 30}}, src)
		time.Sleep(1050 * time.Millisecond)
		r.stop(ErrStopped)
		if err := <-r.done; !errors.Is(err, ErrStopped) {
			t.Errorf("error %v, want ErrStopped", err)
		}
		l := wantClosed(t, r.p)
		if want := (Counts{Accepted: 40, Persisted: 40}); l.Counts != want {
			t.Errorf("%+v, want %+v", l.Counts, want)
		}
		if p := r.sink.progress; p.Frontier != 0 || p.Lanes[LaneLow] <= 0 || p.Lanes[LaneLow] >= int64(50*len(src.lines[0])+100) {
			t.Errorf("the progress is %+v, want the frontier at the first chunk and the lane inside it", p)
		}
		again := *src
		again.start = r.sink.progress
		second := runLimited(t, Config{}, &again)
		if l := second.end(); l.Persisted != 960 {
			t.Errorf("the second run persisted %d, want 960", l.Persisted)
		}
		sameLines(t, "both runs", append(r.sink.rows[LaneLow], second.sink.rows[LaneLow]...), src.lines)
	})
}

func TestWhatALimitHoldsAtAHardStopIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &linesSource{lines: numbered("n", 500), lane: LaneLow, perChunk: 100}
		r := runLimited(t, Config{Rate: RateConfig{Limit: 10}, DrainTimeout: time.Second}, src)
		time.Sleep(950 * time.Millisecond)
		r.stop(ErrStopped)
		if err := <-r.done; !errors.Is(err, ErrDrainTimeout) {
			t.Errorf("error %v, want ErrDrainTimeout", err)
		}
		l := wantClosed(t, r.p)
		if want := (Counts{Accepted: 100, Persisted: 29, Left: 71}); l.Counts != want {
			t.Errorf("%+v, want %+v: what was read from an input that cannot be read again", l.Counts, want)
		}
		if held := r.p.Status().Rate; held.Held != 1950*time.Millisecond || held.Lanes[LaneLow].Waiting != 0 {
			t.Errorf("held %+v, want 1.95 s and nobody now", held)
		}
	})
}

func TestNothingPassesALimitDuringAPause(t *testing.T) {
	for _, c := range rateCases {
		t.Run(fmt.Sprintf("%s of burst %d", c.kind, c.burst), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := Config{Rate: RateConfig{Limit: 100, Kind: c.kind, Burst: c.burst}}
				many := make(feeding, 40)
				for i := range many {
					many[i] = sends(LaneLow, 25, 0)
				}
				r := runLimited(t, cfg, many)
				time.Sleep(100 * time.Millisecond)
				before := r.counts().Accepted
				if err := r.p.Pause(); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				if now := r.counts().Accepted; now != before {
					t.Errorf("accepted %d during the pause", now-before)
				}
				if err := r.p.Resume(); err != nil {
					t.Fatal(err)
				}
				if now, want := r.counts().Accepted-before, int64(c.waited[0]); now != want {
					t.Errorf("%d passed at the end of the pause, want %d, what may pass at once", now, want)
				}
				if l := r.end(); l.Persisted != 1000 {
					t.Errorf("persisted %d of 1000", l.Persisted)
				}
			})
		})
	}
}

func TestARefusedSenderHearsWhenToComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		rate RateConfig
		want time.Duration // for 1, 5 and 1000 records
		five time.Duration
		all  time.Duration
	}{
		"a token bucket":   {RateConfig{Limit: 10, Burst: 20}, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second},
		"a leaky bucket":   {RateConfig{Limit: 10, Kind: RateLeakyBucket}, 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond},
		"a sliding window": {RateConfig{Limit: 10, Kind: RateSlidingWindow}, time.Second, 1400 * time.Millisecond, 1900 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.rate.Over = RateOverReject
				src := &ticks{lane: LaneLow, each: 1000, times: 1, posts: true}
				runLimited(t, Config{Rate: c.rate}, src).end()
				if len(src.errs) != 1 || !errors.Is(src.errs[0], ErrRateLimited) {
					t.Fatalf("errors %v, want one ErrRateLimited", src.errs)
				}
				for records, want := range map[int]time.Duration{1: c.want, 5: c.five, 1000: c.all} {
					if got := src.errs[0].After(records); got != want {
						t.Errorf("%d records after %v, want %v", records, got, want)
					}
				}
				if want := "beyond the rate limit of 10 records per 1s (source.rate)"; src.errs[0].Error() != want {
					t.Errorf("%q, want %q", src.errs[0], want)
				}
			})
		})
	}
}

func TestTheBottleneckIsTheLimitWhereItHoldsTheRun(t *testing.T) {
	slow := StageFunc(func(context.Context, *Batch) error {
		time.Sleep(9 * time.Millisecond)
		return nil
	})
	for name, c := range map[string]struct {
		rate RateConfig
		want string
	}{
		"a limit below what the stage can do":  {RateConfig{Limit: 100, Kind: RateLeakyBucket}, BottleneckRate},
		"a limit above what the stage can do":  {RateConfig{Limit: 100_000}, "slow"},
		"a limit that drops holds nobody back": {RateConfig{Limit: 40, Burst: 1, Over: RateOverDrop}, BottleneckSource},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := &linesSource{lines: numbered("n", 20_000), after: func(int) { time.Sleep(time.Millisecond) }}
				r := runLimited(t, Config{Rate: c.rate, Stages: []StageConfig{{Name: "slow", Stage: slow, Workers: 1}}}, src)
				time.Sleep(100 * time.Millisecond)
				before := r.p.Status()
				time.Sleep(50 * time.Millisecond)
				if got := Bottleneck(before, r.p.Status()); got != c.want {
					t.Errorf("the bottleneck is %q, want %q", got, c.want)
				}
				r.end()
			})
		})
	}
}

func TestAPauseIsNoTimeThatALimitHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runLimited(t, Config{Rate: RateConfig{Limit: 1}}, sourceFunc(sends(LaneLow, 3, 0)))
		time.Sleep(500 * time.Millisecond)
		if err := r.p.Pause(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := r.p.Resume(); err != nil {
			t.Fatal(err)
		}
		r.end()
		if got := r.p.Status().Rate; got.Held != 1500*time.Millisecond || got.Lanes[LaneLow].Held != got.Held || got.Free != time.Hour {
			t.Errorf("%+v, want 1.5 s held, and the pause free", got)
		}
	})
}

func TestASliceOfAHeldBatchKeepsItsIndex(t *testing.T) {
	rule := LaneRule{Field: "k.lane", Map: map[string]Lane{"a": LaneHigh}, Default: LaneLow}
	lines := make([]string, 300)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"n":%d,"k":{"lane":"%c","x":[1,{"deep":%d}]}}`, i, 'a'+rune(i%2), i)
	}
	lines[4] = `{"k":{"lane":"a"}`
	synctest.Test(t, func(t *testing.T) {
		var wrong []string
		check := StageFunc(func(_ context.Context, b *Batch) error {
			for r := range b.Each() {
				if err := r.Index(DefaultMaxDepth); err != nil {
					r.Reject(err)
					continue
				}
				n, x := r.Root().Member("n").JSON(), r.Root().Member("k").Member("x").JSON()
				if string(n) != fmt.Sprint(r.Line()-1) || string(x) != fmt.Sprintf(`[1,{"deep":%d}]`, r.Line()-1) {
					wrong = append(wrong, fmt.Sprintf("line %d: %s and %s", r.Line(), n, x))
				}
			}
			return nil
		})
		r := runLimited(t, Config{
			Stages: []StageConfig{{Name: "check", Stage: check, Workers: 1}},
			Rate:   RateConfig{Limit: 700, Burst: 7},
		}, &linesSource{lines: lines, rule: &rule, perChunk: 120})
		l := r.end()
		if len(wrong) > 0 {
			t.Errorf("%d records are not what they were: %v", len(wrong), wrong[0])
		}
		if l.Dead != 1 || l.Persisted != 299 || l.DeadByCode[CodeNotJSON] != 1 {
			t.Errorf("%+v, want one dead letter", l)
		}
		if used := r.p.budget.inUse(); used != 0 {
			t.Errorf("%d bytes are still on the account", used)
		}
	})
}

func TestALimitThatDropsHoldsItsSendersDuringAPause(t *testing.T) {
	for _, over := range []RateOver{RateOverDrop, RateOverReject} {
		synctest.Test(t, func(t *testing.T) {
			r := newRates(&Config{Rate: RateConfig{Limit: 1, Over: over}})
			r.hold(true)
			claim := func() *rateClaim { return &rateClaim{n: 1, refuses: true, granted: newSignal()} }
			ended, cancel := context.WithCancelCause(t.Context())
			cancel(errHurry)
			if v, err := r.admit(ended, claim()); err != errHurry {
				t.Errorf("%s: one in a hurry got %+v, %v", over, v, err)
			}
			var verdict *rateVerdict
			go func() {
				if v, err := r.admit(t.Context(), claim()); err == nil {
					verdict = &v
				}
			}()
			synctest.Wait()
			if verdict != nil {
				t.Fatalf("%s: the verdict during the pause is %+v", over, *verdict)
			}
			r.hold(false)
			synctest.Wait()
			if verdict == nil || *verdict != (rateVerdict{pass: 1}) {
				t.Errorf("%s: the verdict after the pause is %+v, want that it passes", over, verdict)
			}
		})
	}
}
