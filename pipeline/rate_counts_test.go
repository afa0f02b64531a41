package pipeline

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// scopes sets a limit for all lanes together, or for the lane of the test.
var scopes = map[string]func(*Config, RateConfig){
	"common": func(c *Config, r RateConfig) { c.Rate = r },
	"lane":   func(c *Config, r RateConfig) { c.LaneRates[LaneNormal] = r },
	"both": func(c *Config, r RateConfig) {
		c.Rate, c.LaneRates[LaneNormal] = r, r
	},
}

// rateCase is 100 records a second, of each kind.
type rateCase struct {
	kind  RateKind
	burst int
	// Records that have passed after 0, 1, 10, 99, 100, 999, 1000 and 2500 ms of
	// a backlog that never ends.
	waited [8]int
	// Records that pass of 50 offered every 100 ms, 20 times.
	ticked int
}

var rateCases = []rateCase{
	{RateTokenBucket, 20, [8]int{20, 20, 21, 29, 30, 119, 120, 270}, 20 + 19*10},
	{RateTokenBucket, 0, [8]int{100, 100, 101, 109, 110, 199, 200, 350}, 50 + 50 + 20 + 17*10},
	{RateTokenBucket, 1, [8]int{1, 1, 2, 10, 11, 100, 101, 251}, 20},
	{RateLeakyBucket, 0, [8]int{1, 1, 2, 10, 11, 100, 101, 251}, 20},
	{RateSlidingWindow, 0, [8]int{100, 100, 100, 100, 100, 100, 200, 300}, 4 * 50},
}

var rateTimes = [8]time.Duration{0, 1, 10, 99, 100, 999, 1000, 2500}

func eachRate(t *testing.T, over RateOver, test func(t *testing.T, cfg Config, c rateCase)) {
	for _, c := range rateCases {
		for scope, set := range scopes {
			t.Run(fmt.Sprintf("%s of burst %d, %s", c.kind, c.burst, scope), func(t *testing.T) {
				var cfg Config
				set(&cfg, RateConfig{Limit: 100, Kind: c.kind, Burst: c.burst, Over: over})
				synctest.Test(t, func(t *testing.T) { test(t, cfg, c) })
			})
		}
	}
}

// wantWaited wants what a backlog of 1000 lets through over time.
func wantWaited(t *testing.T, cfg Config, c rateCase, src Source) {
	r := runLimited(t, cfg, src)
	begin := time.Now()
	for i, at := range rateTimes {
		time.Sleep(at*time.Millisecond - time.Since(begin))
		if got := r.counts(); got.Accepted != int64(c.waited[i]) || got.Persisted != got.Accepted {
			t.Errorf("after %d ms: accepted %d, persisted %d; want %d", at, got.Accepted, got.Persisted, c.waited[i])
		}
	}
	if l := r.end(); l.Persisted != 1000 {
		t.Errorf("persisted %d of 1000", l.Persisted)
	}
	sameLines(t, "all", r.sink.rows[LaneNormal], numbered("n", 1000))
}

func TestAWaitingSenderIsLetThroughExactlyAtTheLimit(t *testing.T) {
	eachRate(t, RateOverWait, func(t *testing.T, cfg Config, c rateCase) {
		wantWaited(t, cfg, c, &linesSource{lines: numbered("n", 1000), lane: LaneNormal, perChunk: 300})
	})
}

func TestASourceThatCannotBeRefusedWaits(t *testing.T) {
	eachRate(t, RateOverReject, func(t *testing.T, cfg Config, c rateCase) {
		wantWaited(t, cfg, c, &linesSource{lines: numbered("n", 1000), lane: LaneNormal, perChunk: 300})
	})
}

func TestWhatIsBeyondTheLimitIsDropped(t *testing.T) {
	eachRate(t, RateOverDrop, func(t *testing.T, cfg Config, c rateCase) {
		src := &ticks{lane: LaneNormal, each: 50, every: 100 * time.Millisecond, times: 20}
		r := runLimited(t, cfg, src)
		l := r.end()
		if want := (Counts{Accepted: 1000, Persisted: int64(c.ticked), Dropped: int64(1000 - c.ticked)}); l.Lanes[LaneNormal] != want {
			t.Errorf("%+v, want %+v", l.Lanes[LaneNormal], want)
		}
		first := r.p.Status().Stages[0].Lanes[LaneNormal]
		if first.Accepted != 1000 || first.Dropped != l.Dropped {
			t.Errorf("the first stage has %+v, want what was dropped counted there", first.Counts)
		}
		if held := r.p.Status().Rate.Held; held > 0 {
			t.Errorf("the sender was held up for %v", held)
		}
	})
}

func TestWhatIsBeyondTheLimitBecomesDeadLetters(t *testing.T) {
	eachRate(t, RateOverDrop, func(t *testing.T, cfg Config, c rateCase) {
		for _, rate := range append([]*RateConfig{&cfg.Rate}, &cfg.LaneRates[LaneNormal]) {
			if rate.Set() {
				rate.Dropped = DropToDeadLetter
			}
		}
		r := runLimited(t, cfg, &ticks{lane: LaneNormal, each: 50, every: 100 * time.Millisecond, times: 20})
		l := r.end()
		if want := (Counts{Accepted: 1000, Persisted: int64(c.ticked), Dead: int64(1000 - c.ticked)}); l.Counts != want {
			t.Errorf("%+v, want %+v", l.Counts, want)
		}
		if got := l.DeadByCode["dropped_rate"]; got != l.Dead {
			t.Errorf("%d dead letters of %d have the code dropped_rate", got, l.Dead)
		}
		for i, line := range r.sink.lines[LaneNormal] {
			if want := fmt.Sprint(i + 1); line != want {
				t.Fatalf("line %s came in place of %s", line, want)
			}
		}
	})
}

func TestWhatIsBeyondTheLimitIsRefused(t *testing.T) {
	eachRate(t, RateOverReject, func(t *testing.T, cfg Config, c rateCase) {
		src := &ticks{lane: LaneNormal, each: 50, every: 100 * time.Millisecond, times: 20, posts: true}
		r := runLimited(t, cfg, src)
		l := r.end()
		if want := (Counts{Accepted: int64(c.ticked), Persisted: int64(c.ticked)}); l.Counts != want {
			t.Errorf("%+v, want %+v", l.Counts, want)
		}
		if got, want := len(src.refused), 1000-c.ticked; got != want {
			t.Errorf("%d lines refused, want %d", got, want)
		}
		if r.p.Status().Rate.Held > 0 {
			t.Errorf("a sender was held up")
		}
	})
}

func TestASenderInAHurryTakesWhatThereIsAndIsRefusedTheRest(t *testing.T) {
	eachRate(t, RateOverWait, func(t *testing.T, cfg Config, c rateCase) {
		src := &ticks{lane: LaneNormal, each: 50, every: 100 * time.Millisecond, times: 20, posts: true, hurry: true}
		r := runLimited(t, cfg, src)
		if l := r.end(); l.Persisted != int64(c.ticked) || len(src.refused) != 1000-c.ticked {
			t.Errorf("persisted %d, refused %d; want %d and the rest of 1000", l.Persisted, len(src.refused), c.ticked)
		}
	})
}
