package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// RateKind says how a rate limit counts.
type RateKind string

// The kinds of rate limit.
const (
	// RateTokenBucket lets Burst records pass at once and refills evenly: in
	// any time t at most Burst + t x Limit/Per pass.
	RateTokenBucket RateKind = "token-bucket"
	// RateLeakyBucket spaces records evenly, one each Per/Limit, and saves
	// nothing up. Those of the same millisecond may pass together.
	RateLeakyBucket RateKind = "leaky-bucket"
	// RateSlidingWindow lets at most Limit records pass in any window of Per.
	RateSlidingWindow RateKind = "sliding-window"
)

// RateKinds lists them all, the default first.
var RateKinds = []RateKind{RateTokenBucket, RateLeakyBucket, RateSlidingWindow}

// RateOver says what becomes of a record that a rate limit does not let pass.
type RateOver string

// What becomes of records beyond a rate limit.
const (
	RateOverWait   RateOver = "wait"   // its sender waits: back-pressure
	RateOverDrop   RateOver = "drop"   // it is dropped, as Dropped says
	RateOverReject RateOver = "reject" // a sender that can send again is refused (*RateError); any other waits
)

// RateOvers lists them all, the default first.
var RateOvers = []RateOver{RateOverWait, RateOverDrop, RateOverReject}

// Defaults and bounds of RateConfig.
const (
	DefaultRatePer = time.Second
	MaxRateLimit   = 1_000_000_000 // records
	MaxRatePer     = 24 * time.Hour
)

// RateConfig limits how many records the intake lets pass, over all inputs of a
// run. The zero value is no limit.
type RateConfig struct {
	Limit   int           // records each Per, 1 to MaxRateLimit
	Per     time.Duration // 0 for DefaultRatePer; at most MaxRatePer
	Kind    RateKind      // "" for RateTokenBucket
	Burst   int           // records that a token bucket lets pass at once; 0 for Limit; of no other kind
	Over    RateOver      // "" for RateOverWait
	Dropped DropTo        // where RateOverDrop drops to; "" for DropToNowhere
}

// Set says whether there is a limit.
func (c RateConfig) Set() bool { return c != RateConfig{} }

// String returns the limit as a person says it.
func (c RateConfig) String() string {
	c = c.WithDefaults()
	records := "records"
	if c.Limit == 1 {
		records = "record"
	}
	return fmt.Sprintf("%d %s per %s", c.Limit, records, shortDuration(c.Per))
}

// shortDuration leaves out the zeros of 1m0s.
func shortDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// WithDefaults returns a limit that is set with its zero fields filled in.
func (c RateConfig) WithDefaults() RateConfig {
	if !c.Set() {
		return c
	}
	setDefault(&c.Per, DefaultRatePer)
	setDefault(&c.Kind, RateTokenBucket)
	setDefault(&c.Over, RateOverWait)
	setDefault(&c.Dropped, DropToNowhere)
	if c.Kind == RateTokenBucket {
		setDefault(&c.Burst, c.Limit)
	}
	return c
}

// check tells bad of each mistake, by the key of the field.
func (c RateConfig) check(bad func(field, format string, args ...any)) {
	if !c.Set() {
		return
	}
	given := c
	c = c.WithDefaults()
	if c.Limit < 1 || c.Limit > MaxRateLimit {
		bad("limit", "%d; expected 1 to %d records", c.Limit, MaxRateLimit)
	}
	if c.Per <= 0 || c.Per > MaxRatePer {
		bad("per", "%v; expected more than 0 and at most %s", c.Per, shortDuration(MaxRatePer))
	}
	if !slices.Contains(RateKinds, c.Kind) {
		bad("kind", "%q; expected %s", c.Kind, oneOf(RateKinds))
	}
	if !slices.Contains(RateOvers, c.Over) {
		bad("over", "%q; expected %s", c.Over, oneOf(RateOvers))
	}
	switch {
	case given.Burst < 0 || given.Burst > MaxRateLimit:
		bad("burst", "%d; expected 1 to %d records", given.Burst, MaxRateLimit)
	case given.Burst > 0 && c.Kind != RateTokenBucket && slices.Contains(RateKinds, c.Kind):
		bad("burst", "%d; a %s has none: leave it out, or take a %s", given.Burst, c.Kind, RateTokenBucket)
	}
	switch {
	case c.Dropped != DropToNowhere && c.Dropped != DropToDeadLetter:
		bad("dropped", "%q; expected %s or %s", c.Dropped, DropToNowhere, DropToDeadLetter)
	case given.Dropped != "" && c.Over != RateOverDrop && slices.Contains(RateOvers, c.Over):
		bad("dropped", "%q, but nothing is dropped with over: %s; expected over: %s beside it", given.Dropped, c.Over, RateOverDrop)
	}
}

// oneOf lists words as a sentence does.
func oneOf[T ~string](words []T) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(w))
	}
	return b.String()
}

// rateKey returns the key in the file of a lane's limit, or with LaneCount of
// the common one.
func rateKey(lane Lane) string {
	if lane == LaneCount {
		return "source.rate"
	}
	return "source.lanes." + lane.String()
}
