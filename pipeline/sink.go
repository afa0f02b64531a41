package pipeline

import "context"

// Sink is where a pipeline's batches end. The engine calls it from one
// goroutine. Both methods may block, and return an error soon after ctx ends; a sink
// that does not is abandoned after Config.Grace (ErrAbandoned), and must not be closed
// then. Otherwise whoever opened it closes it when Run has returned; the engine does not.
//
// Write takes over a group of batches, in order: the live records as rows, the
// dead ones as dead letters, and the progress of their sources. When it returns
// nil the batches are released: the sink keeps nothing of their memory. settled
// says that this group and all before it are durable, as the sink's own
// documentation defines it; a sink with transactions stores rows, dead letters
// and progress in one and returns true. After an error the run fails, and no
// progress vouches for the group: what a sink without transactions has of it all
// the same comes again. An error marked by Transient says that the group may be
// written again: nothing of it is stored, or the next Write finds out that all
// of it is. The engine waits, without limit, and calls Write with the same
// group, whose records may have been rejected meanwhile. Nothing else is written
// before. A *RecordError cannot be returned: a row that the sink cannot take is
// rejected by the stage that encodes it, or by Write itself through
// Record.Reject before it writes the batch's dead letters.
//
// Flush makes all that was written durable; the engine calls it at the end of a
// drain, and when something is not settled and nothing more has come for 100 ms.
// It is not called after a failed Write, and is called again after a Transient
// error of its own.
//
// The waits between calls are those of the last stage's Retry, whose Attempts do
// not count here; where that stage has a Breaker, its Delay once enough calls
// have failed.
type Sink interface {
	Write(ctx context.Context, g *Group) (settled bool, err error)
	Flush(ctx context.Context) error
}

// GroupSizer is declared by a Sink for which a group is dear, however small it
// is: it says how many records and bytes it wants at once at most, when they
// wait. For a second after records of several lanes came together its groups have an
// eighth of that. It may be asked more than once, and always says the same.
type GroupSizer interface {
	Sink
	GroupSize() (records int, bytes int64)
}

// Group is what a sink takes at once: batches of any lanes, each lane in
// order, and how far that brings their sources. A source may move without a
// batch, for what was dropped or blank, so there may be progress alone. It and all
// it holds are valid during Write only, but for the Progress values, which may be
// kept.
type Group struct {
	Batches  []*Batch
	Progress []Progress // one for each durable source that has moved
}
