package pipeline

import "slices"

// FullMode says what happens when a batch comes to a lane that has no room.
type FullMode string

// The full modes.
const (
	FullWait       FullMode = "wait"        // the sender waits: back-pressure
	FullDropWrite  FullMode = "drop-write"  // the newcomer is dropped
	FullDropOldest FullMode = "drop-oldest" // those that have waited longest are dropped until the newcomer fits
	FullDropNewest FullMode = "drop-newest" // those that came last are dropped until the newcomer fits
)

// FullModes lists them all, the default first.
var FullModes = []FullMode{FullWait, FullDropWrite, FullDropOldest, FullDropNewest}

// Valid says whether m is one of FullModes.
func (m FullMode) Valid() bool { return slices.Contains(FullModes, m) }

// DropTo says what becomes of a record that a full mode, or a rate limit, drops.
type DropTo string

// Where dropped records go.
const (
	// DropToNowhere counts them by stage, lane and reason, and lets them go.
	DropToNowhere DropTo = "count"
	// DropToDeadLetter makes them dead letters with the code "dropped_" and
	// the reason. They keep their bytes and travel on to the sink in the order of
	// their lane, but take no room in a lane any more; the byte budget bounds them.
	DropToDeadLetter DropTo = "dead-letter"
)

// DropReason says why a record was dropped.
type DropReason uint8

// The reasons.
const (
	DropWrite DropReason = iota
	DropOldest
	DropNewest
	DropRate        // beyond a rate limit at the intake
	DropReasonCount // how many there are
)

var dropReasonNames = [DropReasonCount]string{"write", "oldest", "newest", "rate"}

// String returns the name that metrics and codes use.
func (r DropReason) String() string { return dropReasonNames[r] }

// Code returns the code of a dead letter that was dropped for the reason.
func (r DropReason) Code() Code { return Code("dropped_" + dropReasonNames[r]) }
