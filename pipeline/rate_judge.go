package pipeline

import "time"

// judgeLocked decides on a claim and takes its permits, or says which limit
// makes it wait and for how long, if nobody else takes of it; never when it
// waits for somebody more urgent. kept says that there is one who waits for the
// common limit.
//
// Where both limits make senders wait, or neither does, records pass when both
// permit, and only those that pass are counted by either. Where the lane's makes
// them wait and the common one does not, what comes through the lane's limit
// counts there and is then judged by the common one.
func (r *rates) judgeLocked(c *rateClaim, now time.Time, kept bool) (v rateVerdict, by *rateLimit, wait time.Duration) {
	own, common := r.lanes[c.lane], r.common
	ownWaits, commonWaits := own.waits(c.refuses), common.waits(c.refuses)
	looked, permitted := c.n, c.n // records looked at; of these, what the lane's limit permits
	if own != nil {
		permitted = min(looked, own.permits(now))
		if ownWaits {
			if need := c.need(own, looked); permitted < need {
				return v, own, own.until(now, need)
			}
			looked = permitted
		}
	}
	v.pass = permitted
	if common != nil && permitted > 0 {
		v.pass = 0
		if !kept {
			v.pass = min(permitted, common.permits(now))
		}
		if need := c.need(common, permitted); commonWaits && v.pass < need {
			if kept {
				return rateVerdict{}, common, never
			}
			return rateVerdict{}, common, common.until(now, need)
		}
		common.take(now, v.pass)
	}
	if !commonWaits || v.pass == permitted {
		v.common, v.own = permitted-v.pass, looked-permitted
	}
	switch {
	case own == nil:
	case ownWaits && !commonWaits:
		own.take(now, permitted)
	default:
		own.take(now, v.pass)
	}
	return v, nil, 0
}

// need returns how many of n records a claim waits for at least.
func (c *rateClaim) need(l *rateLimit, n int) int {
	if c.hurried {
		return 1
	}
	return min(n, l.least)
}
