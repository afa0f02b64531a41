package bench

import (
	"context"
	"errors"
	"os"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// pipeWrite is how many bytes are written into the pipe at once, at most: what
// a pipe holds.
const pipeWrite = 64 << 10

// runThrough writes the sender's records into a pipe, from which the source of
// stdin reads them.
func (s *sender) runThrough(ctx context.Context, feed pipeline.Feed, cfg ingest.Config) error {
	r, w, err := os.Pipe()
	if err != nil {
		s.finish()
		return err
	}
	defer r.Close()
	cfg.Rule = s.rule
	stream := ingest.NewStream(r, "bench "+s.lane.String(), cfg)
	written := make(chan error, 1)
	go func() {
		defer s.finish()
		defer w.Close()
		written <- s.write(ctx, w)
	}()
	err = stream.Run(context.WithoutCancel(ctx), feed)
	_ = r.Close() // a writer that still waits fails
	return errors.Join(err, <-written)
}

// write writes until the limit is reached or the context ends.
func (s *sender) write(ctx context.Context, w *os.File) error {
	var buffer []byte
	for {
		sent := s.progress.sent.Load()
		due := min(s.pace.due(ctx, sent), s.limit)
		if due <= sent {
			return nil
		}
		buffer = buffer[:0]
		i := sent
		for i < due && (len(buffer) == 0 || len(buffer)+s.lines.size(i) <= pipeWrite) {
			buffer = s.lines.append(buffer, i)
			i++
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
		s.progress.add(i - sent)
	}
}
