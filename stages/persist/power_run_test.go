package persist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"sluice/pipeline"
	"sluice/stages/ingest"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
	"sluice/stages/persist/sqlite/sqlitetest"
	"sluice/stages/validate"
)

// powerRun is one run of a pipeline over a disk that is recorded.
type powerRun struct {
	world *powerWorld
	power *disktest.Power
	dir   string

	mu      sync.Mutex // guards settled
	settled []int64    // the records, as they were settled; each mark on the disk is a length of it

	before    []int64 // settled before this run
	takenBack int     // of those so many are gone at the start
	again     int     // records that are there more than once
}

// run checks what is there, takes all input in, and checks again. An error says what
// was promised otherwise.
func (r *powerRun) run() error {
	sqlitetest.Watch(r.dir, &sqlitetest.Folder{Power: r.power})
	defer sqlitetest.Forget(r.dir)
	if err := r.takeIn(); err != nil {
		return err
	}
	if r.world.c.replays {
		if err := r.replay(); err != nil {
			return err
		}
	}
	sqlitetest.Forget(r.dir)
	found, err := r.look()
	if err != nil {
		return err
	}
	r.again = found.doubles()
	return found.checkWhole(r.before)
}

func (r *powerRun) open() (*Output, error) {
	o, err := open(r.world.t.Context(), r.world.config(r.dir), r.power.FS(disk.OS))
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	return o, nil
}

// takeIn takes the source in, from where the sink is.
func (r *powerRun) takeIn() (err error) {
	o, err := r.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if err := r.checkLeft(); err != nil {
		return err
	}
	if r.world.c.posts {
		return r.post(o)
	}
	progress, err := o.Progress(r.world.t.Context())
	if err != nil {
		return err
	}
	files, err := ingest.OpenFiles(r.world.files, progress, false, ingest.Config{Rule: powerRule})
	if err != nil {
		return err
	}
	return r.through(r.world.t.Context(), o, files, "strict.json")
}

// checkLeft checks what an earlier run has left, now that the sink is open and
// nothing has come in.
func (r *powerRun) checkLeft() error {
	found, err := r.look()
	if err != nil {
		return err
	}
	if err := found.check(); err != nil {
		return fmt.Errorf("at the start: %w", err)
	}
	for _, n := range r.settled {
		if found.times(n) == 0 {
			r.takenBack++
			if r.world.c.keeps {
				return fmt.Errorf("at the start: record %d was settled and is gone", n)
			}
		}
	}
	if !r.world.c.posts { // a file is read again
		r.settled = slices.DeleteFunc(r.settled, func(n int64) bool { return found.times(n) == 0 })
		r.power.Mark(int64(len(r.settled)))
	}
	r.before = slices.Clone(r.settled)
	return nil
}

// through runs a pipeline of validation and encoding.
func (r *powerRun) through(ctx context.Context, o *Output, source pipeline.Source, schema string) error {
	checks, err := validate.New(validate.Config{Schema: r.world.root + "/" + schema})
	if err != nil {
		return err
	}
	var lanes [pipeline.LaneCount]pipeline.LaneConfig
	for l := range lanes {
		lanes[l].Capacity = 8 // batches and groups are small then, and many
	}
	p, err := pipeline.New(pipeline.Config{
		Sink: &notingSink{Sink: o.Sink(), run: r},
		Stages: []pipeline.StageConfig{
			{Name: "validate", Stage: checks, Workers: 2, Lanes: lanes},
			{Name: "persist", Stage: o.Encoder(), Workers: 2, Lanes: lanes},
		},
	})
	if err != nil {
		return err
	}
	err = p.Run(ctx, source)
	if l := p.Status().Ledger; !l.Closes() || l.Left > 0 {
		err = errors.Join(err, fmt.Errorf("the ledger: %+v", l))
	}
	return err
}

// settle notes that records are settled by now.
func (r *powerRun) settle(records []int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled = append(r.settled, records...)
	r.power.Mark(int64(len(r.settled)))
}

// notingSink notes what the sink has settled, of files.
type notingSink struct {
	pipeline.Sink
	run  *powerRun
	open []int64
}

func (s *notingSink) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	s.run.world.clock.Add(300)
	for _, b := range g.Batches {
		for i := range b.Len() {
			s.open = append(s.open, numberOf(b.Record(i).Raw()))
		}
	}
	settled, err = s.Sink.Write(ctx, g)
	if settled {
		s.settle()
	}
	return settled, err
}

func (s *notingSink) Flush(ctx context.Context) error {
	err := s.Sink.Flush(ctx)
	if err == nil {
		s.settle()
	}
	return err
}

func (s *notingSink) settle() {
	if !s.run.world.c.posts {
		s.run.settle(s.open)
	}
	s.open = s.open[:0]
}

// post sends all bodies that nobody has answered yet, several at a time.
func (r *powerRun) post(o *Output) error {
	bodies := ingest.NewBodies(ingest.Config{Rule: powerRule}, ingest.BodyLimits{})
	ctx, stop := context.WithCancel(r.world.t.Context())
	done := make(chan error, 1)
	ready := bodies.Ready()
	go func() { done <- r.through(ctx, o, bodies, "strict.json") }()
	<-ready
	var senders sync.WaitGroup
	errs := make([]error, 3)
	answered := map[int64]bool{}
	for _, n := range r.before {
		answered[n] = true
	}
	for i := range errs {
		senders.Go(func() {
			for n := int64(i * powerPost); n < powerRecords && errs[i] == nil; n += int64(len(errs) * powerPost) {
				if !answered[n] {
					errs[i] = r.postOne(ctx, bodies, n)
				}
			}
		})
	}
	senders.Wait()
	stop()
	if err := <-done; !errors.Is(err, pipeline.ErrStopped) {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// postOne sends the body that begins with a record.
func (r *powerRun) postOne(ctx context.Context, bodies *ingest.Bodies, first int64) error {
	var body strings.Builder
	var records []int64
	for n := first; n < min(first+powerPost, powerRecords); n++ {
		body.WriteString(powerLine(int(n)))
		records = append(records, n)
	}
	answer, err := bodies.Post(ctx, strings.NewReader(body.String()), pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: pipeline.DefaultPostTimeout})
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	if answer.Persisted+answer.Dead != int64(len(records)) {
		return fmt.Errorf("the answer to %d records: %+v", len(records), answer)
	}
	r.settle(records)
	return nil
}

// replay sends the dead letters through again. The schema is mended by now.
func (r *powerRun) replay() (err error) {
	o, err := r.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	letters, err := OpenLetters(r.world.t.Context(), r.world.config(r.dir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, letters.Close()) }()
	return r.through(r.world.t.Context(), o, &deadletter.Replay{Store: letters, MaxRecordBytes: pipeline.DefaultMaxRecordBytes}, "lenient.json")
}
