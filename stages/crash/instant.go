package crash

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Instant is something that the process does again and again.
type Instant string

// The instants.
const (
	Read       Instant = "read"       // of a chunk of the input
	Begin      Instant = "begin"      // of a transaction
	Claim      Instant = "claim"      // of the letters of replayed records
	Rows       Instant = "rows"       // of a group go in
	Upsert     Instant = "upsert"     // of the rows that PostgreSQL has in a temporary table
	Dead       Instant = "dead"       // letters of a group go in
	Letters    Instant = "letters"    // of replayed records go, or change
	Progress   Instant = "progress"   // of a group's sources moves
	Commit     Instant = "commit"     // of a transaction
	Answer     Instant = "answer"     // of PostgreSQL to a COMMIT that it was sent
	Checkpoint Instant = "checkpoint" // of SQLite's log, in the middle of a run
	Close      Instant = "close"      // of SQLite's database, with the last checkpoint
	Write      Instant = "write"      // of lines to a file; in its middle, half of them are there
	Sync       Instant = "sync"       // of a file
	Vouch      Instant = "vouch"      // of the progress beside a file, which takes the place of the one before
	Rotate     Instant = "rotate"     // of a partial file, which becomes a finished one
	SyncDir    Instant = "syncdir"    // of a directory
	Truncate   Instant = "truncate"   // of a file
)

// Spec says when the process ends.
type Spec struct {
	Instant Instant
	After   bool          // it is done; otherwise it is about to be
	Count   int           // which time, from 1
	Delay   time.Duration // how long it goes on from there; 0 for not at all
}

// String is the inverse of Parse.
func (s Spec) String() string {
	when := "before"
	if s.After {
		when = "after"
	}
	return fmt.Sprintf("%s %s %d %s", when, s.Instant, s.Count, s.Delay)
}

// Parse reads "before commit 3 250us": when the third commit is about to be
// sent, 250 microseconds later.
func Parse(text string) (Spec, error) {
	fail := func() (Spec, error) {
		return Spec{}, fmt.Errorf("crash at %q: expected before or after, an instant, which time and a delay, such as: before commit 3 250us", text)
	}
	f := strings.Fields(text)
	if len(f) != 4 || f[0] != "before" && f[0] != "after" {
		return fail()
	}
	count, err := strconv.Atoi(f[2])
	if err != nil || count < 1 {
		return fail()
	}
	delay, err := time.ParseDuration(f[3])
	if err != nil || delay < 0 {
		return fail()
	}
	return Spec{Instant: Instant(f[1]), After: f[0] == "after", Count: count, Delay: delay}, nil
}
