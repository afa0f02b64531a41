package pipeline

// cursor remembers how far stage code got in a batch, so that the pool can go
// on after a record that failed. A Process may range over Each several times;
// each range is a pass.
type cursor struct {
	at       int // record being worked on, -1 outside a pass
	pass     int // passes begun in this call of Process
	lo, hi   int // records that Each may yield; hi 0 for all
	donePass int // passes that had finished before the failure
	from     int // where the broken pass goes on
}

func (c *cursor) reset() { *c = cursor{at: -1} }

// begin starts a pass over n records and returns the range to yield.
func (c *cursor) begin(n int) (from, to int) {
	c.pass++
	from, to = c.lo, n
	if c.hi > 0 {
		to = min(n, c.hi)
	}
	switch {
	case c.pass <= c.donePass:
		return to, to
	case c.pass == c.donePass+1:
		from = max(from, c.from)
	}
	return from, to
}

// end finishes a pass that came to its end.
func (c *cursor) end() { c.at = -1 }

// resume prepares the next call of Process to go on after the record under the
// cursor.
func (c *cursor) resume() {
	c.again()
	c.from++
}

// again prepares the next call of Process to go on with the record under the
// cursor.
func (c *cursor) again() {
	c.donePass, c.from = c.pass-1, c.at
	c.pass, c.at = 0, -1
}
