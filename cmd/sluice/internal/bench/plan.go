package bench

import (
	"time"

	"sluice/pipeline"
)

// Defaults of a Plan.
const (
	DefaultDuration = 10 * time.Second // when neither --records nor --duration says when to end
	DefaultSeed     = 1
)

// DefaultMix is what is offered unless --mix or --rate names the lanes.
var DefaultMix = [pipeline.LaneCount]float64{pipeline.LaneCritical: 1, pipeline.LaneLow: 99}

// Rate is how many records a lane gets a second.
type Rate struct {
	Value    float64 // 0 for as fast as it goes
	Multiple bool    // Value is a multiple of what the pipeline can take
}

// Plan says what a benchmark offers. Flags make one.
type Plan struct {
	// Shares are the lanes' parts of the whole; a lane without one gets nothing.
	Shares   [pipeline.LaneCount]float64
	Rates    [pipeline.LaneCount]Rate
	Coupled  bool          // without rates the lanes keep to their shares
	Records  int64         // over all lanes; 0 for no limit
	Duration time.Duration // of the sending; 0 for no limit
	Size     Sizes
	Sample   string // file whose lines are sent, "" for generated records
	Slow     Slow
	Stdin    bool // records go through a pipe and the source of stdin
	Seed     uint64
}

// NeedsCapacity says whether a rate is a multiple of what the pipeline can
// take, which must be measured first.
func (p Plan) NeedsCapacity() bool {
	for _, r := range p.Rates {
		if r.Multiple {
			return true
		}
	}
	return false
}

// Calibration returns the plan that measures the capacity: the lanes whose rates
// depend on it, as fast as they go, in the ratio of their rates. Its records are
// others than the plan's, so that no key comes twice.
func (p Plan) Calibration(d time.Duration) Plan {
	for l, r := range p.Rates {
		p.Shares[l] = 0
		if r.Multiple {
			p.Shares[l] = r.Value
		}
		p.Rates[l] = Rate{}
	}
	p.Coupled, p.Records, p.Duration = true, 0, d
	p.Seed++
	return p
}

// At returns the plan with its multiples worked out for a capacity in records a
// second.
func (p Plan) At(capacity float64) Plan {
	for l, r := range p.Rates {
		if r.Multiple {
			p.Rates[l] = Rate{Value: r.Value * capacity}
			p.Shares[l] = p.Rates[l].Value
		}
	}
	return p
}

// share returns a lane's part of the records, 0 to 1.
func (p Plan) share(lane pipeline.Lane) float64 {
	sum := 0.0
	for _, s := range p.Shares {
		sum += s
	}
	return p.Shares[lane] / sum
}

// limit returns how many records a lane may send in all. Those of all lanes are
// the plan's to the record.
func (p Plan) limit(lane pipeline.Lane) int64 {
	if p.Records == 0 {
		return 1<<63 - 1
	}
	return p.recordsUpTo(int(lane)+1) - p.recordsUpTo(int(lane))
}

// recordsUpTo returns how many records the first n lanes have together.
func (p Plan) recordsUpTo(n int) int64 {
	share, more := 0.0, false
	for l := range p.Shares {
		if l < n {
			share += p.share(pipeline.Lane(l))
		} else {
			more = more || p.Shares[l] > 0
		}
	}
	if !more {
		return p.Records
	}
	return min(p.Records, int64(float64(p.Records)*share+0.5))
}
