package deadletter

import (
	"context"
	"errors"

	"sluice/pipeline"
)

// Store is where dead letters are kept, open. It is for one goroutine.
//
// Each calls visit for every letter of the filter in the order of their ids. With
// whole false the letters come without Record, Encoding and Errors. What visit is
// given is valid until it returns. An ErrEnough that it returns ends the walk, any
// other error is the walk's.
//
// Stats counts the letters of the filter by stage, code and lane.
//
// Delete takes the letters of the filter out, in one transaction, and returns how
// many they were. A letter that a pipeline settles in the meantime is deleted by one of
// the two, and counted only if that is this.
//
// Close gives the store back.
type Store interface {
	Each(ctx context.Context, f pipeline.LetterFilter, whole bool, visit func(*Stored) error) error
	Stats(ctx context.Context, f pipeline.LetterFilter) ([]pipeline.LetterCount, error)
	Delete(ctx context.Context, f pipeline.LetterFilter) (int64, error)
	Close() error
}

// ErrEnough is returned by a visitor that wants no more letters.
var ErrEnough = errors.New("enough letters")

// ErrReadOnly says that a store cannot be changed, only read.
var ErrReadOnly = errors.New("dead letters in a file can be read, not taken out")
