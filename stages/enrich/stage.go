package enrich

import (
	"context"
	"sync"
	"time"

	"sluice/pipeline"
	"sluice/stages/enrich/table"
	"sluice/stages/expression"
)

// Stage applies the steps. It implements pipeline.Stage; any number of workers
// may call Process at once. It starts no goroutine and needs no closing.
type Stage struct {
	maxDepth int
	steps    []step
	tables   []*table.Live // of the lookup steps, in order
	workers  sync.Pool     // of *worker
}

// step is one step of the list. apply may reject the record or filter it out,
// which ends its way through the steps.
type step interface {
	apply(w *worker, r *pipeline.Record)
}

// worker is what one call of Process needs for itself.
type worker struct {
	machine expression.Machine
	tables  []*table.Table // as they were when the batch began
	text    []byte         // of a lookup's field
}

// New builds the stage: it compiles the expressions and loads the tables. The
// error joins every mistake, each a *pipeline.ConfigError; it is what
// Config.Validate returns.
func New(config Config) (*Stage, error) {
	b := builder{config: config, now: time.Now()}
	s := b.stage()
	if err := b.err(); err != nil {
		return nil, err
	}
	if s.maxDepth = config.MaxDepth; s.maxDepth <= 0 {
		s.maxDepth = pipeline.DefaultMaxDepth
	}
	s.workers.New = func() any { return &worker{tables: make([]*table.Table, len(s.tables))} }
	return s, nil
}

// Validate reports every mistake at once, those that only show when the tables
// are read included. Keys are relative to the stage's section of the file:
// "steps[2].lookup.table". New reports the same; who calls New need not call
// Validate before.
func (c Config) Validate() error {
	c.Warn = nil // New will say it
	b := builder{config: c, now: time.Now()}
	b.stage()
	return b.err()
}

// Process implements pipeline.Stage. A batch sees one state of each table.
func (s *Stage) Process(ctx context.Context, b *pipeline.Batch) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	w := s.workers.Get().(*worker)
	defer s.put(w)
	if len(s.tables) > 0 {
		now := time.Now()
		for i, live := range s.tables {
			live.Refresh(now)
			w.tables[i] = live.Current()
		}
	}
	for r := range b.Each() {
		if err := r.Index(s.maxDepth); err != nil {
			r.Reject(err)
			continue
		}
		for _, step := range s.steps {
			if step.apply(w, r); !r.Live() {
				break
			}
		}
	}
	return nil
}

// put gives a worker back, without what it knows of the batch.
func (s *Stage) put(w *worker) {
	w.machine.Release()
	s.workers.Put(w)
}

// TableInfo describes a loaded table.
type TableInfo struct {
	Path       string
	Rows       int
	Bytes      int64 // of memory, about
	Duplicates int   // rows whose key comes again further down
}

// Tables describes the tables of the lookup steps as they are now, in order.
func (s *Stage) Tables() []TableInfo {
	infos := make([]TableInfo, len(s.tables))
	for i, live := range s.tables {
		t := live.Current()
		infos[i] = TableInfo{Path: live.Path(), Rows: t.Len(), Bytes: t.Bytes(), Duplicates: t.Duplicates()}
	}
	return infos
}
