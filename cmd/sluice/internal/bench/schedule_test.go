package bench

import (
	"testing"
	"time"

	"sluice/pipeline"
)

func TestASchedulesTwoSidesAgree(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, rate := range []float64{0.5, 1, 3, 7, 50, 999.9, 12_345, 1e6 / 3, 2e6} {
		s := &schedule{start: start, rate: rate}
		for _, i := range []int64{0, 1, 2, 10, 999, 123_457, 987_654_321} {
			at := s.at(i)
			if n := s.by(at); n <= i || s.at(n-1).After(at) {
				t.Errorf("rate %v: record %d is due at %v, but %d are due by then", rate, i, at.Sub(start), n)
			}
			if before := at.Add(-time.Nanosecond); s.by(before) > i && s.at(i).After(before) {
				t.Errorf("rate %v: record %d is due before its time", rate, i)
			}
		}
	}
	s := &schedule{start: start, rate: 4}
	if got := s.at(10).Sub(start); got != 2500*time.Millisecond {
		t.Errorf("at 4 a second record 10 is due after %v, want 2.5s", got)
	}
	if n := s.by(start.Add(-time.Second)); n != 0 {
		t.Errorf("%d records are due before the start", n)
	}
}

func TestARecordFarOffIsNotDue(t *testing.T) {
	start := time.Now()
	s := &schedule{start: start, rate: 1e-300}
	if n := s.by(start.Add(time.Hour)); n != 1 {
		t.Errorf("%d records are due, want the first", n)
	}
	if wait := s.at(1).Sub(start); wait < 365*24*time.Hour {
		t.Errorf("the second record is due after %v, want as good as never", wait)
	}
}

func TestTheLanesSendTheRecordsOfThePlanTogether(t *testing.T) {
	for _, records := range []int64{1, 2, 3, 10, 1001, 1<<63 - 1} {
		for _, shares := range [][4]float64{{1, 1, 1, 1}, {1, 0, 0, 99}, {0, 1, 1, 1}, {0.1, 0.2, 0.3, 0}} {
			p := Plan{Records: records, Shares: shares}
			sum := int64(0)
			for l := range shares {
				n := p.limit(pipeline.Lane(l))
				if n < 0 || shares[l] == 0 && n > 0 {
					t.Errorf("%v of %d: lane %d sends %d", shares, records, l, n)
				}
				sum += n
			}
			if sum != records {
				t.Errorf("%v: the lanes send %d, want %d", shares, sum, records)
			}
		}
	}
}
