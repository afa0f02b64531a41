package bench

import "time"

// schedule says when the records of one lane are due, evenly spaced.
type schedule struct {
	start time.Time
	rate  float64 // records a second, above 0
}

// farOff is as good as never, and no overflow.
const farOff = 100 * 365 * 24 * time.Hour

// at returns when record i, from 0, is to be sent.
func (s *schedule) at(i int64) time.Time {
	after := float64(i) / s.rate * float64(time.Second)
	return s.start.Add(time.Duration(min(after, float64(farOff))))
}

// by returns how many records are due at a time.
func (s *schedule) by(now time.Time) int64 {
	passed := now.Sub(s.start)
	if passed < 0 {
		return 0
	}
	n := int64(passed.Seconds()*s.rate) + 1
	// Both roundings can be off by one record; at decides.
	for n > 0 && s.at(n-1).After(now) {
		n--
	}
	for !s.at(n).After(now) {
		n++
	}
	return n
}
