package pipeline

import (
	"errors"
	"time"
)

// What can become of a body that was posted, for errors.Is, beside ErrFull (a
// lane had no room and the sender would not wait: Refused says which lines),
// ErrRateLimited (lines were beyond a rate limit, and the sender would not wait or
// may not: a *RateError) and ErrUnsettled (the run ended first).
var (
	// ErrNoRun says that no run takes bodies now; nothing was taken in.
	ErrNoRun = errors.New("there is no run to take records")
	// ErrPaused says that the run is paused and the sender would not wait.
	ErrPaused = errors.New("the run is paused")
	// ErrTimeout says that the sender's time was over before everything it
	// sent was in, or settled: what becomes of it is not known.
	ErrTimeout = errors.New("not done within the time given; the outcome is unknown")
	// ErrBodyTooLarge says that the body went beyond its limit, compressed or
	// not. The lines before the limit may have been taken in.
	ErrBodyTooLarge = errors.New("the body is larger than the limit")
	// ErrBadEncoding says that the body's bytes are not what its encoding says.
	// The lines before that place may have been taken in.
	ErrBadEncoding = errors.New("the body is not what its encoding says")
	// ErrBodyCutOff says that the body ended before its length, or its encoding,
	// did. The whole lines before may have been taken in; half a line is not.
	ErrBodyCutOff = errors.New("the body was cut off")
)

// Ack says when a post is answered.
type Ack string

// When a post is answered.
const (
	AckPersisted Ack = "persisted" // when every line is settled
	AckAccepted  Ack = "accepted"  // when every line is in
)

// DefaultPostTimeout is how long a post waits unless told otherwise.
const DefaultPostTimeout = 30 * time.Second

// PostOptions say how to take one body.
type PostOptions struct {
	Encoding string // "" for plain bytes, "gzip" or "zstd"
	Lane     *Lane  // beats the lane rule; nil leaves it to the rule
	Ack      Ack
	// Timeout bounds the waiting, for room and for settlement, from the start
	// of the post. 0 does not wait for room: what finds none at once is refused
	// with ErrFull, ErrRateLimited or ErrPaused; what went in is then waited for, as Ack says,
	// for at most DefaultPostTimeout.
	Timeout time.Duration
}

// PostResult is what became of a body's lines. It is true beside an error too,
// as far as is known then: what is accepted and in no other term is not settled.
type PostResult struct {
	Accepted  int64 // lines taken in
	Persisted int64 // settled as rows
	Dead      int64 // settled as dead letters
	Dropped   int64 // by a full mode or a rate limit
	Filtered  int64 // taken out on purpose
	// Errors are the reasons of dead letters in the order they were settled, a
	// bounded number of them: Dead says how many there are.
	Errors []LineError
	// Refused are the numbers of the lines that were not taken in.
	Refused []int64
	// Durable says that what was accepted outlives the process.
	Durable bool
}
