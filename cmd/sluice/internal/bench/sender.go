package bench

import (
	"context"
	"sync/atomic"
	"time"

	"sluice/pipeline"
)

// sender sends the records of one lane. It fills chunks from lines made before,
// and takes in what is due, at most a chunk at once.
type sender struct {
	lane     pipeline.Lane
	lines    *lines
	rule     pipeline.LaneRule
	pace     pace
	schedule *schedule // nil without a rate
	late     *histogram
	limit    int64 // records
	progress progress
	offered  atomic.Int64 // that were due, as of the end
	at       pipeline.Point
	ends     []int // of the lines in the present chunk
}

// finish counts what was due, sent or not.
func (s *sender) finish() {
	n := s.progress.sent.Load()
	if s.schedule != nil {
		n = max(n, min(s.limit, s.schedule.by(time.Now())))
	}
	s.offered.Store(n)
	close(s.progress.ended)
}

// run sends until the limit is reached or the context ends.
func (s *sender) run(ctx context.Context, feed pipeline.Feed) error {
	defer s.finish()
	in, err := feed.Intake(pipeline.Progress{Name: "bench " + s.lane.String()}, s.rule)
	if err != nil {
		return err
	}
	for {
		sent := s.progress.sent.Load()
		due := min(s.pace.due(ctx, sent), s.limit)
		if due <= sent {
			return nil
		}
		if err := s.send(ctx, in, sent, due-sent); err != nil {
			return err
		}
	}
}

// send takes in at most n records, those that fit into a chunk.
func (s *sender) send(ctx context.Context, in *pipeline.Intake, first, n int64) error {
	c := pipeline.NewChunk()
	s.ends = s.ends[:0]
	for i := first; i < first+n && (len(c.Bytes) == 0 || len(c.Bytes)+s.lines.size(i) <= pipeline.ChunkSize); i++ {
		c.Bytes = s.lines.append(c.Bytes, i)
		s.ends = append(s.ends, len(c.Bytes))
	}
	c.Start = s.at
	s.at.Position += int64(len(c.Bytes))
	s.at.Line += int64(len(s.ends))
	c.End = s.at
	position, line := c.Start.Position, c.Start.Line
	in.Begin(c)
	start := 0
	for _, end := range s.ends {
		line++
		in.Add(c.Bytes[start:end-1], position+int64(start), line)
		start = end
	}
	err := in.Flush(ctx)
	s.progress.add(int64(len(s.ends)))
	return err
}
