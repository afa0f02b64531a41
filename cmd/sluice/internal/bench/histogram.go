package bench

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The range and precision of times: up to longest, in steps of a microsecond, or
// of a thousandth where that is more.
const (
	shortest  = int64(time.Microsecond)
	longest   = int64(24 * time.Hour)
	precision = 3 // digits
)

// histogram counts times in a fixed room. For one goroutine.
type histogram struct{ counts *hdrhistogram.Histogram }

func newHistogram() *histogram {
	return &histogram{hdrhistogram.New(shortest, longest, precision)}
}

// add counts a time n times.
func (h *histogram) add(d time.Duration, n int64) {
	_ = h.counts.RecordValues(min(max(int64(d), 0), longest), n) // within the range it cannot fail
}

// times returns what was counted.
func (h *histogram) times() Times {
	if h == nil || h.counts.TotalCount() == 0 {
		return Times{}
	}
	at := func(percentile float64) float64 { return milliseconds(h.counts.ValueAtPercentile(percentile)) }
	return Times{
		Count: h.counts.TotalCount(), Mean: milliseconds(int64(h.counts.Mean())),
		P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: milliseconds(h.counts.Max()),
	}
}
