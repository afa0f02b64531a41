package pipeline

import "time"

// urgentWork is how long a commit may work while a more urgent lane waits.
const urgentWork = 5 * time.Millisecond

// pace is how long the sink takes for a record, as the last groups had it. For
// one goroutine.
type pace struct{ record float64 } // nanoseconds; 0 while nothing is known

// note adds a group to what is known. The last one counts for a quarter.
func (p *pace) note(records int, took time.Duration) {
	if records == 0 {
		return
	}
	each := float64(took) / float64(records)
	if p.record == 0 {
		p.record = each
	}
	p.record += (each - p.record) / 4
}

// within says whether n records take less than d, as far as is known.
func (p *pace) within(n int, d time.Duration) bool { return p.record*float64(n) < float64(d) }
