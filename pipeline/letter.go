package pipeline

import "time"

// LetterFilter says which dead letters are meant: those for which all that is
// set holds. The zero value means all.
type LetterFilter struct {
	IDs     []int64
	Stages  []string // any of them, as those below
	Codes   []string
	Lanes   []string
	Sources []string
	Since   time.Time // stored then or later
	Until   time.Time // stored before
	After   int64     // of a higher id
	UpTo    int64     // of this id or a lower one; 0 for no bound
	Limit   int       // so many at most, the lowest ids; 0 for no bound
}

// All says whether the filter leaves nothing out.
func (f *LetterFilter) All() bool {
	return len(f.IDs) == 0 && len(f.Stages) == 0 && len(f.Codes) == 0 && len(f.Lanes) == 0 && len(f.Sources) == 0 &&
		f.Since.IsZero() && f.Until.IsZero() && f.After == 0 && f.UpTo == 0 && f.Limit == 0
}

// LetterCount is how many dead letters one stage gave one code in one lane.
type LetterCount struct {
	Stage string `json:"stage"`
	Code  string `json:"code"`
	Lane  string `json:"lane"`
	Count int64  `json:"count"`
	First string `json:"first"` // when the oldest was stored: RFC 3339, UTC, milliseconds
	Last  string `json:"last"`  // when the newest was
	MaxID int64  `json:"max_id"`
}

// ReplayOptions say how dead letters are sent through again.
type ReplayOptions struct {
	// FromFailed passes the stages by that the record had passed before it died,
	// as far as what they did to it is not lost; else it goes through all.
	FromFailed bool
	Lane       *Lane // nil for the lane of each letter
}

// ReplayResult is what became of dead letters that were sent through again. Those
// in no term were not sent, or not settled: they are still there.
type ReplayResult struct {
	Sent      int64 `json:"sent"`
	Persisted int64 `json:"persisted"` // rows now, and no dead letters any more
	Dead      int64 `json:"dead"`      // failed again: they keep their id
	Filtered  int64 `json:"filtered"`  // taken out by a step, or gone when their turn came
	Dropped   int64 `json:"dropped"`   // given up by a full mode or a rate limit: still dead letters
	Skipped   int64 `json:"skipped"`   // cannot be sent: Errors says why
	// Errors are why letters failed again or were skipped, a bounded number of them.
	Errors []ReplayError `json:"errors"`
}

// ReplayError is why one letter could not come back.
type ReplayError struct {
	ID      int64  `json:"id"`
	Code    Code   `json:"code"`
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}
