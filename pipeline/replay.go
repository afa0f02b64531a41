package pipeline

// Replay says that the intake's lines are dead letters that come again: what Add
// takes for a line's number is its letter's id, which Record.Letter returns. The
// sink settles the letter in the transaction that settles the record. The first
// skip stages pass the records on untouched. Call it before the first Begin.
func (in *Intake) Replay(skip int) { in.replays, in.skip = true, skip }

// Replayed says that the batch's records are dead letters that come again.
func (b *Batch) Replayed() bool { return b.intake != nil && b.intake.replays }

// AsReplay makes the batch one of dead letters with the given ids, for tests of
// stages and sinks of one's own.
func (b *Batch) AsReplay(ids ...int64) *Batch {
	b.intake = &Intake{replays: true}
	for i, id := range ids {
		b.records[i].line = id
	}
	return b
}

// skips says whether a stage passes the batch on untouched.
func (b *Batch) skips(stage int) bool { return b.intake != nil && stage < b.intake.skip }

// Letter returns the id of the dead letter that the record was, 0 for a record
// that comes in for the first time.
func (r *Record) Letter() int64 {
	if !r.batch.Replayed() {
		return 0
	}
	return r.line
}

// LetterFate is what becomes of a replayed record's letter.
type LetterFate uint8

// The fates of a letter.
const (
	LetterStays   LetterFate = iota // as it is: the record was given up on the way, or is no replay
	LetterGoes                      // the record is a row, or was taken out on purpose
	LetterChanges                   // the record is dead again: the letter takes the new reason
)

// LetterFate says what the sink has to do about the record's letter, in the
// transaction that settles the record and after its row was tried.
func (r *Record) LetterFate() LetterFate {
	switch {
	case !r.batch.Replayed() || r.state == stateDropped:
		return LetterStays
	case r.state == stateDead:
		return LetterChanges
	}
	return LetterGoes
}
