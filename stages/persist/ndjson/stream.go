package ndjson

import (
	"context"
	"io"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// Stream is the sink for a writer such as stdout. A group is settled when the
// writer has taken it: how long it lasts is the reader's business. There is no
// progress, so what is read again comes out again.
type Stream struct {
	w    io.Writer
	dead *deadletter.File
	rows parts
}

// NewStream returns the sink. Dead letters go to their file.
func NewStream(w io.Writer, dead *deadletter.File) *Stream { return &Stream{w: w, dead: dead} }

// Write implements pipeline.Sink. A stream cannot take back what its reader
// may have seen: after an error some rows of the group may be out, unless it is
// transient, which only one of the dead letters is.
func (s *Stream) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	if err := s.rows.collect(g); err != nil {
		return false, err
	}
	if err := s.dead.Write(g.Batches); err != nil {
		return false, transient(err)
	}
	for _, rows := range s.rows.bytes {
		if _, err := s.w.Write(rows); err != nil {
			return false, ExplainStdout(err)
		}
	}
	s.dead.Done()
	s.rows.release(g)
	return true, nil
}

// Flush implements pipeline.Sink: it makes the dead letters durable.
func (s *Stream) Flush(context.Context) error { return s.dead.Sync() }

// Close closes the file of dead letters; the writer stays open.
func (s *Stream) Close() error { return s.dead.Close() }
